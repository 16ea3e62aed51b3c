// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "base/transport_hooks.hpp"

namespace chaski::transport_lan {

struct LanConfig {
  std::uint16_t port = 0;                    ///< listening port; 0: the kernel chooses
  std::vector<std::string> listen = {"::"};  ///< addresses; "::" takes IPv4 too
  std::vector<std::string> peers;            ///< static peers, "host:port" or "[v6%if]:port"
  std::vector<std::string> interfaces;       ///< only these; empty: all that are up but loopback
  bool discover = true;                      ///< publish and browse with Avahi
  std::size_t connections_max = 256;
  std::size_t connections_per_address_max = 16;
  friend bool operator==(const LanConfig&, const LanConfig&) = default;
};

/// Why discovery is on or off, in words that `chaski status` shows.
struct LanStatus {
  bool listening = false;
  std::uint16_t port = 0;
  std::string listen_problem;     ///< empty when listening
  bool discovery = false;         ///< published and browsing
  std::string discovery_problem;  ///< what is wrong and the mend; empty when fine or switched off
  std::size_t connections = 0;
  std::size_t dialling = 0;
  std::vector<std::string> services;  ///< instances seen now
};

/// Frames over Wi-Fi and Ethernet: TCP (4 byte big-endian length, then the frame), neighbours found
/// by Avahi over D-Bus (_chaski._tcp) or named in the config.
///
/// Rules in docs/protocol/lan.md. The service instance and the TXT record name nobody and rotate by
/// rotate(). Avahi or D-Bus may be missing, stop and come back at any time. Connections that
/// deliver an oversized length are closed. Flow control: a socket's room decides when next_frame is
/// pulled; a reader that falls behind stops reading.
class LanTransport {
 public:
  static constexpr std::size_t kFrameSizeMax = 65'535;

  LanTransport(boost::asio::io_context& io, const LanConfig& config, base::TransportHooks hooks);
  ~LanTransport();
  void start();
  /// Stops listening, dialling and publishing; says goodbye to Avahi; closes what is open once
  /// their last frames are written.
  void stop();
  /// There may be frames to pull for this link.
  void kick(base::LinkId link);
  /// Writes what next_frame still gives, then closes.
  void close(base::LinkId link);
  /// A new instance name, because the node key changed.
  void rotate();
  /// The neighbour behind this link is `peer` (any opaque bytes): do not dial its instance again
  /// while this link lives.
  void identified(base::LinkId link, base::ByteView peer);
  LanStatus status() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace chaski::transport_lan
