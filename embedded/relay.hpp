// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/time.hpp"
#include "embedded/port.h"
#include "embedded/relay_link.hpp"
#include "embedded/relay_random.hpp"
#include "mesh-router/router.hpp"
#include "transport-serial/serial_memory.hpp"

namespace chaski::embedded {

/// The store of a relay, and how what it was told becomes durable.
struct RelayStore {
  mesh_router::EnvelopeStore& envelopes;
  void* context = nullptr;
  /// Makes durable what was changed; false: it is not, and nothing that depends on it leaves. Null:
  /// memory is the store, and what is in it is as durable as it gets.
  bool (*commit)(void* context, base::Time now) = nullptr;
  /// The node's clock goes on from here: the last time that the store knows of.
  base::Time resume_time{};
};

struct RelayConfig {
  mesh_router::RouterLimits limits;
  std::uint32_t bytes_per_s = 92'160;  ///< what a line carries at most: 921,600 baud
};

/// What a relay works in, one of each for a link.
struct RelaySpace {
  std::span<const transport_serial::LineMemory> lines;
  std::span<std::optional<RelayLink>> links;
  base::MutableByteView frame;
};

/// A RelaySpace as one value, for frames of kFrame bytes at most, their 16 bytes of seal included.
template <std::size_t kLinks, std::size_t kPayload, std::size_t kWindow, std::size_t kFrame>
class RelayMemory {
  static_assert(kLinks >= 1 && kLinks <= CHASKI_UARTS_MAX);

 public:
  RelaySpace space() {
    for (std::size_t i = 0; i < kLinks; ++i) lines_[i] = buffers_[i].memory();
    return {lines_, links_, frame_};
  }

 private:
  std::array<transport_serial::LineBuffers<kPayload, kWindow, kFrame>, kLinks> buffers_;
  std::array<transport_serial::LineMemory, kLinks> lines_;
  std::array<std::optional<RelayLink>, kLinks> links_;
  std::array<std::uint8_t, kFrame> frame_;
};

/// A relay on a microcontroller: carries envelopes between the neighbours on its UARTs, and from
/// those who were there to those who come, and can read none of them. The same line, link and
/// router as in chaskid, with the limits of a small board.
///
/// Until the board's generator of random numbers works it says nothing on any line. A node key is
/// made at each start: neighbours know a relay again by what it holds, not by its name.
///
/// Order of polling: step() when bytes came, when a UART can take bytes, and at next_wakeup().
class Relay {
 public:
  /// Links are the first of the port's UARTs, as many as `space` has room for. All that it is given
  /// outlives the relay.
  Relay(const chaski_port& port, const RelayStore& store, const RelaySpace& space,
        const RelayConfig& config);

  /// Takes what came, does what is due, commits, sends while the UARTs take bytes.
  void step();
  /// When step() is due though nothing came; none: not before something comes.
  std::optional<base::Time> next_wakeup() const;
  /// The same in the board's microseconds, UINT64_MAX for none.
  std::uint64_t next_wakeup_us() const;

  /// Bytes of envelopes carried now.
  std::uint64_t carried_bytes() const { return store_.envelopes.usage().bytes; }
  std::uint64_t carried() const { return store_.envelopes.usage().envelopes; }
  std::size_t open_links() const;
  std::uint32_t entropy_failures() const { return random_.failures(); }
  std::uint32_t commit_failures() const { return commit_failures_; }
  const mesh_router::RouterCounters* counters() const;
  const transport_serial::LineCounters* line_counters(std::size_t link) const;

 private:
  base::Time now() const;
  void begin(base::Time now);
  void settle(base::Time now);

  const chaski_port& port_;
  RelayStore store_;
  RelaySpace space_;
  RelayConfig config_;
  base::Duration offset_{};  ///< of the node's time to the board's
  RelayRandom random_;
  std::optional<link::NodeKey> key_;
  std::optional<mesh_router::Router> router_;
  std::optional<RelayCore> core_;
  std::uint32_t commit_failures_ = 0;
  std::optional<base::Time> due_;
};

}  // namespace chaski::embedded
