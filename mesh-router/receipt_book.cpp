// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/receipt_book.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

std::vector<Slot> ReceiptBook::held_for(std::uint64_t target_hash,
                                        const wire::EnvelopeId& target) const {
  std::vector<Slot> slots;
  table_.find_receipt(target_hash, target, [&](Slot slot) {
    slots.push_back(slot);
    return false;
  });
  return slots;
}

bool ReceiptBook::knows_true_one(std::uint64_t target_hash,
                                 const wire::EnvelopeId& target) const {
  return table_.find_receipt(target_hash, target, [&](Slot slot) {
    return table_.at(slot).trust == ReceiptTrust::verified;
  }) != kNoSlot;
}

bool ReceiptBook::allows_unverified(std::uint64_t target_hash, const wire::EnvelopeId& target,
                                    Account account) const {
  if (unverified_ >= unverified_max_) return false;
  if (account < by_account_.size() && by_account_[account] >= (unverified_max_ + 1) / 2) {
    return false;
  }
  std::size_t others = 0;
  std::size_t same = 0;
  table_.find_receipt(target_hash, target, [&](Slot slot) {
    const HeldEnvelope& held = table_.at(slot);
    ++others;
    if (held.trust == ReceiptTrust::unverified && held.account == account) ++same;
    return others == kPerEnvelope || same == kPerEnvelopeAndDepositor;
  });
  return others < kPerEnvelope && same < kPerEnvelopeAndDepositor;
}

void ReceiptBook::set_trust(Slot slot, ReceiptTrust trust) {
  HeldEnvelope& held = table_.at(slot);
  CHASKI_ASSERT(held.is_receipt);
  if (held.trust == ReceiptTrust::unverified) {
    CHASKI_ASSERT(by_account_[held.account] > 0 && unverified_ > 0);
    --by_account_[held.account];
    --unverified_;
  }
  held.trust = trust;
  if (trust != ReceiptTrust::unverified) return;
  if (held.account >= by_account_.size()) by_account_.resize(held.account + std::size_t{1});
  ++by_account_[held.account];
  ++unverified_;
}

}  // namespace chaski::mesh_router
