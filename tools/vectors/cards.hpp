// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "e2ee/identity.hpp"
#include "tools/vectors/page.hpp"

namespace chaski::vectors {

/// The inviter's card for anybody, and the acceptor's answer with its stamp.
std::vector<Vector> card_vectors(const e2ee::Identity& inviter, const e2ee::Identity& acceptor,
                                 base::Random& from);

}  // namespace chaski::vectors
