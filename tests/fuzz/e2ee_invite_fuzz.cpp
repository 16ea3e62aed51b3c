// SPDX-License-Identifier: Apache-2.0
// What a person scans or types: as text, and as content with a right prefix and checksum.
#include "base/assert.hpp"
#include "base/random.hpp"
#include "e2ee/base32.hpp"
#include "e2ee/link_text.hpp"
#include "e2ee/name.hpp"
#include "e2ee/session.hpp"

using namespace chaski;

namespace {

void look_at(std::string_view link) {
  const auto kind = e2ee::link_kind(link);
  if (const auto invite = e2ee::parse_invite(link)) {
    CHASKI_ASSERT(kind == e2ee::LinkKind::invite);
    CHASKI_ASSERT(e2ee::is_valid_name(invite->name));
    const auto again = e2ee::parse_invite(e2ee::to_link(*invite));
    CHASKI_ASSERT(again && again->identity == invite->identity && again->name == invite->name);
    CHASKI_ASSERT(again->price_bits == invite->price_bits);
    CHASKI_ASSERT(invite->price_bits <= wire::kStampBitsMax);
    base::SeededRandom random(7);
    const auto us = e2ee::Identity::generate(random);
    const bool own = invite->identity == us.public_identity();  // the fuzzer has found it out once
    CHASKI_ASSERT(e2ee::accept_invite(us, "us", *invite, random).has_value() != own);
  }
  if (const auto answer = e2ee::parse_answer(link)) {
    CHASKI_ASSERT(kind == e2ee::LinkKind::answer);
    const auto again = e2ee::parse_answer(e2ee::to_link(*answer));
    CHASKI_ASSERT(again && again->tag == answer->tag && again->body == answer->body);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  look_at(base::as_text(input));
  const auto decoded = e2ee::from_base32(base::as_text(input));
  if (decoded) CHASKI_ASSERT(e2ee::from_base32(e2ee::to_base32(*decoded)) == decoded);
  if (size > 0) {
    look_at(e2ee::write_link(e2ee::kInvitePrefix, input));
    look_at(e2ee::write_link(e2ee::kAnswerPrefix, input));
  }
  return 0;
}
