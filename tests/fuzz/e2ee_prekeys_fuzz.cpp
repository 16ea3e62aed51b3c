// SPDX-License-Identifier: Apache-2.0
// The list of standing invitations that a contact sends, and answers to what is in it.
#include "base/assert.hpp"
#include "base/random.hpp"
#include "e2ee/session.hpp"
#include "e2ee/standing.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  const auto prekeys = e2ee::decode_prekeys(input);
  if (!prekeys) return 0;
  CHASKI_ASSERT(prekeys->invitations.size() <= e2ee::Prekeys::kMax);
  CHASKI_ASSERT(base::equal(e2ee::encode_prekeys(*prekeys), input));
  base::SeededRandom random(7);
  const auto us = e2ee::Identity::generate(random);
  const auto them = e2ee::Identity::generate(random);
  for (const auto& one : prekeys->invitations) {
    const auto invite =
        e2ee::standing_invite(one, them.public_identity(), us.public_identity());
    const auto accepted = e2ee::accept_invite(us, "", invite, random, prekeys->serial >> 2);
    CHASKI_ASSERT(accepted && accepted->answer.tag == one.answer_tag());
  }
  return 0;
}
