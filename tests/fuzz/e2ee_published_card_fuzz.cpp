// SPDX-License-Identifier: Apache-2.0
// The body of a published card, as it comes and with what makes it one: size and padding.
#include "base/assert.hpp"
#include "e2ee/published_card.hpp"

using namespace chaski;

namespace {

void look_at(base::ByteView body) {
  const auto published = e2ee::open_published_card(body);
  if (!published) return;
  CHASKI_ASSERT(published->card.size() <= e2ee::kCardSizeMax);
  const auto card = e2ee::read_card(published->card);
  if (card) CHASKI_ASSERT(base::equal(e2ee::card_bytes(*card), published->card));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  look_at(input);
  base::Bytes body(input.begin(), input.end());
  body.resize(e2ee::kPublishedCardSize);
  look_at(body);
  return 0;
}
