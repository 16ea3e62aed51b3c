// SPDX-License-Identifier: Apache-2.0
#include "embedded/boards/host/host_uart.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace chaski::embedded {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void make_raw(int descriptor, const std::string& name) {
  termios settings{};
  if (tcgetattr(descriptor, &settings) != 0) fail(name);
  cfmakeraw(&settings);
  if (tcsetattr(descriptor, TCSANOW, &settings) != 0) fail(name);
}

}  // namespace

HostUart::HostUart(const std::string& name) {
  constexpr const char* kSocket = "socket:";
  constexpr const char* kPty = "pty:";
  if (name.starts_with(kSocket)) {
    listen_at(name.substr(std::strlen(kSocket)));
  } else if (name.starts_with(kPty)) {
    open_pty(name.substr(std::strlen(kPty)));
  } else {
    open_device(name);
  }
}

HostUart::~HostUart() {
  for (const int descriptor : {listener_, peer_, other_end_}) {
    if (descriptor >= 0) close(descriptor);
  }
  if (!path_.empty()) unlink(path_.c_str());
}

void HostUart::listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(path);
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  unlink(path.c_str());
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, sizeof address) != 0 || listen(listener_, 1) != 0) {
    fail(path);
  }
  path_ = path;
}

void HostUart::open_pty(const std::string& path) {
  peer_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (peer_ < 0 || grantpt(peer_) != 0 || unlockpt(peer_) != 0) fail("pseudo terminal");
  const std::string name = ptsname(peer_);
  other_end_ = open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (other_end_ < 0) fail(name);
  make_raw(other_end_, name);
  unlink(path.c_str());
  if (symlink(name.c_str(), path.c_str()) != 0) fail(path);
  path_ = path;
}

void HostUart::open_device(const std::string& path) {
  peer_ = open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (peer_ < 0) fail(path);
  make_raw(peer_, path);
}

void HostUart::accept_peer() {
  if (peer_ < 0 && listener_ >= 0) {
    peer_ = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }
}

void HostUart::lose_peer() {
  if (listener_ < 0) return;
  close(peer_);
  peer_ = -1;
}

std::size_t HostUart::read(std::uint8_t* out, std::size_t room) {
  accept_peer();
  if (peer_ < 0) return 0;
  const ssize_t size = ::read(peer_, out, room);
  if (size > 0) return static_cast<std::size_t>(size);
  if (size == 0 || (errno != EAGAIN && errno != EINTR)) lose_peer();
  return 0;
}

std::size_t HostUart::write(const std::uint8_t* bytes, std::size_t size) {
  accept_peer();
  full_ = false;
  if (peer_ < 0) return size;
  const ssize_t taken =
      listener_ >= 0 ? send(peer_, bytes, size, MSG_NOSIGNAL) : ::write(peer_, bytes, size);
  if (taken >= 0) {
    full_ = static_cast<std::size_t>(taken) < size;
    return static_cast<std::size_t>(taken);
  }
  if (errno == EAGAIN || errno == EINTR) {
    full_ = true;
    return 0;
  }
  lose_peer();
  return size;
}

}  // namespace chaski::embedded
