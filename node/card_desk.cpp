// SPDX-License-Identifier: Apache-2.0
#include "node/card_desk.hpp"

#include <algorithm>
#include <tuple>

#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/name.hpp"

namespace chaski::node {
namespace {

constexpr TagOwner kCardOwner{.kind = TagOwner::Kind::card};
/// A card lies among the invitations: this mark (1), its slot (1), when it was made in µs (8), then
/// OwnCard::save().
constexpr std::uint8_t kCardMark = 0x81;
constexpr std::size_t kRowHead = 1 + 1 + 8;
constexpr std::uint64_t kDay_s = 86'400;
/// A clock that was wrong when a card was made and is right now.
constexpr std::uint64_t kClockSlack_s = kDay_s;

bool is_plausible(std::int64_t wall_s) {
  return wall_s >= CardDesk::kWallMin_s && wall_s <= CardDesk::kWallMax_s;
}

std::uint64_t lifetime_s(const e2ee::Card& card) { return card.expires_at - card.issued_at; }

}  // namespace

base::Duration CardDesk::Kept::lifetime() const {
  return std::chrono::seconds(lifetime_s(own.card));
}

void CardDesk::load(base::Time now, std::vector<wire::DeliveryTag>& fresh) {
  PeopleStore& people = context_.people();
  people.for_each_invite([&](const wire::DeliveryTag& tag, base::ByteView row) {
    e2ee::Reader reader(row);
    if (reader.number<std::uint8_t>() != kCardMark) return;
    const auto slot = reader.number<std::uint8_t>();
    const auto made_us = static_cast<std::int64_t>(reader.number<std::uint64_t>());
    auto own = e2ee::OwnCard::load(reader.rest());
    if (!own || slot >= kCardsMax || !contacts_.tags().add(tag, kCardOwner)) return;
    e2ee::PendingInvite pending = e2ee::card_pending(*own);
    cards_.push_back({.own = std::move(*own),
                      .pending = std::move(pending),
                      .tag = tag,
                      .made_at = base::from_us(made_us),
                      .answers = CardAnswers(slot, tag)});
    fresh.push_back(tag);
  });
  std::sort(cards_.begin(), cards_.end(), [](const Kept& a, const Kept& b) {
    return std::tie(a.made_at, a.own.card.issued_at) < std::tie(b.made_at, b.own.card.issued_at);
  });
  for (Kept& card : cards_) card.answers.load(people);
  expire(now);
}

void CardDesk::save(const Kept& card) {
  const base::Bytes own = card.own.save();
  base::Bytes row(kRowHead + own.size());
  e2ee::Writer(row)
      .number(kCardMark)
      .number(card.answers.slot())
      .number(static_cast<std::uint64_t>(base::to_us(card.made_at)))
      .bytes(own);
  context_.people().save_invite(card.tag, row);
  e2ee::wipe(row);
  context_.dirty = true;
}

void CardDesk::wipe(std::size_t index) {
  Kept& card = cards_[index];
  card.answers.wipe(context_.people());
  context_.people().erase_invite(card.tag);
  contacts_.tags().remove(card.tag, kCardOwner);
  cards_.erase(cards_.begin() + static_cast<std::ptrdiff_t>(index));
  context_.dirty = true;
}

void CardDesk::expire(base::Time now) {
  for (std::size_t i = cards_.size(); i-- > 0;)
    if (cards_[i].ends_at() <= now) wipe(i);
}

std::size_t CardDesk::withdraw() {
  const std::size_t count = cards_.size();
  while (!cards_.empty()) wipe(cards_.size() - 1);
  return count;
}

/// The last that was made, when it is what is asked for and good for long enough.
CardDesk::Kept* CardDesk::current(const CardRequest& request, base::Time now,
                                  std::int64_t wall_s) {
  if (cards_.empty() || request.fresh) return nullptr;
  Kept& last = cards_.back();
  const e2ee::Card& card = last.own.card;
  const bool as_asked =
      (!request.days || *request.days * kDay_s == lifetime_s(card)) &&
      (!request.price_bits || *request.price_bits == card.price_bits) &&
      card.name == (e2ee::is_valid_name(owner_->name) ? owner_->name : std::string());
  const bool clock_was_ahead = card.issued_at > static_cast<std::uint64_t>(wall_s) + kClockSlack_s;
  const bool is_over = last.made_at + last.lifetime() / 2 <= now ||
                       e2ee::is_expired(card, wall_s) || clock_was_ahead;
  return as_asked && !is_over && !last.answers.full() ? &last : nullptr;
}

std::uint8_t CardDesk::free_slot() const {
  std::uint8_t slot = 0;
  const auto taken = [&slot](const Kept& card) { return card.answers.slot() == slot; };
  while (std::any_of(cards_.begin(), cards_.end(), taken)) ++slot;
  CHASKI_ASSERT(slot < kCardsMax);
  return slot;
}

/// One more may be kept, if one of those that are over has to go for it.
bool CardDesk::make_room(base::Time now) {
  if (cards_.size() < kCardsMax) return true;
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < cards_.size(); ++i) {
    const bool over = cards_[i].made_at + cards_[i].lifetime() <= now;
    if (over && (!first || cards_[i].ends_at() < cards_[*first].ends_at())) first = i;
  }
  if (first) wipe(*first);
  return first.has_value();
}

base::Expected<CardDesk::Kept*, PersonError> CardDesk::make(
    const CardRequest& request, base::Time now, std::int64_t wall_s,
    std::vector<wire::DeliveryTag>& fresh) {
  if (!make_room(now)) return base::unexpected(PersonError::too_many_cards);
  e2ee::CardTerms terms;
  terms.price_bits = static_cast<std::uint8_t>(request.price_bits.value_or(kPriceDefault));
  terms.issued_at = static_cast<std::uint64_t>(wall_s);
  terms.lifetime_s = request.days.value_or(kDaysDefault) * kDay_s;
  // Who has two of ours takes the later one.
  for (const Kept& card : cards_) {
    const std::uint64_t issued = card.own.card.issued_at;
    if (issued >= terms.issued_at && issued <= terms.issued_at + kCardsMax)
      terms.issued_at = issued + 1;
  }
  e2ee::OwnCard own =
      e2ee::make_card(owner_->identity, owner_->name, terms, context_.random);
  e2ee::PendingInvite pending = e2ee::card_pending(own);
  const wire::DeliveryTag tag = pending.answer_tag();
  if (!contacts_.tags().add(tag, kCardOwner)) return base::unexpected(PersonError::store_full);
  cards_.push_back({.own = std::move(own),
                    .pending = std::move(pending),
                    .tag = tag,
                    .made_at = now,
                    .answers = CardAnswers(free_slot(), tag)});
  save(cards_.back());
  fresh.push_back(tag);
  return &cards_.back();
}

namespace {

OwnCardInfo info_of(const e2ee::Card& card, std::size_t answers) {
  return {.link = e2ee::to_link(card),
          .price_bits = card.price_bits,
          .issued_unix_s = static_cast<std::int64_t>(card.issued_at),
          .expires_unix_s = static_cast<std::int64_t>(card.expires_at),
          .answers = answers};
}

}  // namespace

base::Expected<OwnCardInfo, PersonError> CardDesk::give(const CardRequest& request,
                                                        base::Time now, std::int64_t wall_s,
                                                        std::vector<wire::DeliveryTag>& fresh) {
  if (!owner_) return base::unexpected(PersonError::no_identity);
  const unsigned days = request.days.value_or(kDaysDefault);
  const unsigned price = request.price_bits.value_or(kPriceDefault);
  if (days < 1 || days > kDaysMax) return base::unexpected(PersonError::bad_card_days);
  if (price < e2ee::kCardPriceMin || price > wire::kStampBitsMax)
    return base::unexpected(PersonError::bad_card_price);
  if (!is_plausible(wall_s)) return base::unexpected(PersonError::bad_clock);
  expire(now);
  Kept* card = current(request, now, wall_s);
  const bool made = card == nullptr;
  if (made) {
    const auto fresh_card = make(request, now, wall_s, fresh);
    if (!fresh_card) return base::unexpected(fresh_card.error());
    card = *fresh_card;
  }
  OwnCardInfo info = info_of(card->own.card, card->answers.size());
  info.made = made;
  return info;
}

std::vector<OwnCardInfo> CardDesk::list() const {
  std::vector<OwnCardInfo> out;
  out.reserve(cards_.size());
  for (const Kept& card : cards_) out.push_back(info_of(card.own.card, card.answers.size()));
  return out;
}

CardDesk::Kept* CardDesk::kept(const wire::DeliveryTag& tag) {
  const auto found = std::find_if(cards_.begin(), cards_.end(),
                                  [&tag](const Kept& card) { return card.tag == tag; });
  return found == cards_.end() ? nullptr : &*found;
}

const CardDesk::Kept* CardDesk::kept(const wire::DeliveryTag& tag) const {
  const auto found = std::find_if(cards_.begin(), cards_.end(),
                                  [&tag](const Kept& card) { return card.tag == tag; });
  return found == cards_.end() ? nullptr : &*found;
}

const e2ee::PendingInvite* CardDesk::find(const wire::DeliveryTag& tag) const {
  const Kept* card = kept(tag);
  return card == nullptr ? nullptr : &card->pending;
}

namespace {

CardAnswers::Key key_of(const e2ee::PendingInvite& pending, base::ByteView body) {
  return CardAnswers::key_of(e2ee::answer_subject(pending.invite.rendezvous, body));
}

}  // namespace

bool CardDesk::was_opened(const wire::DeliveryTag& tag, base::ByteView body) const {
  const Kept* card = kept(tag);
  return card != nullptr && card->answers.contains(key_of(card->pending, body));
}

bool CardDesk::full(const wire::DeliveryTag& tag) const {
  const Kept* card = kept(tag);
  return card == nullptr || card->answers.full();
}

void CardDesk::opened(const wire::DeliveryTag& tag, base::ByteView body) {
  Kept* card = kept(tag);
  CHASKI_ASSERT(card != nullptr);
  card->answers.add(context_.people(), key_of(card->pending, body));
  context_.dirty = true;
}

CardDesk::Taken CardDesk::take(const wire::DeliveryTag& tag, const wire::EnvelopeId& id,
                               base::ByteView body, base::Time now,
                               std::vector<wire::DeliveryTag>& fresh) {
  Kept* card = kept(tag);
  if (!owner_ || card == nullptr || !e2ee::is_paid(card->pending.invite, body)) return {};
  // What was opened once is a stranger's envelope from then on.
  if (card->failed.contains(id) || card->answers.full() ||
      card->answers.contains(key_of(card->pending, body))) {
    return {};
  }
  const base::Time at = std::max(card->failed_opens.next_at(), opens_.next_at());
  if (at > now) return {.later = at};
  auto answered = e2ee::open_answer(owner_->identity, card->pending, body);
  if (!answered || !add_contact(*answered, tag, now, fresh)) {
    card->failed_opens.take(now);
    card->failed.add(id);
    return {};
  }
  opens_.take(now);
  opened(tag, body);
  return {.opened = true};
}

bool CardDesk::has_room_for_stranger() const {
  if (contacts_.size() >= ContactBook::kContactsMax) return false;
  std::size_t by_card = 0;
  for (std::uint32_t index = 0; index < contacts_.size(); ++index)
    if (contacts_.at(index).record.met == Met::card) ++by_card;
  return by_card < kMetByCardMax;
}

bool CardDesk::add_contact(e2ee::Answered& answered, const wire::DeliveryTag& tag, base::Time now,
                           std::vector<wire::DeliveryTag>& fresh) {
  const e2ee::PersonId id = e2ee::person_id(answered.identity);
  HeldSession session{.session = std::move(answered.session),
                      .we_invited = true,
                      .generation = answered.generation,
                      .answer_tag = tag,
                      .heard = true};
  if (const auto known = contacts_.find_id(id)) {
    if (!contacts_.hears(*known)) return false;
    contacts_.add_session(*known, std::move(session), now, fresh);
    healing_.renewed(*known, false, now);
    return true;
  }
  if (!has_room_for_stranger()) return false;
  const ContactRecord record{.id = id,
                             .identity = answered.identity,
                             .name = contacts_.free_name(answered.name, id),
                             .trust = Trust::unverified,
                             .added_unix_s = context_.wall.unix_s,
                             .met = Met::card};
  const auto tags = contacts_.add(record, std::move(session), now);
  fresh.insert(fresh.end(), tags.begin(), tags.end());
  context_.events.contact_changed(record);
  return true;
}

}  // namespace chaski::node
