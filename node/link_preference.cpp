// SPDX-License-Identifier: Apache-2.0
#include "node/link_preference.hpp"

namespace chaski::node {

bool carries_before(const LinkRank& a, const LinkRank& b, const link::NodePublicKey& us,
                    const link::NodePublicKey& peer) {
  if (a.kind != b.kind) return a.kind > b.kind;
  if (a.role != b.role) {
    const bool ours_first = us < peer;
    return ours_first == (a.role == base::LinkRole::initiator);
  }
  return a.opened > b.opened;
}

bool closes_duplicate(const LinkRank& kept, const LinkRank& other) {
  return kept.kind == other.kind && kept.role == base::LinkRole::initiator;
}

}  // namespace chaski::node
