// SPDX-License-Identifier: Apache-2.0
// From the meeting to the contact.
#include "e2ee/name.hpp"
#include "node/introducee.hpp"
#include "node/origin.hpp"

namespace chaski::node {

using Word = IntroductionWord::State;

namespace {

TagOwner owner_of(const TheirIntroduction& one) {
  return {.kind = TagOwner::Kind::introduction, .contact = one.number};
}

bool waits(const TheirIntroduction& one) {
  return one.state == IntroductionState::meeting && one.made && one.other;
}

}  // namespace

void Introducee::load(std::vector<wire::DeliveryTag>& fresh) {
  for (TheirIntroduction& one : book_.theirs) {
    if (!waits(one)) continue;
    const wire::DeliveryTag tag = one.made->given.answer_tag();
    if (contacts_.tags().add(tag, owner_of(one))) fresh.push_back(tag);
  }
}

void Introducee::take_meet(const e2ee::PersonId& by, const e2ee::IntroductionId& id,
                           const e2ee::IntroductionMeet& meet, base::Time now,
                           std::vector<wire::DeliveryTag>& fresh) {
  TheirIntroduction* const one = find(by, id);
  // The first counts, and only after a yes.
  if (!owner_ || one == nullptr || one->state != IntroductionState::accepted) return;
  const bool answers = one->role == e2ee::IntroductionRole::acceptor;
  if (meet.given.has_value() != answers) return;
  if (meet.identity == owner_->identity.public_identity()) return;
  one->other = meet.identity;
  one->state = IntroductionState::meeting;
  changed(*one);
  if (answers) {
    prepare_answer(*one, meet, now);
  } else {
    listen(*one, now, fresh);
  }
}

/// Whoever is known already may answer too: they may have lost what we know them by.
void Introducee::listen(TheirIntroduction& one, base::Time now,
                        std::vector<wire::DeliveryTag>& fresh) {
  const wire::DeliveryTag tag = one.made->given.answer_tag();
  const auto known = contacts_.find_id(e2ee::person_id(*one.other));
  if ((known && !contacts_.hears(*known)) || !contacts_.tags().add(tag, owner_of(one)))
    return close(one, IntroductionState::refused, now);
  fresh.push_back(tag);
}

void Introducee::prepare_answer(TheirIntroduction& one, const e2ee::IntroductionMeet& meet,
                                base::Time now) {
  auto why_not = IntroductionState::known;
  if (!may_answer(one, why_not)) return close(one, why_not, now);
  one.given = meet.given;
  one.answer = {.state = Word::due, .at = post_.some_time_after(now)};
}

/// Not to somebody with whom there is a way to write: that way stays.
bool Introducee::may_answer(const TheirIntroduction& one, IntroductionState& why_not) const {
  const auto known = contacts_.find_id(e2ee::person_id(*one.other));
  if (!known) {
    why_not = IntroductionState::refused;
    return contacts_.size() < ContactBook::kContactsMax;
  }
  const auto why = contacts_.refuses_writing(*known);
  const bool refused = why && *why != PersonError::needs_meeting;
  why_not = refused ? IntroductionState::refused : IntroductionState::known;
  return !refused && contacts_.shown(*known).needs_meeting;
}

void Introducee::answer(TheirIntroduction& one, mesh_router::Router& router, base::Time now,
                        std::vector<wire::DeliveryTag>& fresh) {
  auto why_not = IntroductionState::known;
  if (!owner_ || !one.other || !one.given || !may_answer(one, why_not))
    return close(one, why_not, now);
  if (!context_.store.envelopes().accepts()) {
    one.answer.at = now + IntroductionPost::kRetry;
    touch();
    return;
  }
  const e2ee::InvitePublic invite =
      e2ee::standing_invite(*one.given, *one.other, owner_->identity.public_identity());
  const auto known = contacts_.find_id(e2ee::person_id(*one.other));
  const std::uint64_t generation = contacts_.next_generation(known, context_.wall.unix_s);
  auto accepted = e2ee::accept_invite(owner_->identity, owner_->name, invite, context_.random,
                                      generation);
  if (!accepted) return close(one, IntroductionState::refused, now);
  const base::Bytes envelope = e2ee::answer_envelope(
      accepted->answer, IntroductionPost::kLifetime_s, context_.random);
  if (!router.submit(envelope, initial_carry_state(context_.random), now)) {
    one.answer.at = now + IntroductionPost::kRetry;
    touch();
    return;
  }
  meet(one,
       HeldSession{.session = std::move(accepted->session),
                   .we_invited = false,
                   .generation = generation,
                   .answer_tag = accepted->answer.tag,
                   .heard = false},
       {}, now, fresh);
}

TheirIntroduction* Introducee::waiting(std::uint32_t number) {
  TheirIntroduction* const one = find(number);
  return one != nullptr && waits(*one) ? one : nullptr;
}

bool Introducee::open_answer(TheirIntroduction& one, base::ByteView body, base::Time now,
                             std::vector<wire::DeliveryTag>& fresh) {
  if (!owner_ || !waits(one)) return false;
  const auto known = contacts_.find_id(e2ee::person_id(*one.other));
  if (known ? !contacts_.hears(*known) : contacts_.size() >= ContactBook::kContactsMax)
    return false;
  const wire::DeliveryTag tag = one.made->given.answer_tag();
  auto answered = e2ee::open_answer(
      owner_->identity,
      e2ee::standing_pending(*one.made, owner_->identity.public_identity(), *one.other), body);
  if (!answered) return false;
  meet(one,
       HeldSession{.session = std::move(answered->session),
                   .we_invited = true,
                   .generation = answered->generation,
                   .answer_tag = tag,
                   .heard = true},
       answered->name, now, fresh);
  return true;
}

/// The two are contacts, under the name that the person saw and agreed to.
void Introducee::meet(TheirIntroduction& one, HeldSession session, std::string_view own_name,
                      base::Time now, std::vector<wire::DeliveryTag>& fresh) {
  const e2ee::PersonId id = e2ee::person_id(*one.other);
  if (const auto known = contacts_.find_id(id)) {
    const bool by_us = !session.we_invited;
    contacts_.add_session(*known, std::move(session), now, fresh);
    healing_.renewed(*known, by_us, now);
  } else {
    const std::string& name = one.chosen.empty() ? one.name : one.chosen;
    ContactRecord record{.id = id,
                         .identity = *one.other,
                         .name = contacts_.free_name(name, id),
                         .trust = Trust::unverified,
                         .added_unix_s = context_.wall.unix_s,
                         .met = Met::introduction,
                         .introduced_by = one.by};
    if (!own_name.empty() && e2ee::is_valid_name(own_name)) record.own_name = own_name;
    const auto tags = contacts_.add(record, std::move(session), now);
    fresh.insert(fresh.end(), tags.begin(), tags.end());
    context_.events.contact_changed(record);
  }
  close(one, IntroductionState::met, now);
}

}  // namespace chaski::node
