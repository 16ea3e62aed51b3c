// SPDX-License-Identifier: Apache-2.0
#include "node/card_cache.hpp"

#include <algorithm>

#include "node/card_desk.hpp"

namespace chaski::node {
namespace {

constexpr TagOwner kPublishedOwner{.kind = TagOwner::Kind::published_card};

/// Under this name and the number of its slot the store keeps a card: bits of its stamp (1), card.
std::string slot_name(std::size_t slot) { return "heard-card/" + std::to_string(slot); }

}  // namespace

CardCache::CardCache(Context& context, const std::optional<Owner>& owner, CardCacheLimits limits)
    : context_(context), owner_(owner), limits_(limits) {
  for (std::size_t slot = 0; slot < limits_.cards_max; ++slot) {
    const auto bytes = context_.people().load_value(slot_name(slot));
    if (!bytes || bytes->empty()) continue;
    auto card = e2ee::read_card(base::ByteView(*bytes).subspan(1));
    if (!card) continue;
    const e2ee::PersonId person = e2ee::person_id(card->identity);
    heard_.push_back({std::move(*card), person, bytes->front(), slot});
  }
}

void CardCache::listen(TagTable& tags, std::vector<wire::DeliveryTag>& fresh) {
  const wire::DeliveryTag tag = e2ee::published_card_tag();
  if (tags.add(tag, kPublishedOwner)) fresh.push_back(tag);
}

bool CardCache::is_good_time(const e2ee::Card& card) const {
  const std::int64_t wall_s = context_.wall.unix_s;
  if (e2ee::is_expired(card, wall_s)) return false;
  if (wall_s < CardDesk::kWallMin_s || wall_s > CardDesk::kWallMax_s) return true;
  return card.issued_at <= static_cast<std::uint64_t>(wall_s + kFutureMax_s);
}

std::optional<base::Time> CardCache::hear(const wire::EnvelopeId& id, base::ByteView body,
                                          base::Time now) {
  if (!owner_ || looked_at_.contains(id)) return std::nullopt;
  const auto published = e2ee::open_published_card(body);
  if (!published || published->stamp_bits < limits_.stamp_bits_min) {
    ++counts_.dropped;
    return std::nullopt;
  }
  // All at once when there are tokens again: each look costs the hashes of all that wait.
  if (!checks_.has(now)) return now + kChecksBurst * kCheckEvery;
  checks_.take(now);
  looked_at_.add(id);
  auto card = e2ee::read_card(published->card);
  if (!card || card->identity == owner_->identity.public_identity() || !is_good_time(*card)) {
    ++counts_.dropped;
    return std::nullopt;
  }
  take(std::move(*card), published->stamp_bits);
  return std::nullopt;
}

void CardCache::take(e2ee::Card card, unsigned stamp_bits) {
  const e2ee::PersonId person = e2ee::person_id(card.identity);
  const auto known = std::find_if(heard_.begin(), heard_.end(),
                                  [&person](const Heard& one) { return one.person == person; });
  if (known == heard_.end()) {
    if (!make_room(stamp_bits)) return;
    heard_.push_back({std::move(card), person, stamp_bits, free_slot()});
    save(heard_.back());
  } else if (known->card == card) {
    if (stamp_bits <= known->stamp_bits) return;
    known->stamp_bits = stamp_bits;
    save(*known);
  } else if (card.issued_at > known->card.issued_at) {
    known->card = std::move(card);
    known->stamp_bits = stamp_bits;
    save(*known);
  } else {
    ++counts_.older;
    return;
  }
  ++counts_.taken;
}

bool CardCache::make_room(unsigned stamp_bits) {
  if (heard_.size() >= limits_.cards_max) expire();
  if (heard_.size() < limits_.cards_max) return true;
  ++counts_.pushed_out;
  unsigned lowest = stamp_bits;
  for (const Heard& one : heard_) lowest = std::min(lowest, one.stamp_bits);
  std::vector<std::size_t> least;
  for (std::size_t i = 0; i < heard_.size(); ++i)
    if (heard_[i].stamp_bits == lowest) least.push_back(i);
  const std::size_t lots = least.size() + (stamp_bits == lowest ? 1 : 0);
  const std::size_t drawn = context_.random.below(lots);
  if (drawn == least.size()) return false;
  forget(least[drawn]);
  return true;
}

std::size_t CardCache::free_slot() const {
  std::vector<bool> taken(limits_.cards_max);
  for (const Heard& one : heard_) taken[one.slot] = true;
  return static_cast<std::size_t>(std::find(taken.begin(), taken.end(), false) - taken.begin());
}

void CardCache::save(const Heard& heard) {
  base::Bytes bytes{static_cast<std::uint8_t>(heard.stamp_bits)};
  const base::Bytes card = e2ee::card_bytes(heard.card);
  bytes.insert(bytes.end(), card.begin(), card.end());
  context_.people().save_value(slot_name(heard.slot), bytes);
  context_.dirty = true;
}

void CardCache::forget(std::size_t index) {
  context_.people().save_value(slot_name(heard_[index].slot), {});
  heard_.erase(heard_.begin() + static_cast<std::ptrdiff_t>(index));
  context_.dirty = true;
}

void CardCache::expire() {
  for (std::size_t i = heard_.size(); i-- > 0;)
    if (!is_good_time(heard_[i].card)) forget(i);
}

std::vector<e2ee::Card> CardCache::cards() const {
  std::vector<e2ee::Card> out;
  for (const Heard& one : heard_)
    if (is_good_time(one.card)) out.push_back(one.card);
  std::sort(out.begin(), out.end(), [](const e2ee::Card& a, const e2ee::Card& b) {
    return a.issued_at > b.issued_at;
  });
  return out;
}

}  // namespace chaski::node
