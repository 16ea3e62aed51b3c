// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chaski::tools {

/// Where `chaski` looks for a node, in order: what was asked for, or the usual places.
///
/// `asked` is --socket, `environment` looks a variable up (CHASKI_SOCKET, XDG_STATE_HOME, HOME).
std::vector<std::string> socket_candidates(
    const std::string& asked, const std::function<std::string(const char*)>& environment);


/// Speaks the local API (docs/api.md) over a Unix socket: blocking, one connection a request.
///
/// Throws CommandError: unreachable when nobody answers, refused when the node says no,
/// not_understood when the answer is not HTTP.
class Client {
 public:
  /// Longest wait for an answer; a send waits for the disk.
  static constexpr std::chrono::seconds kAnswerTimeout{30};
  /// Largest answer that is kept in memory.
  static constexpr std::size_t kAnswerMax = 256u << 20;

  explicit Client(std::vector<std::string> sockets) : sockets_(std::move(sockets)) {}

  static constexpr std::string_view kJson = "application/json";
  static constexpr std::string_view kOctets = "application/octet-stream";
  static constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

  /// The body of the answer.
  std::string request(std::string_view method, std::string_view target, std::string_view body = {},
                      std::string_view content_type = kJson);

  /// Posts `size` bytes, which `next` gives piece by piece; the body of the answer.
  std::string upload(std::string_view target, std::uint64_t size,
                     const std::function<std::string()>& next);

  /// Gives the body of an answer to `piece` as it comes. False when it was cut off.
  bool download(std::string_view target, const std::function<void(std::string_view)>& piece);
  /// The same for what is posted.
  bool download(std::string_view target, std::string_view posted,
                const std::function<void(std::string_view)>& piece);

  /// Follows an endless answer line by line until `line` says stop (false), or `until` (when given)
  /// is reached: then it returns false. A node that goes away is a CommandError.
  bool stream(std::string_view target, const std::function<bool(std::string_view)>& line,
              std::optional<std::chrono::steady_clock::time_point> until = {});

 private:
  int connect();
  bool take_download(int socket, const std::function<void(std::string_view)>& piece);
  std::string receive(int socket);

  std::vector<std::string> sockets_;
  std::string connected_;  ///< the socket in use, for messages
};

}  // namespace chaski::tools
