// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "transport-lan/instance_id.hpp"
#include "transport-lan/interfaces.hpp"

namespace chaski::transport_lan {

/// What discovery asks and tells. Called from the loop, never from within a call to Discovery.
struct DiscoveryEvents {
  std::function<InstanceId()> own;
  std::function<std::uint16_t()> port;  ///< 0: not listening, so nothing is published
  std::function<void()> name_taken;     ///< somebody has our name: choose another
  std::function<void(const InstanceId&, int interface, const boost::asio::ip::tcp::endpoint&)> seen;
  std::function<void(const InstanceId&, int interface, bool v6)> lost;
  std::function<void()> away;     ///< what was seen may be out of date from now on
  std::function<void()> settled;  ///< all that is there now has been seen
  std::function<void(int level, std::string)> log;
};

/// Publishes this node and looks for others through avahi-daemon on the D-Bus system bus.
///
/// Rules: (1) bus or Avahi may be missing, stop and come back at any time; all is rebuilt then.
/// (2) Nothing blocks: calls are asynchronous, and a bus that does not answer is not joined.
/// (3) Published are a random name, addresses and a port; docs/protocol/lan.md says why.
/// (4) One entry group an interface, so that a change on one is not seen on another.
class Discovery {
 public:
  static constexpr const char* kType = "_chaski._tcp";

  Discovery(boost::asio::io_context& io, std::shared_ptr<Interfaces> interfaces,
            DiscoveryEvents events);
  ~Discovery();
  void start();
  /// Says goodbye.
  void stop();
  /// Name, port or interfaces changed.
  void republish();
  /// This instance's addresses did not answer: look them up again.
  void refresh(const InstanceId& instance);

  /// Published and browsing.
  bool working() const;
  /// What is wrong and the mend; empty when working.
  const std::string& problem() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace chaski::transport_lan
