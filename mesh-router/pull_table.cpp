// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/pull_table.hpp"

#include <bit>

namespace chaski::mesh_router {

namespace {
std::uint64_t mask(unsigned bit) { return std::uint64_t{1} << bit; }
}  // namespace

bool PullTable::announced(std::uint64_t hash, const wire::EnvelopeId& id, unsigned bit,
                          base::Time now) {
  if (Entry* const entry = find(hash)) {
    entry->announcers |= mask(bit);
    return true;
  }
  const auto first = static_cast<std::uint8_t>(bit);
  return add({hash, id, mask(bit), 0, 0, now + kPatience, first, true}, first_dues_);
}

void PullTable::expired(std::uint64_t hash, const wire::EnvelopeId& id, std::uint64_t bits,
                        base::Time now) {
  if (bits == 0 || find(hash) != nullptr) return;
  const auto first = static_cast<std::uint8_t>(std::countr_zero(bits));
  add({hash, id, 0, bits, 0, now + kLater, first, true}, later_dues_);
}

/// What came meanwhile stays in the row of dues until its time: that row is bounded as well.
bool PullTable::add(const Entry& entry, Ring<Due>& dues) {
  if (entries_.size() >= kMax || counts_[entry.first] >= kPerNeighbourMax ||
      dues.size() >= 4 * kMax) {
    return false;
  }
  entries_.insert(entry);
  ++counts_[entry.first];
  dues.push_back({entry.due, entry.hash});
  return true;
}

PullTable::Entry* PullTable::find(std::uint64_t hash) {
  const auto mark = static_cast<std::uint32_t>(hash);
  return entries_.find(mark, [hash](const Entry& entry) { return entry.hash == hash; });
}

void PullTable::erase(const Entry* entry) {
  --counts_[entry->first];
  entries_.erase(entry);
}

std::uint64_t PullTable::came(std::uint64_t hash) {
  const Entry* const found = find(hash);
  if (found == nullptr) return 0;
  const std::uint64_t announcers = found->announcers;
  erase(found);
  return announcers;
}

void PullTable::left(unsigned bit) {
  entries_.for_each([bit](Entry& entry) {
    entry.announcers &= ~mask(bit);
    entry.perhaps &= ~mask(bit);
  });
}

std::optional<PullTable::Ask> PullTable::next_due(base::Time now) {
  if (auto ask = take(first_dues_, now)) return ask;
  if (auto ask = take(later_dues_, now)) return ask;
  return take(retries_, now);
}

std::optional<PullTable::Ask> PullTable::take(Ring<Due>& dues, base::Time now) {
  while (!dues.empty() && dues.front().at <= now) {
    const Due due = dues.front();
    dues.pop_front();
    Entry* const found = find(due.hash);
    if (found == nullptr || found->due != due.at) continue;
    Entry& entry = *found;
    const std::uint64_t left = (entry.announcers | entry.perhaps) & ~entry.asked;
    if (left == 0 || retries_.size() >= 4 * kMax) {
      erase(found);
      continue;
    }
    const auto bit = (left & mask(entry.first)) != 0
                         ? unsigned{entry.first}
                         : static_cast<unsigned>(std::countr_zero(left));
    entry.asked |= mask(bit);
    entry.due = now + kRetry;
    retries_.push_back({entry.due, due.hash});
    return Ask{entry.id, bit};
  }
  return std::nullopt;
}

std::optional<base::Time> PullTable::next_time() const {
  std::optional<base::Time> earliest;
  for (const Ring<Due>* dues : {&first_dues_, &later_dues_, &retries_}) {
    if (!dues->empty() && (!earliest || (*dues)[0].at < *earliest)) earliest = (*dues)[0].at;
  }
  return earliest;
}

}  // namespace chaski::mesh_router
