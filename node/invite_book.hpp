// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "e2ee/invite.hpp"
#include "node/contact_book.hpp"
#include "node/people_store.hpp"
#include "node/tag_table.hpp"
#include "node/token_bucket.hpp"

namespace chaski::node {

/// What whoever answers an invitation is to this person.
enum class InviteTrust : std::uint8_t {
  unverified,
  verified,  ///< it was said inside a pairing, to who was compared (e2ee/pairing.hpp)
};

/// An invitation that waits for its answer.
struct WaitingInvite {
  /// An answer costs key agreements to try: few may fail at once, then two a second.
  static constexpr std::int64_t kFailedOpensBurst = 16;
  static constexpr base::Duration kFailedOpenEvery = std::chrono::milliseconds(500);

  e2ee::PendingInvite invite;
  InviteTrust trust = InviteTrust::unverified;
  TokenBucket failed_opens{kFailedOpensBurst, kFailedOpenEvery};
  FailedOpens failed;
};

/// Invitations given out, each good for one answer. At most kInvitesMax wait.
///
/// Who gave the last kAnsweredMax answers is remembered by the hash of each, so that an answer that
/// is scanned after it came through the mesh is known as the very one that came.
class InviteBook {
 public:
  static constexpr std::size_t kInvitesMax = 1'024;
  static constexpr std::size_t kAnsweredMax = 256;

  InviteBook(PeopleStore& people, TagTable& tags) : people_(people), tags_(tags) {}
  void load();
  /// False when too many wait, or its tag is taken.
  bool add(const e2ee::PendingInvite& invite, InviteTrust trust = InviteTrust::unverified);
  WaitingInvite* find(const wire::DeliveryTag& tag);
  /// The invitation is used up by the answer of this person.
  void answered(const wire::DeliveryTag& tag, base::ByteView answer, const e2ee::PersonId& by);
  std::optional<e2ee::PersonId> who_answered(base::ByteView answer) const;
  std::size_t size() const { return waiting_.size(); }

 private:
  PeopleStore& people_;
  TagTable& tags_;
  struct Answered {
    wire::EnvelopeId hash;
    e2ee::PersonId by;
  };
  void load_answered();
  void save_answered();

  std::map<wire::DeliveryTag, WaitingInvite> waiting_;
  std::deque<Answered> answered_;  ///< the oldest first
};

}  // namespace chaski::node
