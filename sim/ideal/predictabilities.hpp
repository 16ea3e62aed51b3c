// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/time.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// Delivery predictabilities of one node (RFC 6693, section 2.1; constants of section 3.3).
///
/// Rules: (1) a meeting raises that of the neighbour, by less when the last one was shortly before.
/// (2) all of them age. (3) whom the neighbour is likely to meet becomes likelier here too. The
/// optional smoothing is not used.
class Predictabilities {
 public:
  static constexpr double kEncounterMax = 0.7;
  static constexpr double kEncounterFirst = 0.5;
  static constexpr double kFirstThreshold = 0.1;
  static constexpr double kBeta = 0.9;
  static constexpr double kGamma = 0.999;
  static constexpr double kDelta = 0.01;

  /// `typical`: between two meetings of a pair; a thousandth of it is the unit in which they age.
  explicit Predictabilities(base::Duration typical) : typical_(typical) {}

  void met(NodeIndex other, const Predictabilities& others, NodeIndex self, base::Time now);
  /// As of the last meeting.
  double of(NodeIndex node) const { return node < values_.size() ? values_[node].p : 0; }
  /// As of now.
  double of(NodeIndex node, base::Time now) const { return of(node) * aging(now); }
  /// Whether this node is likelier to meet it than `other` is: the same until one of them meets
  /// somebody, for both age alike.
  bool likelier_than(const Predictabilities& other, NodeIndex node) const;

 private:
  struct Value {
    double p = 0;
    base::Time met{};
  };
  double aging(base::Time now) const;
  void age(base::Time now);
  void raise(Value& value, base::Time now) const;

  base::Duration typical_;
  base::Time aged_{};
  std::vector<Value> values_;
};

}  // namespace chaski::sim
