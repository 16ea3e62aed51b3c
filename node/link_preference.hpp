// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/link_id.hpp"
#include "link/keys.hpp"

namespace chaski::node {

/// What decides between two open links to one neighbour.
struct LinkRank {
  base::TransportKind kind = base::TransportKind::lan;
  base::LinkRole role = base::LinkRole::initiator;  ///< ours
  std::uint64_t opened = 0;                         ///< counts the links opened here
};

/// Whether `a` carries rather than `b`, both being links between `us` and `peer`.
///
/// The better transport first, then the link whose initiator has the smaller node key, then the one
/// opened later (the earlier may be a dead connection that only the other end knows about).
bool carries_before(const LinkRank& a, const LinkRank& b, const link::NodePublicKey& us,
                    const link::NodePublicKey& peer);

/// Whether we are the one to close `other` because `kept` carries before it.
///
/// Only links of one transport are closed, and only by the initiator of the kept one: the responder
/// opens first, so what is open at the initiator is open at both ends, and no crossing of closes
/// can lose both.
bool closes_duplicate(const LinkRank& kept, const LinkRank& other);

}  // namespace chaski::node
