// SPDX-License-Identifier: Apache-2.0
// A card: its bytes, a link as it is typed, and content with a right prefix and checksum.
#include "base/assert.hpp"
#include "base/random.hpp"
#include "e2ee/card.hpp"
#include "e2ee/link_text.hpp"
#include "e2ee/name.hpp"
#include "e2ee/session.hpp"

using namespace chaski;

namespace {

void look_at(const e2ee::Card& card) {
  CHASKI_ASSERT(e2ee::is_valid_name(card.name));
  CHASKI_ASSERT(card.issued_at < card.expires_at);
  CHASKI_ASSERT(card.expires_at - card.issued_at <= e2ee::kCardLifetimeMax_s);
  CHASKI_ASSERT(card.price_bits >= e2ee::kCardPriceMin);
  const auto again = e2ee::parse_card(e2ee::to_link(card));
  CHASKI_ASSERT(again && *again == card);
  base::SeededRandom random(7);
  const auto us = e2ee::Identity::generate(random);
  const bool own = card.identity == us.public_identity();
  const auto accepted = e2ee::accept_invite(us, "us", e2ee::card_invite(card), random);
  CHASKI_ASSERT(accepted.has_value() != own);
  CHASKI_ASSERT(own || accepted->unpaid);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  if (const auto card = e2ee::read_card(input)) {
    CHASKI_ASSERT(base::equal(e2ee::card_bytes(*card), input));
    look_at(*card);
  }
  if (const auto card = e2ee::parse_card(base::as_text(input))) look_at(*card);
  if (size > 0) {
    if (const auto card = e2ee::parse_card(e2ee::write_link(e2ee::kCardPrefix, input)))
      look_at(*card);
  }
  if (const auto own = e2ee::OwnCard::load(input)) look_at(own->card);
  return 0;
}
