// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "node/people_store.hpp"

namespace chaski::node {

/// Finds messages of a conversation by their envelopes, little by little.
///
/// Rules: (1) a conversation is searched from its newest message back, kStepsAtOnce messages a
/// wake() and kPause between two, so that no contact can keep the node busy. (2) jobs take turns in
/// the order in which they came; of more than kJobsMax the newest is not taken, and of more than
/// kReadJobsMax none for what was read: what is to be erased is never crowded out by it.
class ThreadSeeker {
 public:
  static constexpr std::size_t kJobsMax = 2'048;
  static constexpr std::size_t kReadJobsMax = 512;
  static constexpr std::size_t kStepsAtOnce = 500;
  static constexpr base::Duration kPause = std::chrono::milliseconds(50);

  enum class Purpose : std::uint8_t { erase, read };
  struct Found {
    Purpose purpose;
    MessageId message;
  };

  explicit ThreadSeeker(PeopleStore& people) : people_(people) {}

  /// Looks for the messages in these envelopes, over at most `steps` messages.
  void add(Purpose purpose, const e2ee::PersonId& contact, std::vector<wire::EnvelopeId> wanted,
           std::size_t steps, base::Time now);
  std::optional<base::Time> next_wakeup() const { return at_; }
  /// Goes on; what was found meanwhile.
  std::vector<Found> wake(base::Time now);

 private:
  struct Job {
    Purpose purpose;
    e2ee::PersonId contact;
    std::vector<wire::EnvelopeId> wanted;
    std::size_t steps;
    MessageId next = 0;  ///< where to go on; 0: at the newest
  };
  bool step(Job& job, std::vector<Found>& found);

  PeopleStore& people_;
  std::deque<Job> jobs_;
  std::optional<base::Time> at_;
};

}  // namespace chaski::node
