// SPDX-License-Identifier: Apache-2.0
#include "e2ee/ratchet.hpp"

#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"

namespace chaski::e2ee {

std::optional<RootStep> root_step(const RootKey& root, const RatchetSecret& ours,
                                  const RatchetPublicKey& theirs) {
  const auto shared = agree(ours.view(), theirs.view());
  if (!shared) return std::nullopt;
  Secret<struct RootStepRole, 64> all;
  hash(all.mutable_view(), label::kRoot, root.view(), {shared->view()});
  RootStep out;
  out.root = derive_secret<RootKey>(label::kRootNext, all.view());
  out.chain = derive_secret<ChainKey>(label::kRootChain, all.view());
  out.tags = derive_secret<TagBlockKey>(label::kRootTags, all.view());
  return out;
}

MessageKey next_message_key(ChainKey& chain) {
  const ChainKey now = chain;
  MessageKey key;
  derive_pair(label::kMessageStep, now.view(), chain, key);
  return key;
}

}  // namespace chaski::e2ee
