// SPDX-License-Identifier: Apache-2.0
// What is said, and when: see introducee_meet.cpp for how the two become contacts.
#include "node/introducee.hpp"

#include <algorithm>

#include "node/text.hpp"

namespace chaski::node {

using Word = IntroductionWord::State;

void Introducee::changed(const TheirIntroduction& one) {
  context_.events.introduction_changed(one.number);
  touch();
}

TheirIntroduction* Introducee::find(const e2ee::PersonId& by, const e2ee::IntroductionId& id) {
  const auto found = std::find_if(book_.theirs.begin(), book_.theirs.end(), [&](const auto& one) {
    return one.by == by && one.id == id;
  });
  return found == book_.theirs.end() ? nullptr : &*found;
}

TheirIntroduction* Introducee::find(std::uint32_t number) {
  const auto found =
      std::find_if(book_.theirs.begin(), book_.theirs.end(),
                   [number](const auto& one) { return one.number == number; });
  return found == book_.theirs.end() ? nullptr : &*found;
}

/// One contact cannot take all places, and what has an end gives way, the oldest first.
bool Introducee::has_room(const e2ee::PersonId& by) {
  const auto open = std::count_if(book_.theirs.begin(), book_.theirs.end(), [&by](const auto& one) {
    return one.by == by && is_open(one.state);
  });
  if (open >= static_cast<std::ptrdiff_t>(IntroductionBook::kByOneMax)) return false;
  if (book_.theirs.size() < IntroductionBook::kTheirsMax) return true;
  const auto over = std::find_if(book_.theirs.begin(), book_.theirs.end(),
                                 [](const auto& one) { return !is_open(one.state); });
  if (over == book_.theirs.end()) return false;
  book_.theirs.erase(over);
  return true;
}

void Introducee::take_offer(const e2ee::PersonId& by, const e2ee::IntroductionId& id,
                            const e2ee::IntroductionOffer& offer, base::Time now) {
  // What node/text.hpp asks beyond: a name that could not be given to a contact is none.
  if (!is_valid_name(offer.name) || find(by, id) != nullptr || !has_room(by)) return;
  TheirIntroduction& one = book_.theirs.emplace_back();
  one.number = ++book_.last_number;
  one.id = id;
  one.until = now + kOpenFor;
  one.began_unix_s = context_.wall.unix_s;
  one.note = offer.note;
  one.by = by;
  one.role = offer.role;
  one.name = offer.name;
  changed(one);
}

/// What the acceptor will answer. Its tag is nobody else's here.
bool Introducee::make(TheirIntroduction& one) {
  constexpr int kTries = 4;
  for (int i = 0; i < kTries; ++i) {
    e2ee::StandingInvite made = e2ee::make_standing(context_.random);
    if (contacts_.tags().find(made.given.answer_tag())) continue;
    one.made = std::move(made);
    return true;
  }
  return false;
}

base::Expected<void, PersonError> Introducee::accept(std::uint32_t number, std::string_view name,
                                                     mesh_router::Router& router, base::Time now,
                                                     std::vector<wire::DeliveryTag>& fresh) {
  TheirIntroduction* const one = find(number);
  if (one == nullptr) return base::unexpected(PersonError::unknown_introduction);
  if (one->state != IntroductionState::offered)
    return base::unexpected(PersonError::introduction_over);
  if (!name.empty() && !is_valid_name(name)) return base::unexpected(PersonError::bad_name);
  if (!name.empty() && contacts_.find_name(name)) return base::unexpected(PersonError::name_taken);
  const auto by = contacts_.find_id(one->by);
  if (!by) return base::unexpected(PersonError::unknown_contact);
  const bool invites = one->role == e2ee::IntroductionRole::inviter;
  if (invites && !make(*one)) return base::unexpected(PersonError::store_full);
  e2ee::IntroductionConsent consent;
  if (invites) consent.given = one->made->given;
  const auto said = post_.say(*by, {one->id, consent}, one->reply, router, now, fresh);
  if (!said) {
    wipe(*one);
    return base::unexpected(said.error());
  }
  one->chosen = name;
  one->state = IntroductionState::accepted;
  one->until = now + kAcceptedFor;
  changed(*one);
  return {};
}

base::Expected<void, PersonError> Introducee::decline(std::uint32_t number,
                                                      mesh_router::Router& router, base::Time now,
                                                      std::vector<wire::DeliveryTag>& fresh) {
  TheirIntroduction* const one = find(number);
  if (one == nullptr) return base::unexpected(PersonError::unknown_introduction);
  if (one->state != IntroductionState::offered && one->state != IntroductionState::accepted)
    return base::unexpected(PersonError::introduction_over);
  const auto by = contacts_.find_id(one->by);
  if (by) {
    const auto said = post_.say(*by, {one->id, e2ee::IntroductionDecline{}}, one->reply, router,
                                now, fresh);
    // Who cannot be written to cannot be told; nothing comes of it all the same.
    if (!said && said.error() == PersonError::store_full)
      return base::unexpected(said.error());
  }
  close(*one, IntroductionState::declined, now);
  return {};
}

void Introducee::wipe(TheirIntroduction& one) {
  if (one.made) {
    contacts_.tags().remove(one.made->given.answer_tag(),
                            {.kind = TagOwner::Kind::introduction, .contact = one.number});
  }
  one.made.reset();
  one.given.reset();
  one.answer = {};
}

void Introducee::close(TheirIntroduction& one, IntroductionState state, base::Time now) {
  wipe(one);
  one.state = state;
  one.until = now + kShownFor;
  changed(one);
}

bool Introducee::was_carried(const wire::EnvelopeId& envelope, Word end) {
  for (TheirIntroduction& one : book_.theirs) {
    if (one.reply.state != Word::underway || one.reply.envelope != envelope) continue;
    one.reply.state = end;
    changed(one);
    return true;
  }
  return false;
}

std::optional<base::Time> Introducee::next_wakeup() const {
  std::optional<base::Time> at;
  const auto consider = [&at](base::Time other) { at = at ? std::min(*at, other) : other; };
  for (const TheirIntroduction& one : book_.theirs) {
    consider(one.until);
    if (one.answer.state == Word::due) consider(one.answer.at);
    if (one.reply.state == Word::underway) consider(one.reply.at);
  }
  return at;
}

void Introducee::wake(mesh_router::Router& router, base::Time now,
                      std::vector<wire::DeliveryTag>& fresh) {
  for (TheirIntroduction& one : book_.theirs) {
    if (one.reply.state == Word::underway && one.reply.at <= now) {
      one.reply.state = Word::expired;
      changed(one);
    }
    if (!is_open(one.state)) continue;
    if (one.until <= now) {
      close(one, IntroductionState::lapsed, now);
    } else if (one.answer.state == Word::due && one.answer.at <= now) {
      answer(one, router, now, fresh);
    }
  }
  const auto forgotten =
      std::erase_if(book_.theirs, [now](const auto& one) { return one.until <= now; });
  if (forgotten != 0) touch();
}

}  // namespace chaski::node
