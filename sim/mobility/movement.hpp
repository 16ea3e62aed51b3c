// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/random.hpp"
#include "sim/mobility/leg.hpp"

namespace chaski::sim {

/// How the members of one group move: a model, and what it must remember of each member.
///
/// The random stream is the member's own. Nothing that a member does may depend on how many
/// others there are or on what they do, so that one more changes nobody's path; what the group has
/// in common (a map, a route) is settled when the model is made.
class Movement {
 public:
  virtual ~Movement() = default;
  /// What no member ever leaves; on a torus, where legs may lead beyond it.
  virtual Rectangle bounds() const = 0;
  /// The leg of time 0; called once for each member, in order from 0.
  virtual Leg first(std::uint32_t member, base::Random& random) = 0;
  /// The leg after `last`, which begins where and when that one ends.
  virtual Leg next(std::uint32_t member, const Leg& last, base::Random& random) = 0;
};

}  // namespace chaski::sim
