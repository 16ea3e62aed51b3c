// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/daemon_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

namespace chaski::bench {
namespace {

void write_config(const std::string& file, const std::string& folder, const std::string& socket,
                  std::uint16_t port, const std::vector<std::uint16_t>& peers) {
  std::string list;
  for (const auto peer : peers) list += fmt::format("\"127.0.0.1:{}\", ", peer);
  std::ofstream(file) << fmt::format(
      "[node]\nstate = \"{}/state\"\n[store]\nquota_bytes = 34359738368\n[api]\nsocket = "
      "\"{}\"\n[lan]\nport = {}\n"
      "listen = [\"127.0.0.1\"]\ndiscover = false\npeers = [{}]\n[ble]\nenabled = false\n"
      "[log]\nlevel = \"warning\"\n",
      folder, socket, port, list);
}

void run_on(unsigned core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

/// Time on a processor of all threads, to the nanosecond.
double cpu_seconds(pid_t pid) {
  double ns = 0;
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
    double on_cpu = 0;
    std::ifstream(task.path() / "schedstat") >> on_cpu;
    ns += on_cpu;
  }
  return ns / 1e9;
}

std::string read_all(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port on loopback");
  return ntohs(address.sin_port);
}

DaemonProcess::DaemonProcess(const DaemonSettings& settings)
    : folder_(settings.folder + "/" + settings.name), socket_(folder_ + "/api.sock"),
      api_(socket_) {
  std::filesystem::create_directories(folder_);
  const std::string config = folder_ + "/chaskid.toml";
  write_config(config, folder_, socket_, settings.port, settings.peers);
  pid_ = ::fork();
  if (pid_ == 0) {
    if (settings.core) run_on(*settings.core);
    const int log = ::open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    const char* program = settings.program.c_str();
    ::execl(program, program, "--config", config.c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < 2'000; ++i) {
    try {
      get("/v1/status");
      return;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  throw std::runtime_error(settings.name + " does not answer: " + read_all(folder_ + "/log"));
}

DaemonProcess::~DaemonProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
}

nlohmann::json DaemonProcess::get(const std::string& path) {
  return nlohmann::json::parse(api_.request("GET", path, "", "application/json"));
}
nlohmann::json DaemonProcess::post(const std::string& path, const nlohmann::json& body) {
  return nlohmann::json::parse(api_.request("POST", path, body.dump(), "application/json"));
}
std::string DaemonProcess::post_lines(const std::string& lines) {
  return api_.request("POST", "/v1/messages", lines, "application/x-ndjson");
}

void DaemonProcess::post_texts(const std::string& to, const std::string& text,
                               std::size_t count) const {
  constexpr std::size_t kConnections = 32;
  std::atomic<std::size_t> next = 0;
  std::mutex guard;
  std::exception_ptr failed;
  const auto post = [&] {
    try {
      ApiConnection api(socket_);
      while (next++ < count) {
        api.request("POST", "/v1/messages?to=" + to, text, "text/plain; charset=utf-8");
      }
    } catch (...) {
      const std::lock_guard lock(guard);
      failed = std::current_exception();
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kConnections; ++i) threads.emplace_back(post);
  threads.clear();
  if (failed) std::rethrow_exception(failed);
}

Usage DaemonProcess::usage() const {
  Usage usage;
  usage.cpu_s = cpu_seconds(pid_);
  std::istringstream status(read_all(fmt::format("/proc/{}/status", pid_)));
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") status >> usage.rss_kib;
    if (word == "VmHWM:") status >> usage.rss_peak_kib;
  }
  return usage;
}

}  // namespace chaski::bench
