// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/trace.hpp"

namespace chaski::mesh_router {

void DecisionTrace::push(const TraceEvent& event) {
  if (!on()) return;
  if (events_.size() >= limit_) {
    events_.pop_front();
    ++lost_;
  }
  events_.push_back(event);
}

std::optional<TraceEvent> DecisionTrace::pop() {
  if (events_.empty()) return std::nullopt;
  const TraceEvent event = events_.front();
  events_.pop_front();
  return event;
}

}  // namespace chaski::mesh_router
