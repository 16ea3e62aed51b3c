// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/receipt_book.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

std::vector<Slot> ReceiptBook::held_for(std::uint64_t target_hash,
                                        const wire::EnvelopeId& target) const {
  std::vector<Slot> slots;
  by_target_.find(target_hash, [&](Slot slot) {
    if (table_.at(slot).commitment_or_target == target.bytes) slots.push_back(slot);
    return false;
  });
  return slots;
}

bool ReceiptBook::knows_true_one(std::uint64_t target_hash,
                                 const wire::EnvelopeId& target) const {
  const Slot slot = by_target_.find(target_hash, [&](Slot candidate) {
    return table_.at(candidate).commitment_or_target == target.bytes &&
           !by_slot_.contains(candidate);
  });
  return slot != kNoSlot;
}

bool ReceiptBook::allows_unverified(std::uint64_t target_hash, const wire::EnvelopeId& target,
                                    std::uint64_t depositor) const {
  if (unverified_ >= unverified_max_) return false;
  const auto count = depositors_.find(depositor);
  if (count != depositors_.end() && count->second >= (unverified_max_ + 1) / 2) return false;
  const std::vector<Slot> others = held_for(target_hash, target);
  if (others.size() >= kPerEnvelope) return false;
  std::size_t same = 0;
  for (const Slot slot : others) {
    const auto known = by_slot_.find(slot);
    if (known != by_slot_.end() && known->second == depositor) ++same;
  }
  return same < kPerEnvelopeAndDepositor;
}

void ReceiptBook::add_unverified(Slot slot, std::uint64_t target_hash, std::uint64_t depositor) {
  CHASKI_ASSERT(depositor != kLoaded);
  by_target_.insert(target_hash, slot);
  by_slot_.emplace(slot, depositor);
  ++depositors_[depositor];
  ++unverified_;
}

void ReceiptBook::add_loaded(Slot slot, std::uint64_t target_hash) {
  by_target_.insert(target_hash, slot);
  by_slot_.emplace(slot, kLoaded);
}

void ReceiptBook::remove(Slot slot, std::uint64_t target_hash) {
  const bool found = by_target_.erase(target_hash, slot);
  CHASKI_ASSERT(found);
  forget_unverified(slot);
}

void ReceiptBook::forget_unverified(Slot slot) {
  const auto known = by_slot_.find(slot);
  if (known == by_slot_.end()) return;
  if (known->second != kLoaded) {
    const auto count = depositors_.find(known->second);
    CHASKI_ASSERT(count != depositors_.end() && count->second > 0 && unverified_ > 0);
    if (--count->second == 0) depositors_.erase(count);
    --unverified_;
  }
  by_slot_.erase(known);
}

}  // namespace chaski::mesh_router
