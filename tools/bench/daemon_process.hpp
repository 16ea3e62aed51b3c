// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/bench/api_connection.hpp"

namespace chaski::bench {

/// What a process has used so far.
struct Usage {
  double cpu_s = 0;
  std::uint64_t rss_kib = 0;
  std::uint64_t rss_peak_kib = 0;
};

struct DaemonSettings {
  std::string program;
  std::string folder;  ///< gets a folder `name` with state, config, socket and log
  std::string name;
  std::uint16_t port = 0;
  std::vector<std::uint16_t> peers{};  ///< ports on loopback that it dials
  std::optional<unsigned> core{};      ///< where it may run; anywhere when not said
};

/// A real chaskid in a folder of its own on a loopback port, driven over its API.
class DaemonProcess {
 public:
  /// Starts it and waits until it answers; throws std::runtime_error with its log's end.
  explicit DaemonProcess(const DaemonSettings& settings);
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  nlohmann::json get(const std::string& path);
  nlohmann::json post(const std::string& path, const nlohmann::json& body);
  /// The raw answer to a batch of messages, one JSON object a line.
  std::string post_lines(const std::string& lines);
  /// Sends `text` to the contact `to` so many times as raw bodies, over several connections at a
  /// time as so many programs would; returns when all are durable.
  void post_texts(const std::string& to, const std::string& text, std::size_t count) const;
  Usage usage() const;
  std::uint64_t messages() { return get("/v1/status")["counters"]["messages"]; }
  std::uint64_t commits() { return get("/v1/status")["counters"]["commits"]; }

 private:
  std::string folder_;
  std::string socket_;
  ApiConnection api_;
  pid_t pid_ = -1;
};

/// A TCP port on loopback that nobody listens on right now.
std::uint16_t free_port();

}  // namespace chaski::bench
