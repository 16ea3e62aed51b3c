// SPDX-License-Identifier: Apache-2.0
#include "node/introducer.hpp"

#include <algorithm>

#include "e2ee/name.hpp"

namespace chaski::node {
namespace {

using Word = IntroductionWord::State;

constexpr std::size_t kInviter = 1;

e2ee::IntroductionRole role_of(std::size_t party) {
  return party == kInviter ? e2ee::IntroductionRole::inviter : e2ee::IntroductionRole::acceptor;
}

/// What they call themselves, when they told; never what else the person calls them, unless that is
/// all there is.
std::string spoken_name(const ContactRecord& contact) {
  const bool told = !contact.own_name.empty() && e2ee::is_valid_name(contact.own_name);
  return told ? contact.own_name : contact.name;
}

bool is_over(const IntroductionWord& word) {
  return word.state == Word::delivered || word.state == Word::expired;
}

}  // namespace

void Introducer::changed(const OurIntroduction& one) {
  context_.events.introduction_changed(one.number);
  touch();
}

/// What has an end gives way, the oldest first.
bool Introducer::make_room() {
  if (book_.ours.size() < IntroductionBook::kOursMax) return true;
  const auto over = std::find_if(book_.ours.begin(), book_.ours.end(),
                                 [](const auto& one) { return !is_open(one.state); });
  if (over == book_.ours.end()) return false;
  book_.ours.erase(over);
  return true;
}

bool Introducer::is_open_between(const e2ee::PersonId& a, const e2ee::PersonId& b) const {
  return std::any_of(book_.ours.begin(), book_.ours.end(), [&](const OurIntroduction& one) {
    const auto& [first, second] = one.parties;
    const bool same = (first.contact == a && second.contact == b) ||
                      (first.contact == b && second.contact == a);
    return same && is_open(one.state);
  });
}

base::Expected<std::uint32_t, PersonError> Introducer::introduce(
    std::string_view acceptor, std::string_view inviter, std::string_view note,
    mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh) {
  const auto first = contacts_.find_name(acceptor);
  const auto second = contacts_.find_name(inviter);
  if (!first || !second) return base::unexpected(PersonError::unknown_contact);
  if (*first == *second) return base::unexpected(PersonError::same_contact);
  if (note.size() > e2ee::IntroductionOffer::kNoteSizeMax || !e2ee::is_one_plain_line(note))
    return base::unexpected(PersonError::bad_note);
  for (const std::uint32_t contact : {*first, *second})
    if (const auto why = post_.refuses(contact, router, now, fresh)) return base::unexpected(*why);
  const e2ee::PersonId& first_id = contacts_.at(*first).record.id;
  const e2ee::PersonId& second_id = contacts_.at(*second).record.id;
  if (is_open_between(first_id, second_id)) return base::unexpected(PersonError::introduction_open);
  if (!make_room()) return base::unexpected(PersonError::too_many_introductions);

  OurIntroduction one;
  one.number = book_.last_number + 1;
  context_.random.fill(one.id.mutable_view());
  one.until = now + kOpenFor;
  one.began_unix_s = context_.wall.unix_s;
  one.note = note;
  one.parties[0].contact = first_id;
  one.parties[kInviter].contact = second_id;
  if (const auto done = offer(one, 0, router, now, fresh); !done)
    return base::unexpected(done.error());
  // From here on one of them was asked: what cannot be said to the other now is said later.
  if (!offer(one, kInviter, router, now, fresh))
    one.parties[kInviter].offer = {.state = Word::due, .at = now + IntroductionPost::kRetry};
  book_.last_number = one.number;
  book_.ours.push_back(one);
  changed(one);
  return one.number;
}

base::Expected<void, PersonError> Introducer::offer(OurIntroduction& one, std::size_t party,
                                                    mesh_router::Router& router, base::Time now,
                                                    std::vector<wire::DeliveryTag>& fresh) {
  const auto contact = contacts_.find_id(one.parties[party].contact);
  const auto other = contacts_.find_id(one.parties[1 - party].contact);
  if (!contact || !other) return base::unexpected(PersonError::unknown_contact);
  const e2ee::IntroductionOffer said{.role = role_of(party),
                                     .name = spoken_name(contacts_.at(*other).record),
                                     .note = one.note};
  return post_.say(*contact, {one.id, said}, one.parties[party].offer, router, now, fresh);
}

base::Expected<void, PersonError> Introducer::tell(OurIntroduction& one, std::size_t party,
                                                   mesh_router::Router& router, base::Time now,
                                                   std::vector<wire::DeliveryTag>& fresh) {
  const auto contact = contacts_.find_id(one.parties[party].contact);
  const auto other = contacts_.find_id(one.parties[1 - party].contact);
  if (!contact || !other) return base::unexpected(PersonError::unknown_contact);
  e2ee::IntroductionMeet said{.identity = contacts_.at(*other).record.identity, .given = {}};
  if (party != kInviter) said.given = one.given;
  return post_.say(*contact, {one.id, said}, one.parties[party].meet, router, now, fresh);
}

Introducer::Place Introducer::find(const e2ee::PersonId& from, const e2ee::IntroductionId& id) {
  for (OurIntroduction& one : book_.ours) {
    if (one.id != id) continue;
    for (std::size_t party = 0; party < one.parties.size(); ++party)
      if (one.parties[party].contact == from) return {&one, party};
  }
  return {};
}

void Introducer::take_consent(const e2ee::PersonId& from, const e2ee::IntroductionId& id,
                              const e2ee::IntroductionConsent& consent, base::Time now) {
  const auto [one, party] = find(from, id);
  if (one == nullptr || !is_open(one->state)) return;
  if (one->parties[party].reply != IntroductionReply::none) return;
  // The one who is to be answered says how; the other has nothing to say of that.
  if (consent.given.has_value() != (party == kInviter)) return;
  if (party == kInviter) one->given = consent.given;
  one->parties[party].reply = IntroductionReply::yes;
  if (one->parties[1 - party].reply == IntroductionReply::yes) {
    one->state = IntroductionState::meeting;
    for (OurIntroduction::Party& each : one->parties)
      each.meet = {.state = Word::due, .at = post_.some_time_after(now)};
  }
  changed(*one);
}

void Introducer::take_decline(const e2ee::PersonId& from, const e2ee::IntroductionId& id,
                              base::Time now) {
  const auto [one, party] = find(from, id);
  if (one == nullptr || !is_open(one->state)) return;
  // What has left cannot be called back.
  for (const OurIntroduction::Party& each : one->parties)
    if (each.meet.state != Word::unsaid && each.meet.state != Word::due) return;
  one->parties[party].reply = IntroductionReply::no;
  close(*one, IntroductionState::declined, now);
}

void Introducer::close(OurIntroduction& one, IntroductionState state, base::Time now) {
  one.state = state;
  one.until = now + kShownFor;
  one.given.reset();
  for (OurIntroduction::Party& party : one.parties) {
    for (IntroductionWord* word : {&party.offer, &party.meet})
      if (word->state == Word::due) *word = {};
  }
  changed(one);
}

/// Both were told, or what was to tell one of them ran out.
void Introducer::settle(OurIntroduction& one, base::Time now) {
  const auto& [first, second] = one.parties;
  if (one.state != IntroductionState::meeting || !is_over(first.meet) || !is_over(second.meet))
    return;
  const bool both =
      first.meet.state == Word::delivered && second.meet.state == Word::delivered;
  close(one, both ? IntroductionState::met : IntroductionState::lapsed, now);
}

bool Introducer::was_carried(const wire::EnvelopeId& envelope, Word end, base::Time now) {
  for (OurIntroduction& one : book_.ours) {
    for (OurIntroduction::Party& party : one.parties) {
      for (IntroductionWord* word : {&party.offer, &party.meet}) {
        if (word->state != Word::underway || word->envelope != envelope) continue;
        word->state = end;
        changed(one);
        settle(one, now);
        return true;
      }
    }
  }
  return false;
}

/// Of what left no word, as after a start.
void Introducer::expire_words(OurIntroduction& one, base::Time now) {
  for (OurIntroduction::Party& party : one.parties) {
    for (IntroductionWord* word : {&party.offer, &party.meet}) {
      if (word->state != Word::underway || word->at > now) continue;
      word->state = Word::expired;
      changed(one);
    }
  }
  settle(one, now);
}

std::optional<base::Time> Introducer::next_wakeup() const {
  std::optional<base::Time> at;
  const auto consider = [&at](base::Time other) { at = at ? std::min(*at, other) : other; };
  for (const OurIntroduction& one : book_.ours) {
    consider(one.until);
    for (const OurIntroduction::Party& party : one.parties)
      for (const IntroductionWord* word : {&party.offer, &party.meet})
        if (word->state == Word::due || word->state == Word::underway) consider(word->at);
  }
  return at;
}

bool Introducer::meets_are_refused(const OurIntroduction& one) const {
  return std::any_of(one.parties.begin(), one.parties.end(), [this](const auto& party) {
    const auto contact = contacts_.find_id(party.contact);
    const auto why = contact ? contacts_.refuses_writing(*contact) : PersonError::unknown_contact;
    return why && *why != PersonError::needs_meeting;
  });
}

void Introducer::say_due(OurIntroduction& one, mesh_router::Router& router, base::Time now,
                         std::vector<wire::DeliveryTag>& fresh) {
  for (std::size_t party = 0; party < one.parties.size(); ++party) {
    for (IntroductionWord* word : {&one.parties[party].offer, &one.parties[party].meet}) {
      if (word->state != Word::due || word->at > now) continue;
      // The one who was not asked yet is not asked, the one who was not told is not told.
      if (meets_are_refused(one)) return close(one, IntroductionState::refused, now);
      const bool meets = word == &one.parties[party].meet;
      const auto done = meets ? tell(one, party, router, now, fresh)
                              : offer(one, party, router, now, fresh);
      if (!done) {
        word->at = now + IntroductionPost::kRetry;
        touch();
        continue;
      }
      // Until it has arrived, or cannot any more.
      if (meets) one.until = std::max(one.until, word->at);
      changed(one);
    }
  }
}

void Introducer::wake(mesh_router::Router& router, base::Time now,
                      std::vector<wire::DeliveryTag>& fresh) {
  for (OurIntroduction& one : book_.ours) {
    expire_words(one, now);
    if (!is_open(one.state)) continue;
    if (one.until <= now) {
      close(one, IntroductionState::lapsed, now);
    } else {
      say_due(one, router, now, fresh);
    }
  }
  const auto forgotten =
      std::erase_if(book_.ours, [now](const auto& one) { return one.until <= now; });
  if (forgotten != 0) touch();
}

}  // namespace chaski::node
