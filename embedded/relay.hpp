// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "base/time.hpp"
#include "embedded/medium.h"
#include "link/link.hpp"
#include "mesh-router/memory_envelope_store.hpp"
#include "mesh-router/router.hpp"

namespace chaski::embedded {

/// Bytes of envelopes that the relay carries in memory.
inline constexpr std::uint64_t kStoreBytesMax = 16'384;
/// Largest frame, its 16 bytes of seal included: one Bluetooth LE packet with data length extension
/// carries 244.
inline constexpr std::size_t kFrameSizeMax = 244;

/// The port's entropy as the core's Random.
class PortRandom final : public base::Random {
 public:
  explicit PortRandom(const chaski_medium& port) : port_(port) {}
  void fill(base::MutableByteView out) override {
    port_.entropy(port_.context, out.data(), out.size());
  }

 private:
  const chaski_medium& port_;
};

/// A relay with one medium: carries envelopes between the neighbours it meets, one at a time, and
/// can read none of them. The same link and router as in chaskid, with the limits of a small board.
///
/// Order of polling: step() when a frame came, when the medium can take one, and at next_wakeup().
class Relay {
 public:
  Relay(const chaski_medium& port, base::LinkRole role);

  /// Takes what came, does what is due, sends while the medium takes frames.
  void step();
  std::optional<base::Time> next_wakeup() const;
  /// Bytes of envelopes carried now.
  std::uint64_t carried_bytes() const { return store_.usage().bytes; }

 private:
  base::Time now() const;
  void take(std::size_t frame_size);
  std::size_t make_frame();
  void follow_link();
  void restart_link();
  link::LinkConfig link_config() const;

  const chaski_medium& port_;
  base::LinkRole role_;
  PortRandom random_;
  link::NodeKey key_;
  mesh_router::MemoryEnvelopeStore store_;
  mesh_router::Router router_;
  link::Link link_;
  base::LinkId link_id_{1};
  bool known_to_router_ = false;
  std::array<std::uint8_t, kFrameSizeMax> frame_{};
};

}  // namespace chaski::embedded
