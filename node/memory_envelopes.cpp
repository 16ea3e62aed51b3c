// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "node/memory_node_store.hpp"

namespace chaski::node {

using mesh_router::EnvelopeRecord;
using mesh_router::StoreError;
using mesh_router::StoreKey;

JournaledEnvelopes::JournaledEnvelopes(std::uint64_t bytes_max, std::shared_ptr<BodyPool> pool)
    : bytes_max_(bytes_max), pool_(std::move(pool)) {}

JournaledEnvelopes::~JournaledEnvelopes() {
  commit();
  for (BodyPool::Body* body : bodies_)
    if (body != nullptr) pool_->release(body);
}

base::Expected<StoreKey, StoreError> JournaledEnvelopes::put(const EnvelopeRecord& record,
                                                             base::ByteView envelope) {
  const std::uint64_t cost = envelope.size() + kEnvelopeOverhead;
  if (!accepts_) return base::unexpected(StoreError::full);
  if (bytes_ + cost > bytes_max_) return base::unexpected(StoreError::quota);
  if (free_.empty()) {
    free_.push_back(slots_.size());
    slots_.emplace_back();
    bodies_.push_back(nullptr);
  }
  const std::size_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = Entry{record, next_order_++};
  bodies_[slot] = pool_->acquire(record.id, envelope);
  count_in(slot);
  journal_.push_back({Change::put, slot, nullptr});
  return slot + 1;
}

base::ByteView JournaledEnvelopes::read(StoreKey key) {
  if (key == 0 || key > slots_.size() || bodies_[key - 1] == nullptr) return {};
  return bodies_[key - 1]->bytes();
}

void JournaledEnvelopes::erase(StoreKey key) {
  if (key == 0 || key > slots_.size() || bodies_[key - 1] == nullptr) return;
  const std::size_t slot = key - 1;
  BodyPool::Body* body = std::exchange(bodies_[slot], nullptr);
  count_out(slot, *body);
  journal_.push_back({Change::erased, slot, body});
}

void JournaledEnvelopes::put_tombstone(const wire::EnvelopeId& id, base::Time until) {
  const auto [found, added] = tombstones_.try_emplace(id, until);
  TombstoneUndo undo{id, std::nullopt};
  if (!added) undo.before = std::exchange(found->second, std::max(found->second, until));
  first_tombstone_end_ = std::min(first_tombstone_end_, until);
  tombstone_journal_.push_back(undo);
}

void JournaledEnvelopes::expire_tombstones(base::Time now) {
  if (now < first_tombstone_end_) return;
  first_tombstone_end_ = base::Time::max();
  for (auto it = tombstones_.begin(); it != tombstones_.end();) {
    if (it->second > now) {
      first_tombstone_end_ = std::min(first_tombstone_end_, it->second);
      ++it;
      continue;
    }
    tombstone_journal_.push_back({it->first, it->second});
    it = tombstones_.erase(it);
  }
}

void JournaledEnvelopes::for_each(
    const std::function<void(StoreKey, const EnvelopeRecord&)>& visit) {
  std::vector<std::size_t> held;
  held.reserve(count_);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    if (bodies_[slot] != nullptr) held.push_back(slot);
  std::sort(held.begin(), held.end(),
            [this](std::size_t a, std::size_t b) { return slots_[a].order < slots_[b].order; });
  for (std::size_t slot : held) visit(slot + 1, slots_[slot].record);
}

void JournaledEnvelopes::for_each_tombstone(
    const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) {
  for (const auto& [id, until] : tombstones_) visit(id, until);
}

mesh_router::StoreUsage JournaledEnvelopes::usage() const {
  return {.envelopes = count_, .bytes = bytes_, .bytes_max = bytes_max_};
}

void JournaledEnvelopes::commit() {
  for (const Undo& change : journal_) {
    if (change.change != Change::erased) continue;
    pool_->release(change.body);
    free_.push_back(change.slot);
  }
  journal_.clear();
  tombstone_journal_.clear();
}

void JournaledEnvelopes::count_in(std::size_t slot) {
  bytes_ += bodies_[slot]->size + kEnvelopeOverhead;
  ++count_;
  if (slots_[slot].record.kind == wire::EnvelopeKind::receipt) ++receipts_;
}

void JournaledEnvelopes::count_out(std::size_t slot, const BodyPool::Body& body) {
  bytes_ -= body.size + kEnvelopeOverhead;
  --count_;
  if (slots_[slot].record.kind == wire::EnvelopeKind::receipt) --receipts_;
}

void JournaledEnvelopes::undo(const Undo& change) {
  switch (change.change) {
    case Change::put: {
      BodyPool::Body* body = std::exchange(bodies_[change.slot], nullptr);
      CHASKI_ASSERT(body != nullptr);
      count_out(change.slot, *body);
      pool_->release(body);
      free_.push_back(change.slot);
      break;
    }
    case Change::erased:
      CHASKI_ASSERT(bodies_[change.slot] == nullptr);
      bodies_[change.slot] = change.body;
      count_in(change.slot);
      break;
  }
}

void JournaledEnvelopes::undo_tombstone() {
  const TombstoneUndo& change = tombstone_journal_.back();
  if (change.before) {
    tombstones_[change.id] = *change.before;
    first_tombstone_end_ = std::min(first_tombstone_end_, *change.before);
  } else {
    tombstones_.erase(change.id);
  }
  tombstone_journal_.pop_back();
}

void JournaledEnvelopes::roll_back() {
  for (; !journal_.empty(); journal_.pop_back()) undo(journal_.back());
  while (!tombstone_journal_.empty()) undo_tombstone();
}

}  // namespace chaski::node
