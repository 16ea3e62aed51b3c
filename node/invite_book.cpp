// SPDX-License-Identifier: Apache-2.0
#include "node/invite_book.hpp"

#include <algorithm>

#include "e2ee/answer_stamp.hpp"

namespace chaski::node {
namespace {
constexpr TagOwner kInviteOwner{.kind = TagOwner::Kind::invite};
/// Under this name the store keeps who answered: hash and person, 32 bytes each, the oldest first.
constexpr std::string_view kAnsweredKey = "answered-invites";
/// An answer without what its stamp is: the same as a link and through the mesh.
wire::EnvelopeId hash_without_stamp(base::ByteView answer) {
  base::Bytes bytes(answer.begin(), answer.end());
  constexpr std::size_t kEnd = e2ee::kAnswerStampAt + e2ee::kAnswerStampSize;
  if (bytes.size() >= kEnd)
    std::fill(bytes.begin() + e2ee::kAnswerStampAt, bytes.begin() + kEnd, std::uint8_t{0});
  return wire::envelope_id(bytes);
}
constexpr std::size_t kAnsweredSize = wire::EnvelopeId::kSize + e2ee::PersonId::kSize;
/// Before the bytes of an invitation whose answer is verified; those of others begin with their
/// version, which is less.
constexpr std::uint8_t kVerifiedMark = 0x80;
}  // namespace

void InviteBook::load() {
  people_.for_each_invite([this](const wire::DeliveryTag& tag, base::ByteView bytes) {
    const bool verified = !bytes.empty() && bytes[0] == kVerifiedMark;
    auto invite = e2ee::PendingInvite::load(verified ? bytes.subspan(1) : bytes);
    const auto trust = verified ? InviteTrust::verified : InviteTrust::unverified;
    if (!invite || !tags_.add(tag, kInviteOwner)) return;
    waiting_.emplace(
        tag, WaitingInvite{.invite = std::move(*invite), .trust = trust, .failed = {}});
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

bool InviteBook::add(const e2ee::PendingInvite& invite, InviteTrust trust) {
  const wire::DeliveryTag tag = invite.answer_tag();
  if (waiting_.size() >= kInvitesMax || !tags_.add(tag, kInviteOwner)) return false;
  waiting_.emplace(tag, WaitingInvite{.invite = invite, .trust = trust, .failed = {}});
  base::Bytes row = invite.save();
  if (trust == InviteTrust::verified) row.insert(row.begin(), kVerifiedMark);
  people_.save_invite(tag, row);
  e2ee::wipe(row);
  return true;
}

WaitingInvite* InviteBook::find(const wire::DeliveryTag& tag) {
  const auto found = waiting_.find(tag);
  return found == waiting_.end() ? nullptr : &found->second;
}

void InviteBook::answered(const wire::DeliveryTag& tag, base::ByteView answer,
                          const e2ee::PersonId& by) {
  const wire::DeliveryTag owned = tag;  // the caller's may lie in what is erased
  const auto found = waiting_.find(owned);
  if (found == waiting_.end()) return;
  const bool priced = found->second.invite.invite.price_bits != 0;
  waiting_.erase(found);
  tags_.remove(owned, kInviteOwner);
  people_.erase_invite(owned);
  answered_.push_back({priced ? hash_without_stamp(answer) : wire::envelope_id(answer), by});
  if (answered_.size() > kAnsweredMax) answered_.pop_front();
  save_answered();
}

std::optional<e2ee::PersonId> InviteBook::who_answered(base::ByteView answer) const {
  const wire::EnvelopeId hash = wire::envelope_id(answer);
  const wire::EnvelopeId priced = hash_without_stamp(answer);
  for (const Answered& one : answered_)
    if (one.hash == hash || one.hash == priced) return one.by;
  return std::nullopt;
}

}  // namespace chaski::node
