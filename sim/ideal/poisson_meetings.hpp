// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "sim/contacts/contact.hpp"

namespace chaski::sim {

/// Every pair meets by a Poisson process of its own, for no time: the world of the closed forms.
///
/// A contact's end comes at the time of its beginning, right after it.
class PoissonMeetings final : public ContactSource {
 public:
  /// `nodes` at least 2; `meetings_per_pair_and_s` above 0.
  PoissonMeetings(std::uint64_t seed, std::uint32_t nodes, double meetings_per_pair_and_s,
                  base::Time end);

  std::uint32_t nodes() const override { return nodes_; }
  base::Time end() const override { return end_; }
  std::optional<ContactChange> next() override;

 private:
  base::SeededRandom random_;
  std::uint32_t nodes_;
  double meetings_per_s_;
  base::Time end_;
  ContactChange last_;
};

}  // namespace chaski::sim
