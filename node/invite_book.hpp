// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>

#include "e2ee/invite.hpp"
#include "node/contact_book.hpp"
#include "node/people_store.hpp"
#include "node/tag_table.hpp"
#include "node/token_bucket.hpp"

namespace chaski::node {

/// An invitation that waits for its answer.
struct WaitingInvite {
  /// An answer costs key agreements to try: few may fail at once, then two a second.
  static constexpr std::int64_t kFailedOpensBurst = 16;
  static constexpr base::Duration kFailedOpenEvery = std::chrono::milliseconds(500);

  e2ee::PendingInvite invite;
  TokenBucket failed_opens{kFailedOpensBurst, kFailedOpenEvery};
  FailedOpens failed;
};

/// Invitations given out, each good for one answer. At most kInvitesMax wait.
class InviteBook {
 public:
  static constexpr std::size_t kInvitesMax = 1'024;

  InviteBook(PeopleStore& people, TagTable& tags) : people_(people), tags_(tags) {}
  void load();
  /// False when too many wait, or its tag is taken.
  bool add(const e2ee::PendingInvite& invite);
  WaitingInvite* find(const wire::DeliveryTag& tag);
  void erase(const wire::DeliveryTag& tag);
  std::size_t size() const { return waiting_.size(); }

 private:
  PeopleStore& people_;
  TagTable& tags_;
  std::map<wire::DeliveryTag, WaitingInvite> waiting_;
};

}  // namespace chaski::node
