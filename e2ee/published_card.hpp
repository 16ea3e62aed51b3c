// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "e2ee/card.hpp"
#include "wire/stamp.hpp"

namespace chaski::e2ee {

// A published card is the body of a sealed envelope under a tag that everybody knows: the nonce of
// a stamp (8, little-endian), the card, and zero to the end. See docs/protocol/e2ee.md, 10.9.

/// Every published card has this size: the second padding class.
inline constexpr std::size_t kPublishedCardSize = 376;
/// Bits of its stamp, at least: about four seconds on a phone.
inline constexpr unsigned kPublishedBitsMin = 20;

/// The tag under which published cards travel.
wire::DeliveryTag published_card_tag();
/// What the stamp of a published card is for: a hash of its bytes.
wire::StampSubject published_card_subject(base::ByteView card);
/// The body; `card` is what card_bytes() gives.
base::Bytes write_published_card(base::ByteView card, std::uint64_t nonce);

/// What the body of a published card has; the card itself was not looked at, see read_card().
struct PublishedCard {
  base::ByteView card;
  unsigned stamp_bits = 0;
};
/// Nothing when the size or the padding is wrong. Costs two hashes, of 211 and 56 bytes.
std::optional<PublishedCard> open_published_card(base::ByteView body);

}  // namespace chaski::e2ee
