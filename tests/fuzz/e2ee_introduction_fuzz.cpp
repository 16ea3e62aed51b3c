// SPDX-License-Identifier: Apache-2.0
// One step of an introduction, and the answer to what a meeting gives.
#include "base/assert.hpp"
#include "base/random.hpp"
#include "e2ee/introduction.hpp"
#include "e2ee/name.hpp"
#include "e2ee/session.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  const auto introduction = e2ee::decode_introduction(input);
  if (!introduction) return 0;
  CHASKI_ASSERT(base::equal(e2ee::encode_introduction(*introduction), input));
  if (const auto* offer = std::get_if<e2ee::IntroductionOffer>(&introduction->step)) {
    CHASKI_ASSERT(!offer->name.empty() && e2ee::is_valid_name(offer->name));
    CHASKI_ASSERT(e2ee::is_one_plain_line(offer->note));
  }
  const auto* meet = std::get_if<e2ee::IntroductionMeet>(&introduction->step);
  if (meet == nullptr || !meet->given) return 0;
  base::SeededRandom random(7);
  const auto us = e2ee::Identity::generate(random);
  const auto invite =
      e2ee::standing_invite(*meet->given, meet->identity, us.public_identity());
  const auto accepted = e2ee::accept_invite(us, "us", invite, random, 1);
  CHASKI_ASSERT(accepted && accepted->answer.tag == meet->given->answer_tag());
  return 0;
}
