// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "node/people_store.hpp"

namespace chaski::node {

/// Messages that disappear, and when: by the node's own clock, which counts while it is off.
///
/// Rules: (1) what was sent disappears so long after it was written, what came so long after it was
/// read. (2) timers are kept with the messages; what fell due while the node was off or locked goes
/// before anything is shown.
class Vanishing {
 public:
  explicit Vanishing(PeopleStore& people);

  /// Starts the timer of a message, unless it runs already.
  void start(MessageId id, std::uint32_t after_s, base::Time now);
  /// The message is gone for another reason.
  void forget(MessageId id);
  std::optional<base::Time> next() const;
  /// The messages that are due, not more than kAtOnceMax; each is given once.
  std::vector<MessageId> due(base::Time now);

  static constexpr std::size_t kAtOnceMax = 256;

 private:
  void add(MessageId id, base::Time due);

  PeopleStore& people_;
  std::multimap<base::Time, MessageId> by_time_;
  std::unordered_map<MessageId, base::Time> running_;
};

}  // namespace chaski::node
