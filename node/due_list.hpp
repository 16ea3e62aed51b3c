// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/time.hpp"

namespace chaski::node {

/// When something is due for each contact: one time each, the first at hand.
class DueList {
 public:
  /// A zero time is none.
  void set(std::uint32_t contact, base::Time at) {
    const auto known = times_.find(contact);
    if (known != times_.end()) {
      order_.erase({known->second, contact});
      times_.erase(known);
    }
    if (at == base::Time{}) return;
    times_.emplace(contact, at);
    order_.emplace(at, contact);
  }
  std::optional<base::Time> next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }
  /// One for which it is due, taken out.
  std::optional<std::uint32_t> take(base::Time now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    const std::uint32_t contact = order_.begin()->second;
    set(contact, {});
    return contact;
  }

 private:
  std::set<std::pair<base::Time, std::uint32_t>> order_;
  std::unordered_map<std::uint32_t, base::Time> times_;
};

}  // namespace chaski::node
