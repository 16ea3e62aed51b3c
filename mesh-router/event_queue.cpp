// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/event_queue.hpp"

namespace chaski::mesh_router {

void EventQueue::put(const RouterEvent& event, bool local) {
  Ring<RouterEvent>& queue = local ? local_ : traces_;
  if (queue.size() >= limit_) queue.pop_front();
  queue.push_back(event);
}

std::optional<RouterEvent> EventQueue::pop() {
  if (base::kSmall) return std::nullopt;
  Ring<RouterEvent>& queue = local_.empty() ? traces_ : local_;
  if (queue.empty()) return std::nullopt;
  const RouterEvent event = queue.front();
  queue.pop_front();
  return event;
}

void EventQueue::forget() {
  local_ = {};
  traces_ = {};
}

}  // namespace chaski::mesh_router
