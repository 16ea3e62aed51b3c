// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace chaski::bench {

/// What a process has used so far.
struct Usage {
  double cpu_s = 0;
  std::uint64_t rss_kib = 0;
  std::uint64_t rss_peak_kib = 0;
};

/// A real chaskid in a folder of its own on a loopback port, driven over its API.
class DaemonProcess {
 public:
  /// Starts `program` and waits until it answers; throws std::runtime_error with its log's end.
  DaemonProcess(const std::string& program, const std::string& folder, const std::string& name,
                std::uint16_t port, const std::vector<std::uint16_t>& peers);
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  nlohmann::json get(const std::string& path);
  nlohmann::json post(const std::string& path, const nlohmann::json& body);
  /// The raw answer to a batch of messages, one JSON object a line.
  std::string post_lines(const std::string& lines);
  Usage usage() const;
  std::uint64_t messages() { return get("/v1/status")["counters"]["messages"]; }

 private:
  std::string request(const std::string& method, const std::string& path, const std::string& body,
                      const std::string& content_type);
  int connection();

  std::string folder_;
  std::string socket_;
  pid_t pid_ = -1;
  int fd_ = -1;
};

/// A TCP port on loopback that nobody listens on right now.
std::uint16_t free_port();

}  // namespace chaski::bench
