// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/refusal.hpp"
#include "tools/chaski/response_reader.hpp"

namespace chaski::tools {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(descriptor_); }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

[[noreturn]] void went_away(const std::string& socket) {
  throw CommandError{ExitCode::unreachable, "went_away",
                     fmt::format("the node at {} went away", socket),
                     "look into its log (journalctl -u chaskid), start it, and try again"};
}

[[noreturn]] void not_understood(const std::string& socket) {
  throw CommandError{ExitCode::not_understood, "not_understood",
                     fmt::format("what answers at {} does not speak like chaskid", socket),
                     "give the node's socket with --socket"};
}

[[noreturn]] void no_answer(const std::string& socket) {
  throw CommandError{ExitCode::unreachable, "no_answer",
                     fmt::format("the node at {} did not answer within {} s", socket,
                                 Client::kAnswerTimeout.count()),
                     "it may be waiting for a slow disk; see journalctl -u chaskid"};
}

/// Milliseconds until `until` for poll(), -1 for no limit.
int poll_timeout(std::optional<SteadyTime> until) {
  if (!until) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      *until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000));
}

/// Whether the socket is ready before `until`.
bool wait_for(int descriptor, short events, std::optional<SteadyTime> until) {
  pollfd entry{descriptor, events, 0};
  for (;;) {
    const int ready = ::poll(&entry, 1, poll_timeout(until));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return true;  // let the read or write say what it is
  }
}

void send_all(const Socket& socket, std::string_view bytes, SteadyTime until,
              const std::string& name) {
  while (!bytes.empty()) {
    if (!wait_for(socket.get(), POLLOUT, until)) went_away(name);
    const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) {
      return;  // an early refusal may stand in the answer
    } else if (sent < 0 && errno != EINTR && errno != EAGAIN) {
      went_away(name);
    }
  }
}

std::string request_head(std::string_view method, std::string_view target, std::uint64_t size,
                         std::string_view content_type) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
                                 method, target);
  if (method == "POST") {
    text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", content_type, size);
  }
  text += "\r\n";
  return text;
}

/// One read: false at the end of the connection.
bool receive_some(int socket, std::string& out) {
  std::array<char, 65'536> buffer;
  for (;;) {
    const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (size > 0) {
      out.assign(buffer.data(), static_cast<std::size_t>(size));
      return true;
    }
    if (size == 0 || errno != EINTR) return false;
  }
}

CommandError cannot_connect(const std::vector<std::string>& sockets, const std::string& path,
                            int error) {
  const ExitCode exit = ExitCode::unreachable;
  if (error == EACCES || error == EPERM) {
    return {exit, "forbidden", fmt::format("you may not open the node's socket {}", path),
            "join its group (sudo adduser $USER chaski, then log in again) or use sudo"};
  }
  if (error == ENAMETOOLONG) {
    return {exit, "socket_path", fmt::format("the socket path {} is too long", path),
            "a Unix socket's path has at most 107 bytes"};
  }
  if (error == ENOENT) {
    std::string places = sockets.front();
    for (std::size_t i = 1; i < sockets.size(); ++i) places += ", " + sockets[i];
    return {exit, "not_running", fmt::format("no node is running here (looked at {})", places),
            "start it (systemctl start chaskid, or chaskid) or name its socket with --socket"};
  }
  if (error == ECONNREFUSED) {
    return {exit, "not_running", fmt::format("the node of {} is not running", path),
            "start it: systemctl start chaskid, or chaskid"};
  }
  return {exit, "unreachable", fmt::format("cannot reach {}: {}", path, std::strerror(error)),
          "name the node's socket with --socket"};
}

int try_connect(const std::string& path, int& error) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    error = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    error = errno;
    return -1;
  }
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return descriptor;
  }
  error = errno;
  ::close(descriptor);
  return -1;
}

}  // namespace

std::vector<std::string> socket_candidates(
    const std::string& asked, const std::function<std::string(const char*)>& environment) {
  if (!asked.empty()) return {asked};
  if (const std::string named = environment("CHASKI_SOCKET"); !named.empty()) return {named};
  std::vector<std::string> places{"/run/chaski/chaskid.sock", "/var/lib/chaski/chaskid.sock"};
  if (const std::string state = environment("XDG_STATE_HOME"); !state.empty()) {
    places.push_back(state + "/chaski/chaskid.sock");
  } else if (const std::string home = environment("HOME"); !home.empty()) {
    places.push_back(home + "/.local/state/chaski/chaskid.sock");
  }
  return places;
}

int Client::connect() {
  std::string worst_path = sockets_.front();
  int worst = ENOENT;
  for (const std::string& path : sockets_) {
    int error = 0;
    const int descriptor = try_connect(path, error);
    if (descriptor >= 0) {
      connected_ = path;
      return descriptor;
    }
    // A socket that is there but does not answer says more than one that is not there.
    if (worst == ENOENT && error != ENOENT && error != ENOTDIR) {
      worst = error;
      worst_path = path;
    }
  }
  throw cannot_connect(sockets_, worst_path, worst);
}

/// The answer to what was sent.
std::string Client::receive(int socket) {
  const SteadyTime until = std::chrono::steady_clock::now() + kAnswerTimeout;
  ResponseReader reader;
  Response response;
  std::string bytes;
  while (!reader.done()) {
    if (!wait_for(socket, POLLIN, until)) no_answer(connected_);
    if (!receive_some(socket, bytes)) {
      if (reader.finish()) break;
      went_away(connected_);
    }
    if (!reader.feed(bytes, response.body) || response.body.size() > kAnswerMax) {
      not_understood(connected_);
    }
  }
  response.status = reader.status();
  if (response.status != 200) throw refusal(response, connected_);
  return std::move(response.body);
}

std::string Client::request(std::string_view method, std::string_view target,
                            std::string_view body, std::string_view content_type) {
  const Socket socket(connect());
  const std::string head = request_head(method, target, body.size(), content_type);
  send_all(socket, head + std::string(body), std::chrono::steady_clock::now() + kAnswerTimeout,
           connected_);
  return receive(socket.get());
}

std::string Client::upload(std::string_view target, std::uint64_t size,
                           const std::function<std::string()>& next) {
  const Socket socket(connect());
  std::string piece = request_head("POST", target, size, kOctets);
  // A node that refused says so while we send; then it reads on for a while, that we may hear it.
  while (!piece.empty() && !wait_for(socket.get(), POLLIN, std::chrono::steady_clock::now())) {
    send_all(socket, piece, std::chrono::steady_clock::now() + kAnswerTimeout, connected_);
    piece = next();
  }
  return receive(socket.get());
}

bool Client::download(std::string_view target,
                      const std::function<void(std::string_view)>& piece) {
  const Socket socket(connect());
  send_all(socket, request_head("GET", target, 0, kJson),
           std::chrono::steady_clock::now() + kAnswerTimeout, connected_);
  return take_download(socket.get(), piece);
}

bool Client::download(std::string_view target, std::string_view posted,
                      const std::function<void(std::string_view)>& piece) {
  const Socket socket(connect());
  const std::string head = request_head("POST", target, posted.size(), kOctets);
  send_all(socket, head + std::string(posted), std::chrono::steady_clock::now() + kAnswerTimeout,
           connected_);
  return take_download(socket.get(), piece);
}

bool Client::take_download(int socket, const std::function<void(std::string_view)>& piece) {
  ResponseReader reader;
  std::string bytes;
  std::string body;
  while (!reader.done()) {
    if (!wait_for(socket, POLLIN, std::chrono::steady_clock::now() + kAnswerTimeout)) {
      no_answer(connected_);
    }
    if (!receive_some(socket, bytes)) break;
    if (!reader.feed(bytes, body) || body.size() > kAnswerMax) not_understood(connected_);
    if (reader.status() != 200) continue;  // an error: read it whole
    piece(body);
    body.clear();
  }
  if (reader.status() == 0) went_away(connected_);
  if (reader.status() != 200) throw refusal({reader.status(), body}, connected_);
  return reader.done();
}

bool Client::stream(std::string_view target, const std::function<bool(std::string_view)>& line,
                    std::optional<SteadyTime> until) {
  const Socket socket(connect());
  send_all(socket, request_head("GET", target, 0, Client::kJson),
           std::chrono::steady_clock::now() + kAnswerTimeout, connected_);
  ResponseReader reader;
  std::string bytes;
  std::string text;
  while (!reader.done()) {
    if (!wait_for(socket.get(), POLLIN, until)) return false;
    if (!receive_some(socket.get(), bytes)) break;
    if (!reader.feed(bytes, text) || text.size() > kAnswerMax) not_understood(connected_);
    if (reader.status() != 0 && reader.status() != 200) continue;  // an error: read it whole
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      if (end > 0 && !line(std::string_view(text).substr(0, end))) return true;
      text.erase(0, end + 1);
    }
  }
  if (reader.status() != 0 && reader.status() != 200) {
    throw refusal({reader.status(), text}, connected_);
  }
  went_away(connected_);
}

}  // namespace chaski::tools
