// SPDX-License-Identifier: Apache-2.0
// A price in an invitation: who floods its answers must pay for each, and no other work will do.
#include "e2ee/answer_stamp.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "e2ee/link_text.hpp"
#include "e2ee/session.hpp"
#include "e2ee/setup.hpp"

namespace chaski::e2ee::test {
namespace {

constexpr std::uint8_t kPrice = 12;

struct AnswerStamp : testing::Test {
  base::SeededRandom random{5};
  Identity anna = Identity::generate(random);
  Identity bela = Identity::generate(random);
  PendingInvite pending = make_invite(anna, "Anna", random, kPrice);
  Accepted accepted = *accept_invite(bela, "Bela", pending.invite, random);

  /// The answer with its stamp.
  UnpaidAnswer paid(UnpaidAnswer unpaid) {
    auto search = unpaid.search(random);
    EXPECT_TRUE(search.work(1u << 22));
    unpaid.pay(*search.nonce());
    return unpaid;
  }
};

TEST_F(AnswerStamp, PaidAnswerOpensAndLooksLikeAnyOther) {
  ASSERT_TRUE(accepted.unpaid);
  const auto answer = paid(*accepted.unpaid).answer;
  EXPECT_TRUE(is_paid(pending.invite, answer.body));
  EXPECT_TRUE(open_answer(anna, pending, answer.body));
  const PendingInvite cheap = make_invite(anna, "Anna", random);
  const auto other = accept_invite(bela, "Bela", cheap.invite, random);
  EXPECT_FALSE(other->unpaid);
  EXPECT_EQ(answer.body.size(), other->answer.body.size());
  const base::Bytes bytes = answer_envelope(answer, 3600, random);
  EXPECT_EQ(bytes.size(), answer_envelope(other->answer, 3600, random).size());
  EXPECT_TRUE(wire::decode_envelope(bytes)->stamp.empty());
}

TEST_F(AnswerStamp, AnswerHandedOverNeedsNone) {
  const auto link = parse_answer(to_link(accepted.answer));
  ASSERT_TRUE(link);
  EXPECT_FALSE(is_paid(pending.invite, link->body));
  EXPECT_TRUE(open_answer(anna, pending, link->body));
}

TEST_F(AnswerStamp, StolenStampIsWorthNothing) {
  const auto good = paid(*accepted.unpaid).answer;
  const base::ByteView nonce =
      base::ByteView(good.body).subspan(kAnswerStampAt, kAnswerStampSize);
  unsigned taken = 0;
  for (int i = 0; i < 200; ++i) {
    // Somebody who saw the answer puts its stamp on another, and somebody who knows the invitation
    // puts it on an answer of their own.
    auto thief = accept_invite(Identity::generate(random), "", pending.invite, random)->answer;
    std::copy(nonce.begin(), nonce.end(), thief.body.begin() + kAnswerStampAt);
    taken += is_paid(pending.invite, thief.body);
    base::Bytes junk(good.body.size());
    random.fill(junk);
    std::copy(nonce.begin(), nonce.end(), junk.begin() + kAnswerStampAt);
    taken += is_paid(pending.invite, junk);
  }
  EXPECT_LE(taken, 2u);
  // Nor does it pay for the same body under another invitation.
  const PendingInvite other = make_invite(anna, "Anna", random, wire::kStampBitsMax);
  EXPECT_FALSE(is_paid(other.invite, good.body));
}

TEST_F(AnswerStamp, EveryChangedBitLosesIt) {
  const auto good = paid(*accepted.unpaid).answer;
  unsigned taken = 0;
  for (std::size_t bit = 0; bit < good.body.size() * 8; ++bit) {
    base::Bytes changed = good.body;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    taken += is_paid(pending.invite, changed);
  }
  EXPECT_LE(taken, 6u) << "3,008 bits, by luck once in 4,096";
  for (std::size_t size : {0u, 39u, 40u, 375u, 377u})
    EXPECT_FALSE(is_paid(pending.invite, base::Bytes(size)));
}

TEST_F(AnswerStamp, UnpaidAnswerSurvivesSavingAndNothingElseLoads) {
  const base::Bytes saved = accepted.unpaid->save();
  const auto loaded = UnpaidAnswer::load(saved);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->answer.body, accepted.unpaid->answer.body);
  EXPECT_EQ(loaded->answer.tag, accepted.unpaid->answer.tag);
  EXPECT_TRUE(is_paid(pending.invite, paid(*loaded).answer.body));
  for (std::size_t size = 0; size < saved.size(); ++size)
    ASSERT_FALSE(UnpaidAnswer::load(base::ByteView(saved).first(size)));
  for (std::size_t bit = 0; bit < saved.size() * 8; ++bit) {
    base::Bytes changed = saved;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    ASSERT_FALSE(UnpaidAnswer::load(changed));
  }
}

TEST_F(AnswerStamp, PriceIsPartOfTheInvitation) {
  const auto parsed = parse_invite(to_link(pending.invite));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->price_bits, kPrice);
  EXPECT_EQ(PendingInvite::load(pending.save())->invite.price_bits, kPrice);
  EXPECT_EQ(invite_bytes(pending.invite)[0], 2);
  // Whoever lowers the price in a copy makes answers that do not open.
  InvitePublic cheaper = *parsed;
  cheaper.price_bits = 1;
  const auto answer = paid(*accept_invite(bela, "Bela", cheaper, random)->unpaid).answer;
  EXPECT_FALSE(open_answer(anna, pending, answer.body));
}

TEST_F(AnswerStamp, InvitationWithoutPriceIsOfTheFirstVersionAndAPriceIsBounded) {
  InvitePublic free = pending.invite;
  free.price_bits = 0;
  EXPECT_EQ(invite_bytes(free)[0], 1);
  EXPECT_EQ(parse_invite(to_link(free))->price_bits, 0);
  // One invitation, one byte string; and nobody is asked for more work than the bound.
  base::Bytes content = invite_bytes(pending.invite);
  for (const unsigned price : {0u, wire::kStampBitsMax + 1, 64u, 255u}) {
    content[1] = static_cast<std::uint8_t>(price);
    EXPECT_EQ(parse_invite(write_link(kInvitePrefix, content)).error(), InviteError::damaged);
  }
  content[0] = 3;
  EXPECT_EQ(parse_invite(write_link(kInvitePrefix, content)).error(), InviteError::newer_version);
}

}  // namespace
}  // namespace chaski::e2ee::test
