// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "node/people_store.hpp"

namespace chaski::node {

/// Messages that contacts took back and that are not here, or were not found yet.
///
/// Rules: (1) one is remembered for as long as an envelope can live: the message may come later,
/// and is then never shown. (2) at most kFromContactMax of one contact, and kWaitingMax in all; of
/// more the oldest of that contact, or of all, is forgotten. (3) they are kept with the person's
/// values.
class Deletions {
 public:
  static constexpr std::size_t kWaitingMax = 1'024;
  static constexpr std::size_t kFromContactMax = 256;
  struct Waiting {
    e2ee::PersonId contact;
    wire::EnvelopeId envelope;
    base::Time until{};
  };

  explicit Deletions(PeopleStore& people);

  /// The oldest first.
  const std::deque<Waiting>& waiting() const { return waiting_; }
  /// This contact took back the message in this envelope.
  void add(const e2ee::PersonId& contact, const wire::EnvelopeId& envelope, base::Time now);
  /// Whether this message was taken back; it is forgotten then.
  bool take(const e2ee::PersonId& contact, const wire::EnvelopeId& envelope);
  void expire(base::Time now);
  /// Whether anything changed that a commit must keep.
  bool save_if_changed();

 private:
  void load();

  PeopleStore& people_;
  std::deque<Waiting> waiting_;
  bool changed_ = false;
};

}  // namespace chaski::node
