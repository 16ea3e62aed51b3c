// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "daemon/api_vault.hpp"
#include "daemon/event_hub.hpp"
#include "daemon/node_host.hpp"

namespace chaski::daemon {

/// The local control API over a Unix socket: HTTP/1.1 and JSON, as in docs/api.md.
///
/// Bounded: clients, header and body sizes, time for a request, backlog of a listener.
class ApiServer {
 public:
  static constexpr std::size_t kClientsMax = 64;
  static constexpr std::size_t kHeaderSizeMax = 8u << 10;
  static constexpr std::size_t kBodySizeMax = 1u << 20;
  static constexpr std::size_t kBatchSizeMax = 16u << 20;
  static constexpr std::chrono::seconds kRequestTimeout{60};
  static constexpr std::chrono::seconds kWriteTimeout{20};

  /// `stop` is called when a client asked to stop, after it was answered.
  ApiServer(boost::asio::io_context& io, NodeHost& host, VaultDesk& vault, EventHub& events,
            Log& log, std::function<void()> stop);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  /// Takes the socket; a stale file of a daemon that died is replaced (the data folder is locked by
  /// us, so nobody of ours is behind it, but it is asked all the same). Throws StartError.
  void start();
  /// Closes idle clients and removes the socket; running requests are answered.
  void stop();
  std::size_t clients() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace chaski::daemon
