// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/contact_schedule.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace chaski::mesh_router {

namespace {

/// Few copies above all, then an early arrival, which the keys of a store count. Not age, which
/// begins at random: what one person wrote to another should be read in its order, since a ratchet
/// looks only so far ahead.
std::uint64_t urgency_of(const HeldEnvelope& held) {
  constexpr unsigned kKeyBits = 56;
  constexpr std::uint64_t kKeyMask = (std::uint64_t{1} << kKeyBits) - 1;
  const auto copies = static_cast<unsigned>(std::popcount(held.known_by));
  return std::uint64_t{255 - copies} << kKeyBits | (kKeyMask - std::min(held.key(), kKeyMask));
}

std::size_t queue_of(Lane lane, std::size_t turn) {
  return static_cast<std::size_t>(lane) * kTurns + turn;
}

}  // namespace

/// Where the queue is in queues_, or where it belongs.
std::size_t ContactSchedule::find(std::size_t number) const {
  std::size_t at = 0;
  while (at < queues_.size() && queues_[at].number < number) ++at;
  return at;
}

void ContactSchedule::push(SlotRef envelope, const HeldEnvelope& held) {
  const std::size_t number = queue_of(held.lane(), held.turn());
  const std::size_t at = find(number);
  if (at == queues_.size() || queues_[at].number != number) {
    queues_.insert(queues_.begin() + static_cast<std::ptrdiff_t>(at), Queue{number, {}});
  }
  std::vector<Entry>& heap = queues_[at].heap;
  heap.push_back({urgency_of(held), envelope});
  std::push_heap(heap.begin(), heap.end(), later);
  waiting_[static_cast<std::size_t>(held.lane())] |= 1u << held.turn();
  ++size_;
}

SlotRef ContactSchedule::top(Lane lane, std::size_t turn) const {
  const std::size_t at = find(queue_of(lane, turn));
  CHASKI_ASSERT(at < queues_.size() && queues_[at].number == queue_of(lane, turn));
  return queues_[at].heap.front().envelope;
}

void ContactSchedule::pop(Lane lane, std::size_t turn) {
  const std::size_t at = find(queue_of(lane, turn));
  CHASKI_ASSERT(at < queues_.size() && queues_[at].number == queue_of(lane, turn));
  std::vector<Entry>& heap = queues_[at].heap;
  std::pop_heap(heap.begin(), heap.end(), later);
  heap.pop_back();
  --size_;
  if (!heap.empty()) return;
  queues_.erase(queues_.begin() + static_cast<std::ptrdiff_t>(at));
  waiting_[static_cast<std::size_t>(lane)] &= ~(1u << turn);
}

std::optional<std::size_t> ContactSchedule::place_of(SlotRef envelope,
                                                     const HeldEnvelope& held) const {
  const std::size_t number = queue_of(held.lane(), held.turn());
  const std::size_t at = find(number);
  if (at == queues_.size() || queues_[at].number != number) return std::nullopt;
  const std::vector<Entry>& heap = queues_[at].heap;
  const auto found = std::find_if(heap.begin(), heap.end(), [envelope](const Entry& entry) {
    return entry.envelope == envelope;
  });
  if (found == heap.end()) return std::nullopt;
  const auto before = std::count_if(heap.begin(), heap.end(), [found](const Entry& entry) {
    return entry.urgency > found->urgency;
  });
  return static_cast<std::size_t>(before);
}

std::size_t ContactSchedule::memory_used() const {
  std::size_t used = 0;
  for (const Queue& queue : queues_) used += queue.heap.capacity() * sizeof(Entry);
  return used;
}

}  // namespace chaski::mesh_router
