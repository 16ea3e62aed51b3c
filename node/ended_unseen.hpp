// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>

#include "mesh-router/router.hpp"
#include "node/body_pool.hpp"
#include "node/people_store.hpp"

namespace chaski::node {

/// What became of envelopes while the person was locked: whose they were is not known then.
///
/// Bounded: of more than kEndsMax the oldest is forgotten.
class EndedUnseen {
 public:
  static constexpr std::size_t kEndsMax = 65'536;

  void add(const mesh_router::RouterEvent& event) {
    if (const auto* delivered = std::get_if<mesh_router::DeliveredEvent>(&event)) {
      put(delivered->id, MessageState::delivered);
    } else if (const auto* expired = std::get_if<mesh_router::ExpiredEvent>(&event)) {
      put(expired->id, MessageState::expired);
    }
  }
  std::optional<MessageState> find(const wire::EnvelopeId& id) const {
    const auto found = ends_.find(id);
    if (found == ends_.end()) return std::nullopt;
    return found->second;
  }
  bool empty() const { return ends_.empty(); }
  void clear() { *this = EndedUnseen(); }

 private:
  void put(const wire::EnvelopeId& id, MessageState end) {
    if (ends_.insert_or_assign(id, end).second) order_.push_back(id);
    if (order_.size() <= kEndsMax) return;
    ends_.erase(order_.front());
    order_.pop_front();
  }

  std::unordered_map<wire::EnvelopeId, MessageState, EnvelopeIdHash> ends_;
  std::deque<wire::EnvelopeId> order_;
};

}  // namespace chaski::node
