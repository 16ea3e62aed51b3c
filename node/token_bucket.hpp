// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace chaski::node {

/// So many at once, then one per period: the generic cell rate algorithm (ITU-T I.371).
class TokenBucket {
 public:
  TokenBucket(std::int64_t burst, base::Duration period) : burst_(burst), period_(period) {}

  bool has(base::Time now) const { return next_at() <= now; }
  /// Asserting nothing: an empty bucket goes into debt by at most one token.
  void take(base::Time now) { full_at_ = std::max(full_at_, now) + period_; }
  /// When there is a token again, or a time that is over.
  base::Time next_at() const { return full_at_ + period_ - burst_ * period_; }

 private:
  std::int64_t burst_;
  base::Duration period_;
  base::Time full_at_{};
};

}  // namespace chaski::node
