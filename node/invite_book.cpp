// SPDX-License-Identifier: Apache-2.0
#include "node/invite_book.hpp"

namespace chaski::node {
namespace {
constexpr TagOwner kInviteOwner{.kind = TagOwner::Kind::invite};
}

void InviteBook::load() {
  people_.for_each_invite([this](const wire::DeliveryTag& tag, base::ByteView bytes) {
    auto invite = e2ee::PendingInvite::load(bytes);
    if (invite && tags_.add(tag, kInviteOwner))
      waiting_.emplace(tag, WaitingInvite{.invite = std::move(*invite), .failed = {}});
  });
}

bool InviteBook::add(const e2ee::PendingInvite& invite) {
  const wire::DeliveryTag tag = invite.answer_tag();
  if (waiting_.size() >= kInvitesMax || !tags_.add(tag, kInviteOwner)) return false;
  waiting_.emplace(tag, WaitingInvite{.invite = invite, .failed = {}});
  people_.save_invite(tag, invite.save());
  return true;
}

WaitingInvite* InviteBook::find(const wire::DeliveryTag& tag) {
  const auto found = waiting_.find(tag);
  return found == waiting_.end() ? nullptr : &found->second;
}

void InviteBook::erase(const wire::DeliveryTag& tag) {
  const wire::DeliveryTag owned = tag;  // the caller's may lie in what is erased
  if (waiting_.erase(owned) == 0) return;
  tags_.remove(owned, kInviteOwner);
  people_.erase_invite(owned);
}

}  // namespace chaski::node
