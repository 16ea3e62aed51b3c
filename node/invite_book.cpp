// SPDX-License-Identifier: Apache-2.0
#include "node/invite_book.hpp"

namespace chaski::node {
namespace {
constexpr TagOwner kInviteOwner{.kind = TagOwner::Kind::invite};
/// Under this name the store keeps who answered: hash and person, 32 bytes each, the oldest first.
constexpr std::string_view kAnsweredKey = "answered-invites";
constexpr std::size_t kAnsweredSize = wire::EnvelopeId::kSize + e2ee::PersonId::kSize;
}  // namespace

void InviteBook::load() {
  people_.for_each_invite([this](const wire::DeliveryTag& tag, base::ByteView bytes) {
    auto invite = e2ee::PendingInvite::load(bytes);
    if (invite && tags_.add(tag, kInviteOwner))
      waiting_.emplace(tag, WaitingInvite{.invite = std::move(*invite), .failed = {}});
  });
  load_answered();
}

void InviteBook::load_answered() {
  const auto bytes = people_.load_value(kAnsweredKey);
  if (!bytes) return;
  base::ByteView rest = *bytes;
  for (; rest.size() >= kAnsweredSize; rest = rest.subspan(kAnsweredSize)) {
    const auto hash = wire::EnvelopeId::from(rest.first(wire::EnvelopeId::kSize));
    const auto by =
        e2ee::PersonId::from(rest.subspan(wire::EnvelopeId::kSize, e2ee::PersonId::kSize));
    if (hash && by) answered_.push_back({*hash, *by});
  }
}

void InviteBook::save_answered() {
  base::Bytes bytes;
  bytes.reserve(answered_.size() * kAnsweredSize);
  for (const Answered& one : answered_) {
    bytes.insert(bytes.end(), one.hash.bytes.begin(), one.hash.bytes.end());
    bytes.insert(bytes.end(), one.by.bytes.begin(), one.by.bytes.end());
  }
  people_.save_value(kAnsweredKey, bytes);
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

void InviteBook::answered(const wire::DeliveryTag& tag, base::ByteView answer,
                          const e2ee::PersonId& by) {
  const wire::DeliveryTag owned = tag;  // the caller's may lie in what is erased
  if (waiting_.erase(owned) == 0) return;
  tags_.remove(owned, kInviteOwner);
  people_.erase_invite(owned);
  answered_.push_back({wire::envelope_id(answer), by});
  if (answered_.size() > kAnsweredMax) answered_.pop_front();
  save_answered();
}

std::optional<e2ee::PersonId> InviteBook::who_answered(base::ByteView answer) const {
  const wire::EnvelopeId hash = wire::envelope_id(answer);
  for (const Answered& one : answered_)
    if (one.hash == hash) return one.by;
  return std::nullopt;
}

}  // namespace chaski::node
