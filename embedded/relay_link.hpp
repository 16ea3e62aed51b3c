// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "embedded/port.h"
#include "link/link.hpp"
#include "mesh-router/router.hpp"
#include "transport-serial/serial_line.hpp"

namespace chaski::embedded {

/// What all links of a relay share; outlives them.
struct RelayCore {
  const chaski_port& port;
  base::Random& random;
  const link::NodeKey& key;
  mesh_router::Router& router;
  base::MutableByteView frame;  ///< room for the largest frame, its seal included
  std::uint32_t bytes_per_s;    ///< what a line carries at most
  std::uint64_t links = 0;      ///< sessions so far, whose numbers are their links'
};

/// One UART with whoever is at its other end: bytes to frames (SerialLine), frames to records
/// (Link), records to the router and back. A new session of the line is a new link.
///
/// Order of polling: read(), then the router's events and commit, then write().
class RelayLink {
 public:
  RelayLink(RelayCore& core, std::uint32_t uart, const transport_serial::LineMemory& memory,
            base::Time now);

  /// Takes what the UART has. Whether something was said to the router or a link came or went.
  bool read(base::Time now);
  /// Gives the UART what it takes.
  void write(base::Time now);
  void wake(base::Time now);
  std::optional<base::Time> next_wakeup() const;

  bool open() const { return known_to_router_; }
  const transport_serial::LineCounters& counters() const { return line_.counters(); }

 private:
  bool take(base::ByteView bytes, base::Time now);
  bool follow_line(base::Time now);
  void follow_link(base::Time now);
  void drop_link(base::Time now);
  void on_frame(base::MutableByteView frame, base::Time now);
  std::size_t make_frame(base::Time now);
  bool flush();

  /// A UART that takes nothing is asked again so often at least.
  static constexpr std::chrono::seconds kFullUartLook{1};

  RelayCore& core_;
  std::uint32_t uart_;
  transport_serial::SerialLine line_;
  std::optional<link::Link> link_;
  base::LinkId id_{0};
  base::LinkRole role_ = base::LinkRole::initiator;
  std::size_t frame_size_max_ = 0;  ///< of this session, the seal included
  bool known_to_router_ = false;
  std::array<std::uint8_t, transport_serial::kLineSizeMax> out_;
  std::size_t out_size_ = 0, out_sent_ = 0;
  base::Time written_{};  ///< when write() was called last
};

}  // namespace chaski::embedded
