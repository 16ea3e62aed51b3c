// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "transport-ble/ble_lane.hpp"

namespace chaski::transport_ble {

/// What is between two ends of a lane, each way: it loses, doubles, reorders and is slow.
struct Air {
  double loss = 0;
  double doubling = 0;
  base::Duration delay = std::chrono::milliseconds(10);
  base::Duration jitter{};      ///< up to so much more, for each packet by itself
  std::size_t bytes_per_s = 0;  ///< 0: as fast as they come; what waits is queued without bound
};

/// Two lanes that talk over air in virtual time; what they send and what arrives is compared.
///
/// Each end sends what its `next` gives whenever it has room.
class LaneWorld {
 public:
  struct End {
    Lane lane;
    std::function<base::Bytes()> next;  ///< the next frame, empty for none now
    std::vector<base::Bytes> sent, got;
    std::vector<base::Time> sent_at, got_at;
    std::uint64_t packets = 0;
  };

  LaneWorld(std::size_t packet_size, Air between, std::uint64_t seed)
      : air(between),
        random(seed),
        ends{End{Lane(packet_size), {}, {}, {}, {}, {}, 0},
             End{Lane(packet_size), {}, {}, {}, {}, {}, 0}} {}

  base::Time now() const { return now_; }
  /// Runs until nothing is left to happen, or until then.
  void run(base::Time until);
  /// What arrived is the beginning of what was sent, at both ends; empty, or what is wrong.
  std::string compare() const;
  /// Everything that was sent arrived.
  bool complete() const { return ends[0].got == ends[1].sent && ends[1].got == ends[0].sent; }
  /// Gives a value to an end as if it had come over the air.
  void arrive(std::size_t end, base::Bytes value);

  Air air;
  base::SeededRandom random;
  End ends[2];

 private:
  void turn(std::size_t end);
  void transmit(std::size_t from, base::ByteView packet);

  base::Time now_{std::chrono::seconds(1000)};
  std::multimap<base::Time, std::pair<std::size_t, base::Bytes>> flying_;
  base::Time free_at_[2] = {};  ///< when the air has sent what was queued
};

}  // namespace chaski::transport_ble
