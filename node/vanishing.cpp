// SPDX-License-Identifier: Apache-2.0
#include "node/vanishing.hpp"

namespace chaski::node {

Vanishing::Vanishing(PeopleStore& people) : people_(people) {
  people_.for_each_timer([this](MessageId id, base::Time due) { add(id, due); });
}

void Vanishing::add(MessageId id, base::Time due) {
  if (running_.try_emplace(id, due).second) by_time_.emplace(due, id);
}

void Vanishing::start(MessageId id, std::uint32_t after_s, base::Time now) {
  if (running_.contains(id)) return;
  const base::Time due = now + std::chrono::seconds(after_s);
  people_.save_timer(id, due);
  add(id, due);
}

void Vanishing::forget(MessageId id) {
  const auto known = running_.find(id);
  if (known == running_.end()) return;
  auto [at, end] = by_time_.equal_range(known->second);
  while (at != end && at->second != id) ++at;
  if (at != end) by_time_.erase(at);
  running_.erase(known);
}

std::optional<base::Time> Vanishing::next() const {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->first;
}

std::vector<MessageId> Vanishing::due(base::Time now) {
  std::vector<MessageId> out;
  while (!by_time_.empty() && by_time_.begin()->first <= now && out.size() < kAtOnceMax) {
    out.push_back(by_time_.begin()->second);
    running_.erase(out.back());
    by_time_.erase(by_time_.begin());
  }
  return out;
}

}  // namespace chaski::node
