// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "base/time.hpp"
#include "e2ee/session.hpp"

namespace chaski::e2ee {

/// A message that was passed over, and may still come.
struct SkippedKey {
  wire::DeliveryTag tag;  ///< zero: gone
  MessageKey key;
  base::Time expires;
};

/// The keys of messages that were passed over: at most Session::kSkippedMax, oldest out first.
///
/// In the order in which they were passed over; one that goes leaves a gap, and gaps are closed
/// when the list has grown to twice the limit, so that every operation is cheap on average.
class SkippedKeys {
 public:
  static constexpr std::size_t kMax = Session::kSkippedMax;

  /// The key of an expected tag, until the next change, or null.
  const MessageKey* find(const wire::DeliveryTag& tag) const;
  /// Keeps a key; gives the tag that had to go for it, if any.
  std::optional<wire::DeliveryTag> add(const SkippedKey& skipped);
  void remove(const wire::DeliveryTag& tag);
  /// Forgets all that expired at `now` and appends their tags to `removed`.
  void expire(base::Time now, std::vector<wire::DeliveryTag>& removed);
  std::size_t size() const { return size_; }
  /// How many of the oldest expire at `time` or before, counted up to `most`.
  std::uint64_t count_until(base::Time time, std::uint64_t most) const;
  void append_tags(std::vector<wire::DeliveryTag>& out) const;
  template <class Visit>
  void for_each(Visit visit) const {
    for (const SkippedKey& key : keys_) {
      if (!key.tag.is_zero()) visit(key);
    }
  }

 private:
  void clear(SkippedKey& key);
  void close_gaps();

  std::vector<SkippedKey> keys_;
  std::size_t first_ = 0;  ///< everything before is gone
  std::size_t size_ = 0;
};

}  // namespace chaski::e2ee
