// SPDX-License-Identifier: Apache-2.0
#include "fake_bus.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "bus_value.hpp"

namespace chaski::transport_ble {
namespace {

std::string config(const std::string& address, FakeBus::Policy policy) {
  const char* deny =
      policy == FakeBus::Policy::kDenyBluez ? "<deny send_destination='org.bluez'/>" : "";
  return "<busconfig><listen>" + address +
         "</listen><auth>EXTERNAL</auth><policy context='default'><allow user='*'/>"
         "<allow own='*'/><allow send_destination='*'/><allow receive_sender='*'/>" +
         deny + "</policy></busconfig>";
}

}  // namespace

FakeBus::FakeBus(Policy policy) {
  std::string name = (std::filesystem::temp_directory_path() / "chaski-bus-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for a bus");
  folder_ = name;
  address_ = "unix:path=" + folder_ + "/socket";
  std::ofstream(folder_ + "/bus.conf") << config(address_, policy);
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", address_.c_str(), 1);
  start();
}

FakeBus::~FakeBus() {
  die();
  std::filesystem::remove_all(folder_);
}

void FakeBus::start() {
  std::filesystem::remove(folder_ + "/socket");
  int ends[2];
  check(::pipe2(ends, O_CLOEXEC));
  const std::string file = "--config-file=" + folder_ + "/bus.conf";
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const int log = ::open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log >= 0) ::dup2(log, 2);
    ::dup2(ends[1], 3);
    if (ends[1] == 3) ::fcntl(3, F_SETFD, 0);
    ::execlp("dbus-daemon", "dbus-daemon", file.c_str(), "--nofork", "--nopidfile", "--nosyslog",
             "--print-address=3", nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  char said[256];
  // It says its address when it listens.
  const auto got = ::read(ends[0], said, sizeof said);
  ::close(ends[0]);
  if (got <= 0) throw std::runtime_error("dbus-daemon does not start; is it installed?");
  sd_bus* bus = nullptr;
  check(sd_bus_new(&bus));
  own_.reset(bus);
  check(sd_bus_set_address(bus, address_.c_str()));
  check(sd_bus_set_bus_client(bus, 1));
  check(sd_bus_start(bus));
}

void FakeBus::die() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
  own_.reset();
}

void FakeBus::fence() {
  if (!own_) return;
  for (int turn = 0; turn < 2; ++turn) {
    check(sd_bus_call_method(own_.get(), "org.freedesktop.DBus", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus.Peer", "Ping", nullptr, nullptr, nullptr));
  }
}

}  // namespace chaski::transport_ble
