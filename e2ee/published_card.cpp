// SPDX-License-Identifier: Apache-2.0
#include "e2ee/published_card.hpp"

#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/tag_chain.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::size_t kNonceSize = 8;
/// Where a card says how long its name is: behind version, price, times, identity and prekey.
constexpr std::size_t kNameSizeAt = 1 + 1 + 8 + 8 + 64 + 32;
static_assert(kNonceSize + kCardSizeMax <= kPublishedCardSize);

}  // namespace

wire::DeliveryTag published_card_tag() {
  const auto full = public_hash<32>(label::kCardTag, {});
  return tag_from(base::ByteView(full).first(wire::DeliveryTag::kSize));
}

wire::StampSubject published_card_subject(base::ByteView card) {
  return wire::StampSubject{public_hash<32>(label::kCardWork, {card})};
}

base::Bytes write_published_card(base::ByteView card, std::uint64_t nonce) {
  CHASKI_ASSERT(card.size() <= kCardSizeMax);
  base::Bytes body(kPublishedCardSize);
  Writer(body).number(nonce).bytes(card);
  return body;
}

std::optional<PublishedCard> open_published_card(base::ByteView body) {
  if (body.size() != kPublishedCardSize) return std::nullopt;
  Reader reader(body);
  const auto nonce = reader.number<std::uint64_t>();
  const std::size_t size = kCardSizeMin + reader.rest()[kNameSizeAt];
  if (size > kCardSizeMax) return std::nullopt;
  PublishedCard out;
  out.card = reader.bytes(size);
  if (!is_all_zero(reader.rest())) return std::nullopt;
  out.stamp_bits = wire::stamp_bits(published_card_subject(out.card), nonce);
  return out;
}

}  // namespace chaski::e2ee
