// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <memory>

#include "daemon/api_types.hpp"
#include "daemon/api_vault.hpp"
#include "daemon/event_hub.hpp"
#include "daemon/node_host.hpp"

namespace chaski::daemon {

/// What all sessions share. The host and the hub outlive the loop's last handler.
struct ApiShared {
  NodeHost& host;
  VaultDesk& vault;
  EventHub& events;
  std::function<void()> stop;
  std::function<void()> session_ended;
};

/// One client of the API: its requests one after the other, or a stream of events.
class ApiSession {
 public:
  virtual ~ApiSession() = default;
  virtual void start() = 0;
  /// Ends it when it is idle or listens; otherwise after the answer that is under way.
  virtual void stop() = 0;
};

std::shared_ptr<ApiSession> make_api_session(boost::asio::local::stream_protocol::socket socket,
                                             std::shared_ptr<ApiShared> shared);

}  // namespace chaski::daemon
