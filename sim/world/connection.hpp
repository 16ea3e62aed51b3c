// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "base/time.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// One direction of a connection: a small send buffer, then the air.
///
/// Frames leave one after another at bytes_per_s; a lost one is sent again after resend_after and
/// holds up those behind it; one lost kLossesMax times in a row breaks the connection.
class Direction {
 public:
  static constexpr int kLossesMax = 8;
  /// A sender with so much still to put on the air has to wait.
  static constexpr std::uint64_t kSendBufferMax = 4'096;

  /// When the next frame can be taken: now or earlier when there is room.
  base::Time room_at(const LinkModel& model) const;
  /// When a frame sent now arrives, or nothing when the connection breaks on it. The layer below
  /// sends each part of it `sends` times, in the mean, which takes as long.
  std::optional<base::Time> send(const LinkModel& model, std::size_t size, base::Random& random,
                                 base::Time now, double sends = 1);
  /// What else has the radio until then: the next frame goes after it.
  void wait_for(base::Time radio_free) { on_air_until_ = std::max(on_air_until_, radio_free); }
  base::Time on_air_until() const { return on_air_until_; }
  base::Time last_arrival() const { return last_arrival_; }
  /// How often the bytes of the last frame were on the air.
  double last_sends() const { return last_sends_; }

 private:
  base::Time on_air_until_{};
  base::Time last_arrival_{};
  double last_sends_ = 1;
};

/// A transport connection between two actors; side 0 dialled.
struct Connection {
  base::LinkId link{};
  std::uint32_t wire = 0;
  std::array<NodeIndex, 2> ends{};
  LinkModel model;
  std::array<Direction, 2> from;  ///< by sending side
  std::array<bool, 2> open{};     ///< the end has it
  std::array<bool, 2> room_planned{};
  std::array<bool, 2> told{};  ///< of a joined link: that the end has it no more
  bool broken = false;         ///< nothing arrives any more
  std::uint32_t planned = 0;   ///< events that will look at it
};

}  // namespace chaski::sim
