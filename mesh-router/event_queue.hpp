// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/small.hpp"
#include "mesh-router/ring.hpp"
#include "mesh-router/router.hpp"

namespace chaski::mesh_router {

/// Events until the owner asks for them: those of what was written here first, then traces.
///
/// Rules: (1) at most `limit` of each. (2) a new trace pushes out the oldest trace. (3) a trace
/// never displaces an event of something local; a local event beyond the limit pushes out the
/// oldest. (4) on a small board nobody asks, and there are none.
class EventQueue {
 public:
  explicit EventQueue(std::size_t limit) : limit_(limit == 0 ? 1 : limit) {}
  void push(const RouterEvent& event, bool local) {
    if (!base::kSmall) put(event, local);
  }
  std::optional<RouterEvent> pop();
  /// Forgets all of them, for good.
  void forget();
  std::size_t size() const { return local_.size() + traces_.size(); }

 private:
  void put(const RouterEvent& event, bool local);

  std::size_t limit_;
  Ring<RouterEvent> local_;
  Ring<RouterEvent> traces_;
};

}  // namespace chaski::mesh_router
