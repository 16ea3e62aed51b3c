// SPDX-License-Identifier: Apache-2.0
#include "node/introduction_desk.hpp"

#include <algorithm>

namespace chaski::node {

using Word = IntroductionWord::State;

IntroductionDesk::IntroductionDesk(Context& context, ContactBook& contacts, Messenger& messenger,
                                   Meeting& meeting)
    : context_(context),
      contacts_(contacts),
      post_(context, contacts, messenger, meeting.healing()),
      introducer_(context, contacts, post_, book_),
      introducee_(context, contacts, post_, meeting.healing(), meeting.owner(), book_) {}

void IntroductionDesk::load(std::vector<wire::DeliveryTag>& fresh) {
  if (const auto bytes = context_.people().load_value(kIntroductionsValue))
    book_ = IntroductionBook::load(*bytes).value_or(IntroductionBook{});
  introducee_.load(fresh);
}

std::vector<wire::EnvelopeId> IntroductionDesk::underway() const {
  std::vector<wire::EnvelopeId> out;
  const auto add = [&out](const IntroductionWord& word) {
    if (word.state == Word::underway) out.push_back(word.envelope);
  };
  for (const OurIntroduction& one : book_.ours) {
    for (const OurIntroduction::Party& party : one.parties) {
      add(party.offer);
      add(party.meet);
    }
  }
  for (const TheirIntroduction& one : book_.theirs) add(one.reply);
  return out;
}

void IntroductionDesk::save_if_changed() {
  if (!book_.changed) return;
  book_.changed = false;
  context_.people().save_value(kIntroductionsValue, book_.save());
}

void IntroductionDesk::carried(const wire::EnvelopeId& envelope, Word end, base::Time now) {
  if (!introducer_.was_carried(envelope, end, now)) introducee_.was_carried(envelope, end);
}

void IntroductionDesk::take_ends(const EndedUnseen& ended, const mesh_router::Router& router,
                                 base::Time now) {
  for (const wire::EnvelopeId& id : underway()) {
    if (router.holds(id)) continue;
    if (const auto end = ended.find(id))
      carried(id, *end == MessageState::delivered ? Word::delivered : Word::expired, now);
  }
}

void IntroductionDesk::on_router_event(const mesh_router::RouterEvent& event, base::Time now) {
  if (const auto* delivered = std::get_if<mesh_router::DeliveredEvent>(&event)) {
    if (delivered->local) carried(delivered->id, Word::delivered, now);
  } else if (const auto* expired = std::get_if<mesh_router::ExpiredEvent>(&event)) {
    if (expired->local) carried(expired->id, Word::expired, now);
  }
}

void IntroductionDesk::take(std::uint32_t contact, base::ByteView payload, base::Time now,
                            std::vector<wire::DeliveryTag>& fresh) {
  const auto said = e2ee::decode_introduction(payload);
  if (!said) return;
  const e2ee::PersonId& from = contacts_.at(contact).record.id;
  if (const auto* offer = std::get_if<e2ee::IntroductionOffer>(&said->step)) {
    introducee_.take_offer(from, said->id, *offer, now);
  } else if (const auto* consent = std::get_if<e2ee::IntroductionConsent>(&said->step)) {
    introducer_.take_consent(from, said->id, *consent, now);
  } else if (const auto* meet = std::get_if<e2ee::IntroductionMeet>(&said->step)) {
    introducee_.take_meet(from, said->id, *meet, now, fresh);
  } else {
    introducer_.take_decline(from, said->id, now);
  }
}

std::optional<base::Time> IntroductionDesk::next_wakeup() const {
  const auto ours = introducer_.next_wakeup();
  const auto theirs = introducee_.next_wakeup();
  if (!ours || !theirs) return ours ? ours : theirs;
  return std::min(*ours, *theirs);
}

void IntroductionDesk::wake(mesh_router::Router& router, base::Time now,
                            std::vector<wire::DeliveryTag>& fresh) {
  introducer_.wake(router, now, fresh);
  introducee_.wake(router, now, fresh);
}

std::string IntroductionDesk::name_of(const e2ee::PersonId& contact) const {
  const auto index = contacts_.find_id(contact);
  return index ? contacts_.at(*index).record.name : std::string();
}

namespace {

IntroductionInfo shown(const IntroductionBase& one, bool ours, base::Time now) {
  return {.number = one.number,
          .ours = ours,
          .state = one.state,
          .began_unix_s = one.began_unix_s,
          .left = is_open(one.state) ? std::max(one.until - now, base::Duration{})
                                     : base::Duration{},
          .note = one.note,
          .parties = {},
          .by = {},
          .name = {},
          .contact = {}};
}

}  // namespace

std::vector<IntroductionInfo> IntroductionDesk::list(base::Time now) const {
  std::vector<IntroductionInfo> out;
  for (const OurIntroduction& one : book_.ours) {
    IntroductionInfo& info = out.emplace_back(shown(one, true, now));
    for (const OurIntroduction::Party& party : one.parties)
      info.parties.push_back(
          {name_of(party.contact), party.reply, party.offer.state, party.meet.state});
  }
  for (const TheirIntroduction& one : book_.theirs) {
    IntroductionInfo& info = out.emplace_back(shown(one, false, now));
    info.by = name_of(one.by);
    info.name = one.name;
    info.reply = one.reply.state;
    const bool is_contact =
        one.state == IntroductionState::met || one.state == IntroductionState::known;
    if (is_contact && one.other) info.contact = name_of(e2ee::person_id(*one.other));
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return out;
}

}  // namespace chaski::node
