// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace chaski::sim {

/// Something that will happen; equal times happen in the order in which they were planned.
struct Event {
  enum class Kind : std::uint8_t { service, wake, frame, room, open, closed, notice, dial, action };
  base::Time at{};
  std::uint64_t order = 0;
  Kind kind = Kind::service;
  std::uint8_t side = 0;      ///< end of the connection, for what concerns one
  std::uint32_t subject = 0;  ///< node, connection, wire or action
  std::uint32_t payload = 0;  ///< frame buffer
};

/// What happens next in virtual time.
class EventHeap {
 public:
  void push(Event event) {
    event.order = next_order_++;
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  bool empty() const { return heap_.empty(); }
  base::Time next_time() const { return heap_.front().at; }
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  static bool later(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
  std::vector<Event> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace chaski::sim
