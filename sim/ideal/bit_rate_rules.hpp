// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include "base/time.hpp"
#include "sim/ideal/strategy.hpp"

namespace chaski::sim {

/// Links of a plain bit rate, by the rules of The ONE 1.6; docs/simulator/ideal.md tells each rule.
///
/// Values are those of The ONE's default_settings.txt.
struct BitRateRules {
  static constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();
  /// In which order a node offers messages.
  enum class Queue : std::uint8_t {
    random,  ///< shuffled anew each time, by the second (sendQueue 1)
    fifo,    ///< what it received first goes first (sendQueue 2)
  };

  Strategy strategy;
  std::uint32_t bytes_per_s = 250'000;     ///< of a link, one way at a time; above 0
  std::uint64_t buffer_bytes = 5'000'000;  ///< of a node
  /// Between two looks at all nodes; 0: transfers end exactly when they do.
  base::Duration update_interval = std::chrono::milliseconds(100);
  Queue queue = Queue::random;
  bool random_update_order = true;  ///< of nodes at one look (randomizeUpdateOrder)
  bool delete_delivered = false;    ///< copies of what the recipient refuses as known
  bool messages_first = false;      ///< before contacts at one time: the order of event queues
  /// Between two searches of a node for messages whose lifetime is over.
  base::Duration lifetime_check_interval = std::chrono::seconds(60);  ///< above 0
  /// With less than this left a lifetime is over: The ONE counts minutes and cuts them off.
  base::Duration lifetime_grain = std::chrono::seconds(60);
  std::uint16_t seed = 0;  ///< of shuffling; 0: as The ONE does
  /// For tests: looks at every node each time, as The ONE does. The same, and slow.
  bool look_at_all = false;
};

}  // namespace chaski::sim
