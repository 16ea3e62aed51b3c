// SPDX-License-Identifier: Apache-2.0
#include "node/card_post.hpp"

#include <algorithm>

#include "e2ee/codec.hpp"
#include "e2ee/session.hpp"
#include "node/origin.hpp"

namespace chaski::node {
namespace {

/// Under this name the store keeps when it left (8, little-endian) and the card; or nothing.
constexpr std::string_view kKey = "published-card";

}  // namespace

CardPost::CardPost(Context& context) : context_(context) {
  const auto bytes = context_.people().load_value(kKey);
  if (!bytes) return;
  e2ee::Reader reader(*bytes);
  left_unix_s_ = static_cast<std::int64_t>(reader.number<std::uint64_t>());
  if (auto card = e2ee::read_card(reader.rest())) card_ = std::move(*card);
}

void CardPost::save() {
  base::Bytes bytes;
  if (card_) {
    const base::Bytes card = e2ee::card_bytes(*card_);
    bytes.resize(8 + card.size());
    e2ee::Writer(bytes).number(static_cast<std::uint64_t>(left_unix_s_)).bytes(card);
  }
  context_.people().save_value(kKey, bytes);
  context_.dirty = true;
}

void CardPost::publish(const e2ee::Card& card) {
  if (waits() && *card_ == card) return;
  card_ = card;
  left_unix_s_ = 0;
  search_.reset();
  due_ = {};
  save();
}

void CardPost::withdraw() {
  if (!card_) return;
  card_.reset();
  left_unix_s_ = 0;
  search_.reset();
  save();
}

std::uint32_t CardPost::lifetime_s() const {
  const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(context_.wall.unix_s, 0));
  const std::uint64_t left = card_->expires_at > now ? card_->expires_at - now : 0;
  const auto wanted = std::clamp<std::uint64_t>(left, 1, wire::kLifetimeMax_s);
  return lifetime_class(static_cast<std::uint32_t>(wanted)).value_or(wire::kLifetimeMax_s);
}

std::optional<base::Time> CardPost::next_wakeup() const {
  if (!waits()) return std::nullopt;
  return due_;
}

void CardPost::wake(mesh_router::Router& router, base::Time now) {
  if (!waits() || due_ > now) return;
  const base::Bytes bytes = e2ee::card_bytes(*card_);
  if (!search_) {
    search_.emplace(e2ee::published_card_subject(bytes), e2ee::kPublishedBitsMin,
                    context_.random.next_u64());
  }
  due_ = now + kPause;
  if (!search_->work(kHashesPerSlice)) return;
  const e2ee::Answer out{e2ee::published_card_tag(),
                         e2ee::write_published_card(bytes, *search_->nonce())};
  const base::Bytes envelope = e2ee::answer_envelope(out, lifetime_s(), context_.random);
  if (!router.submit(envelope, initial_carry_state(context_.random), now)) {
    due_ = now + kRetry;
    return;
  }
  search_.reset();
  left_unix_s_ = std::max<std::int64_t>(context_.wall.unix_s, 1);
  save();
}

}  // namespace chaski::node
