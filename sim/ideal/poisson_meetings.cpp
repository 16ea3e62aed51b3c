// SPDX-License-Identifier: Apache-2.0
#include "sim/ideal/poisson_meetings.hpp"

#include <cmath>
#include <utility>

#include "base/assert.hpp"

namespace chaski::sim {

PoissonMeetings::PoissonMeetings(std::uint64_t seed, std::uint32_t nodes,
                                 double meetings_per_pair_and_s, base::Time end)
    : random_(seed),
      nodes_(nodes),
      meetings_per_s_(meetings_per_pair_and_s * nodes * (nodes - 1.0) / 2),
      end_(end) {
  CHASKI_ASSERT(nodes >= 2 && meetings_per_pair_and_s > 0);
}

std::optional<ContactChange> PoissonMeetings::next() {
  if (last_.up) {
    last_.up = false;
    return last_;
  }
  const double wait_s = -std::log1p(-random_.unit()) / meetings_per_s_;
  // A wait may be longer than any time there is.
  if (wait_s >= std::chrono::duration<double>(end_ - last_.at).count() + 1) return std::nullopt;
  last_.at += base::Duration(std::llround(wait_s * 1e6));
  if (last_.at > end_) return std::nullopt;
  last_.a = static_cast<NodeIndex>(random_.below(nodes_));
  last_.b = static_cast<NodeIndex>(random_.below(nodes_ - 1));
  if (last_.b >= last_.a) {
    ++last_.b;
  } else {
    std::swap(last_.a, last_.b);
  }
  last_.up = true;
  return last_;
}

}  // namespace chaski::sim
