// SPDX-License-Identifier: Apache-2.0
#include "e2ee/ratchet.hpp"

#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"

namespace chaski::e2ee {

std::optional<RootStep> root_step(const RootKey& root, const RatchetSecret& ours,
                                  const RatchetPublicKey& theirs) {
  const auto shared = agree(ours.view(), theirs.view());
  if (!shared) return std::nullopt;
  Secret<struct RootStepRole> all;
  hash(all.mutable_view(), label::kRoot, root.view(), {shared->view()});
  RootStep out;
  out.root = derive_secret<RootKey>(label::kRootNext, all.view());
  out.chain = derive_secret<ChainKey>(label::kRootChain, all.view());
  out.tags = derive_secret<TagBlockKey>(label::kRootTags, all.view());
  return out;
}

MessageKey next_message_key(ChainKey& chain) {
  const Derived both = derive(label::kMessageStep, chain.view());
  chain = ChainKey(both.view().first(32));
  return MessageKey(both.view().last(32));
}

MessageSecrets message_secrets(const MessageKey& key) {
  const Derived both = derive(label::kMessageOpen, key.view());
  return {ContentKey(both.view().first(32)),
          *wire::ReceiptToken::from(both.view().subspan(32, wire::ReceiptToken::kSize))};
}

}  // namespace chaski::e2ee
