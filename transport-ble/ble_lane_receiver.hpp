// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "transport-ble/ble_lane_packet.hpp"

namespace chaski::transport_ble {

/// The half of a lane that takes packets: puts them into order, and frames together.
///
/// At most kLaneWindow packets and one unfinished frame are held. Source: ble.md, 5.5 to 5.7.
class LaneReceiver {
 public:
  static constexpr std::size_t kAcknowledgeAfter = 4;
  static constexpr std::chrono::milliseconds kAcknowledgeWithin{50};

  /// Whether its number can be of this lane: new, or sent again.
  bool plausible(const LanePacket& packet) const;
  /// Takes a plausible packet that has bytes. False: its frame breaks the rules.
  bool receive(const LanePacket& packet, base::Time now);
  /// Whole frames in order; take them after each receive().
  std::optional<base::Bytes> next_frame();

  /// The number of the first packet that is not here.
  std::uint8_t next() const { return next_; }
  /// When next() has to be said at the latest, if there is something new to say.
  std::optional<base::Time> acknowledge_at() const { return acknowledge_at_; }
  /// next() was said.
  void acknowledged();

 private:
  struct Held {
    bool here = false;
    bool begins = false, ends = false;
    base::Bytes bytes;
  };

  bool join(Held& packet);

  std::array<Held, kLaneWindow> held_;  ///< by number, from next_ on
  std::uint8_t next_ = 0;
  std::optional<base::Bytes> frame_;  ///< the unfinished one
  std::deque<base::Bytes> frames_;
  std::size_t unsaid_ = 0;  ///< packets that were not acknowledged
  std::optional<base::Time> acknowledge_at_;
};

}  // namespace chaski::transport_ble
