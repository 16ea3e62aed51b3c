// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "base/transport_hooks.hpp"

namespace chaski::transport_serial {

constexpr std::uint32_t kBaudMin = 300;
constexpr std::uint32_t kBaudMax = 20'000'000;

struct SerialConfig {
  std::vector<std::string> devices;  ///< paths, or patterns (glob(7)) of them; empty: none
  std::uint32_t baud = 115'200;
  bool hardware_flow = false;  ///< RTS and CTS
  friend bool operator==(const SerialConfig&, const SerialConfig&) = default;
};

/// One serial port, in words and numbers that `chaski status` shows.
struct PortStatus {
  std::string device;
  bool present = false;
  std::string problem, mend;  ///< why it is not open, when it is present
  bool open = false;
  base::Time since;     ///< when it was opened
  bool linked = false;  ///< somebody is at the other end
  base::Bytes peer;     ///< who, as the owner said; empty until it is known
  bool hears_itself = false;
  std::uint64_t bytes_received = 0, bytes_sent = 0;
  std::uint64_t packets_received = 0, packets_sent = 0;
  std::uint64_t damaged = 0;     ///< packets that noise took, that came here
  std::uint64_t sent_again = 0;  ///< packets that noise took, that left here
  std::uint64_t sessions = 0;    ///< how often somebody came
};

struct SerialStatus {
  std::vector<PortStatus> ports;
  std::size_t links = 0;
  std::size_t left_out = 0;  ///< devices beyond SerialTransport::kPortsMax
};

/// Frames over UARTs, USB serial ports and pseudoterminals.
///
/// Rules in docs/protocol/serial.md. Devices may come and go at any time; one that cannot be opened
/// is tried again whenever something changes, and every 2 s. hooks as base::TransportHooks says.
class SerialTransport {
 public:
  static constexpr std::size_t kPortsMax = 32;

  SerialTransport(boost::asio::io_context& io, const SerialConfig& config, base::Random& random,
                  std::function<base::Time()> now, base::TransportHooks hooks);
  /// Closes every device at once; the hooks are not called any more.
  ~SerialTransport();
  SerialTransport(const SerialTransport&) = delete;
  SerialTransport& operator=(const SerialTransport&) = delete;

  void start();
  /// Says goodbye on every link, and then closes the devices.
  void stop();
  /// There may be frames to pull for this link.
  void kick(base::LinkId link);
  /// Sends what next_frame still gives, then ends the link.
  void close(base::LinkId link);
  /// Who is at the other end of this link, as opaque bytes, for the status.
  void identified(base::LinkId link, base::ByteView peer);
  SerialStatus status() const;
  /// Links, with those that only say goodbye.
  std::size_t links() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace chaski::transport_serial
