// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// Something that will happen on the air or at an adapter.
struct BleEvent {
  enum class Kind : std::uint8_t {
    hear,      ///< `node` hears `other`
    answer,    ///< to a command, `value`; `other` is the Answer
    connect,   ///< a dial, `value`, of `node` arrives
    give_up,   ///< a dial, `value`, that nobody called off
    lost,      ///< connection `value` (number and generation) is noticed to be out of range
    wake,      ///< the manager of `node`
    power_on,  ///< of `node`
  };
  base::Time at{};
  std::uint64_t order = 0;
  std::uint64_t value = 0;
  NodeIndex node = 0;
  NodeIndex other = 0;
  Kind kind = Kind::wake;
};

/// What happens next; at equal times in the order in which it was planned.
class BleEvents {
 public:
  void push(BleEvent event) {
    event.order = next_order_++;
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  base::Time next_time() const { return heap_.empty() ? base::Time::max() : heap_.front().at; }
  BleEvent pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const BleEvent event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  static bool later(const BleEvent& a, const BleEvent& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
  std::vector<BleEvent> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace chaski::sim
