// SPDX-License-Identifier: Apache-2.0
// The steps of an introduction on the wire, and what comes of the last.
#include "e2ee/introduction.hpp"

#include "e2ee/setup.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

struct Introducing : testing::Test {
  base::SeededRandom random{11};
  Identity ben = Identity::generate(random);   // acceptor
  Identity cleo = Identity::generate(random);  // inviter
  Identity eve = Identity::generate(random);
  StandingInvite made = make_standing(random);
  IntroductionId id = random_id();

  IntroductionId random_id() {
    IntroductionId out;
    random.fill(out.mutable_view());
    return out;
  }
  base::Bytes offer(std::string name, std::string note,
                    IntroductionRole role = IntroductionRole::inviter) const {
    return encode_introduction({id, IntroductionOffer{role, std::move(name), std::move(note)}});
  }
  std::vector<base::Bytes> all() const {
    return {offer("Cleo", ""),
            offer(std::string(32, 'n'), std::string(200, 'x'), IntroductionRole::acceptor),
            encode_introduction({id, IntroductionConsent{}}),
            encode_introduction({id, IntroductionConsent{made.given}}),
            encode_introduction({id, IntroductionDecline{}}),
            encode_introduction({id, IntroductionMeet{ben.public_identity(), {}}}),
            encode_introduction({id, IntroductionMeet{cleo.public_identity(), made.given}})};
  }
};

TEST_F(Introducing, EveryStepComesBackAsItWas) {
  const std::size_t sizes[] = {18 + 7, 18 + 235, 18, 18 + 64, 18, 18 + 64, 18 + 128};
  const std::size_t steps[] = {0, 0, 1, 1, 2, 3, 3};
  std::size_t i = 0;
  for (const base::Bytes& bytes : all()) {
    EXPECT_EQ(bytes.size(), sizes[i]);
    const auto read = decode_introduction(bytes);
    ASSERT_TRUE(read) << i;
    EXPECT_EQ(read->id, id);
    EXPECT_EQ(read->step.index(), steps[i++]);
    EXPECT_EQ(encode_introduction(*read), bytes);
  }
  const auto read = decode_introduction(offer("Cléo", "from the choir"));
  const auto& said = std::get<IntroductionOffer>(read->step);
  EXPECT_EQ(said.role, IntroductionRole::inviter);
  EXPECT_EQ(said.name, "Cléo");
  EXPECT_EQ(said.note, "from the choir");
}

TEST_F(Introducing, YesAndNoHaveOneSizeOnTheAir) {
  // Who carries the envelope cannot tell who refused: the smallest class holds 93 bytes.
  for (const base::Bytes& bytes : {all()[2], all()[3], all()[4]}) EXPECT_LE(bytes.size(), 93u);
}

TEST_F(Introducing, AnythingElseIsRefused) {
  for (const base::Bytes& good : all()) {
    const bool whole_without_the_end = good.size() == 18 + 64 || good.size() == 18 + 128;
    for (std::size_t size = 0; size < good.size(); ++size) {
      if (whole_without_the_end && (size == 18 || size == 18 + 64)) continue;
      EXPECT_FALSE(decode_introduction(base::ByteView(good).first(size))) << size;
    }
    base::Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(decode_introduction(longer));
    base::Bytes newer = good;
    newer[0] = 2;
    EXPECT_FALSE(decode_introduction(newer));
    for (const int step : {0, 5, 255}) {
      base::Bytes unknown = good;
      unknown[1] = static_cast<std::uint8_t>(step);
      EXPECT_FALSE(decode_introduction(unknown));
    }
  }
}

TEST_F(Introducing, AMeetingWithoutAnIdentityIsNoMeeting) {
  base::Bytes bytes = all()[6];
  bytes.resize(18);
  EXPECT_FALSE(decode_introduction(bytes));
}

TEST_F(Introducing, OffersThatATerminalMustNotShowAreRefused) {
  base::Bytes bytes = offer("Cleo", "hello");
  base::Bytes bad = bytes;
  bad[20] = 0x1b;
  EXPECT_FALSE(decode_introduction(bad)) << "an escape in the name";
  bad = bytes;
  bad[bytes.size() - 1] = '\n';
  EXPECT_FALSE(decode_introduction(bad)) << "two lines";
  bad = bytes;
  bad[20] = 0xff;
  EXPECT_FALSE(decode_introduction(bad)) << "no UTF-8";
  for (const int role : {0, 3}) {
    bad = bytes;
    bad[18] = static_cast<std::uint8_t>(role);
    EXPECT_FALSE(decode_introduction(bad)) << "role";
  }
  bad = {bytes.begin(), bytes.begin() + 19};
  bad.insert(bad.end(), {0, 0});
  EXPECT_FALSE(decode_introduction(bad)) << "nobody";
  bad = {bytes.begin(), bytes.begin() + 19};
  bad.push_back(33);
  bad.insert(bad.end(), 33, 'n');
  bad.push_back(0);
  EXPECT_FALSE(decode_introduction(bad)) << "a name that is too long";
  bad = bytes;
  bad.resize(24);
  bad[23] = 201;
  bad.insert(bad.begin() + 24, 201, 'x');
  EXPECT_FALSE(decode_introduction(bad)) << "a note that is too long";
}

TEST_F(Introducing, KeysThatMustBeRefusedAre) {
  base::Bytes low = all()[3];
  std::fill(low.begin() + 18, low.begin() + 50, std::uint8_t{0});
  EXPECT_FALSE(decode_introduction(low)) << "a prekey of low order";
  base::Bytes zero = all()[3];
  std::fill(zero.begin() + 50, zero.end(), std::uint8_t{0});
  EXPECT_FALSE(decode_introduction(zero)) << "a rendezvous secret of zeros";
  for (const std::ptrdiff_t at : {18, 50}) {
    base::Bytes bad = all()[5];
    std::fill(bad.begin() + at, bad.begin() + at + 32, std::uint8_t{0});
    EXPECT_FALSE(decode_introduction(bad)) << "an identity of low order";
  }
}

TEST_F(Introducing, WhatAMeetingGivesMakesOneSessionForTheTwoAlone) {
  const auto meet = decode_introduction(all()[6]);
  const auto& said = std::get<IntroductionMeet>(meet->step);
  const PendingInvite pending =
      standing_pending(made, cleo.public_identity(), ben.public_identity());
  // Who introduced them knows all that was said, and is neither of them.
  const auto eves = accept_invite(
      eve, "Ben", standing_invite(*said.given, said.identity, ben.public_identity()), random);
  EXPECT_FALSE(open_answer(cleo, pending, eves->answer.body));
  const auto as_eve = accept_invite(
      eve, "Ben", standing_invite(*said.given, said.identity, eve.public_identity()), random);
  EXPECT_FALSE(open_answer(cleo, pending, as_eve->answer.body));

  const auto accepted = accept_invite(
      ben, "Ben", standing_invite(*said.given, said.identity, ben.public_identity()), random, 9);
  const auto answered = open_answer(cleo, pending, accepted->answer.body);
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->identity, ben.public_identity());
  EXPECT_EQ(answered->name, "Ben");
  EXPECT_EQ(answered->generation, 9u);
}

}  // namespace
}  // namespace chaski::e2ee::test
