// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "transport-ble/ble_lane_packet.hpp"

namespace chaski::transport_ble {

/// How much may be on its way: as much as waits for about kDelayTarget in the queues below.
///
/// Whoever is below takes whatever is written and queues it without bound, so only the time that
/// acknowledgements take tells how long that queue is. Sources: RFC 6817 (LEDBAT: a window that
/// aims at a delay), RFC 6298 (the time after which an acknowledgement is missed).
class LanePace {
 public:
  static constexpr std::size_t kBytesMax = 8192;
  static constexpr std::size_t kPacketsMin = 6;
  static constexpr std::chrono::milliseconds kDelayTarget{160};
  static constexpr std::chrono::milliseconds kTimeoutMin{300};
  static constexpr std::chrono::seconds kTimeoutMax{5};
  /// The shortest time is forgotten after one to two of these: links change their intervals.
  static constexpr std::chrono::seconds kShortestKept{30};

  explicit LanePace(std::size_t packet_bytes);
  /// So many bytes were acknowledged, the last of them so long after they were sent.
  void measured(base::Duration round_trip, std::size_t bytes, base::Time now);
  void timed_out();

  std::size_t bytes() const { return bytes_; }
  base::Duration timeout() const;

 private:
  void learn_shortest(base::Duration round_trip, base::Time now);

  std::size_t bytes_min_;
  std::size_t bytes_;
  std::optional<base::Duration> smoothed_;
  base::Duration variation_{};
  base::Duration shortest_{}, shortest_before_{};
  std::optional<base::Time> shortest_since_;
};

/// The half of a lane that gives packets: cuts frames, and sends again what was not acknowledged.
///
/// Rules: (1) the first packet goes alone, until it is acknowledged. (2) Only the oldest packet is
/// sent again, kTriesMax times at most. (3) One frame is held beside what is on its way. Source:
/// ble.md, 5.5 to 5.9.
class LaneSender {
 public:
  static constexpr int kTriesMax = 9;
  /// What came late over another bearer says what was so many packets ago.
  static constexpr int kBehindMax = 2 * static_cast<int>(kLaneWindow);

  /// `packet_bytes`: of a frame, in one packet.
  explicit LaneSender(std::size_t packet_bytes);

  bool room() const { return cut_ == frame_.size(); }
  void send(base::ByteView frame);
  /// All before `next` arrived; false when that cannot be said of what was sent.
  bool acknowledged(std::uint8_t next, base::Time now);
  /// What is to be sent now, valid until the next call, without `received`.
  std::optional<LanePacket> next_packet(base::Time now);
  /// When the oldest packet is sent again, if nothing is heard before.
  std::optional<base::Time> again_at() const;

  /// Everything that was sent arrived.
  bool idle() const { return room() && sent_.empty(); }
  bool dead() const { return dead_; }
  std::uint8_t next_number() const { return static_cast<std::uint8_t>(first_ + sent_.size()); }
  std::uint64_t sent_again() const { return sent_again_; }

 private:
  struct Sent {
    base::Bytes bytes;
    bool begins = false, ends = false;
    int tries = 0;
    base::Time at;
  };

  bool may_cut() const;
  LanePacket give(std::size_t index, base::Time now);

  std::size_t packet_bytes_;
  base::Bytes frame_;
  std::size_t cut_ = 0;    ///< bytes of the frame that were sent
  std::deque<Sent> sent_;  ///< not acknowledged
  std::size_t sent_bytes_ = 0;
  std::uint8_t first_ = 0;  ///< number of the first of them
  base::Time progress_;     ///< when something was acknowledged last
  LanePace pace_;
  bool started_ = false;  ///< the first packet was acknowledged
  bool dead_ = false;
  std::uint64_t sent_again_ = 0;
};

}  // namespace chaski::transport_ble
