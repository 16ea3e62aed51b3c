// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/api_connection.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include <fmt/format.h>

namespace chaski::bench {

ApiConnection::~ApiConnection() {
  if (fd_ >= 0) ::close(fd_);
}

void ApiConnection::connect() {
  if (fd_ >= 0) return;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    throw std::runtime_error("cannot connect to " + socket_);
  }
  fd_ = fd;
}

void ApiConnection::send_all(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) throw std::runtime_error("the daemon closed its API connection");
    sent += static_cast<std::size_t>(n);
  }
}

std::string ApiConnection::receive() {
  std::string in;
  std::size_t head = std::string::npos;
  std::size_t need = std::string::npos;
  std::array<char, 65'536> chunk;
  while (need == std::string::npos || in.size() < need) {
    const ssize_t n = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (n <= 0) throw std::runtime_error("the daemon closed its API connection");
    in.append(chunk.data(), static_cast<std::size_t>(n));
    if (head != std::string::npos) continue;
    head = in.find("\r\n\r\n");
    if (head != std::string::npos) {
      const auto at = in.find("Content-Length: ");
      if (at == std::string::npos || at > head) throw std::runtime_error("no length: " + in);
      need = head + 4 + std::stoul(in.substr(at + 16));
    }
  }
  if (in.compare(0, 12, "HTTP/1.1 200") != 0) throw std::runtime_error("API: " + in);
  return in.substr(head + 4);
}

std::string ApiConnection::request(const std::string& method, const std::string& target,
                                   const std::string& body, const std::string& content_type) {
  connect();
  send_all(
      fmt::format("{} {} HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
                  method, target, content_type, body.size()) +
      body);
  return receive();
}

}  // namespace chaski::bench
