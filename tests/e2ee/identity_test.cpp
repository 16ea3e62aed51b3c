// SPDX-License-Identifier: Apache-2.0
#include "e2ee/identity.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "e2ee/name.hpp"
#include "e2ee/x25519.hpp"

namespace chaski::e2ee::test {
namespace {

TEST(Identity, SurvivesSaving) {
  base::SeededRandom random(1);
  const Identity identity = Identity::generate(random);
  const auto loaded = Identity::load(identity.save());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->public_identity(), identity.public_identity());
  EXPECT_TRUE(loaded->agreement_secret() == identity.agreement_secret());
  EXPECT_TRUE(loaded->signing_seed() == identity.signing_seed());
}

TEST(Identity, DamageIsNoticed) {
  base::SeededRandom random(2);
  const auto saved = Identity::generate(random).save();
  for (std::size_t size = 0; size < saved.size(); ++size) {
    EXPECT_FALSE(Identity::load(base::ByteView(saved).first(size))) << size;
  }
  for (std::size_t i = 0; i < saved.size(); ++i) {
    auto changed = saved;
    changed[i] ^= 1;
    EXPECT_FALSE(Identity::load(changed)) << i;
  }
  auto longer = saved;
  longer.push_back(0);
  EXPECT_FALSE(Identity::load(longer));
}

TEST(Identity, TwoPeopleHaveDifferentIdsAndFingerprints) {
  base::SeededRandom random(3);
  std::set<PersonId> ids;
  std::set<std::string> fingerprints;
  for (int i = 0; i < 50; ++i) {
    const auto who = Identity::generate(random).public_identity();
    ids.insert(person_id(who));
    fingerprints.insert(fingerprint(who));
  }
  EXPECT_EQ(ids.size(), 50u);
  EXPECT_EQ(fingerprints.size(), 50u);
}

TEST(Identity, BothKeysMakeThePerson) {
  base::SeededRandom random(4);
  const auto a = Identity::generate(random).public_identity();
  const auto b = Identity::generate(random).public_identity();
  const IdentityPublic mixed{a.agreement, b.signing};
  EXPECT_NE(person_id(mixed), person_id(a));
  EXPECT_NE(person_id(mixed), person_id(b));
  EXPECT_NE(fingerprint(mixed), fingerprint(a));
  EXPECT_NE(safety_number(mixed, b), safety_number(a, b));
}

TEST(Identity, FingerprintIsFourGroupsOfFour) {
  base::SeededRandom random(5);
  const auto text = fingerprint(Identity::generate(random).public_identity());
  ASSERT_EQ(text.size(), 19u);
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_EQ(text[i] == ' ', i % 5 == 4) << text;
}

TEST(SafetyNumber, IsTheSameForBothAndSixtyDigits) {
  base::SeededRandom random(6);
  const auto a = Identity::generate(random).public_identity();
  const auto b = Identity::generate(random).public_identity();
  const auto c = Identity::generate(random).public_identity();
  const auto number = safety_number(a, b);
  EXPECT_EQ(number, safety_number(b, a));
  EXPECT_NE(number, safety_number(a, c));
  ASSERT_EQ(number.size(), 71u);
  for (std::size_t i = 0; i < number.size(); ++i) {
    EXPECT_EQ(number[i] == ' ', i % 6 == 5) << number;
    EXPECT_TRUE(number[i] == ' ' || (number[i] >= '0' && number[i] <= '9'));
  }
}

TEST(Name, OnlyWhatMayBeShown) {
  EXPECT_TRUE(is_valid_name(""));
  EXPECT_TRUE(is_valid_name("Anna"));
  EXPECT_TRUE(is_valid_name("Zoë 山 🏔"));
  EXPECT_TRUE(is_valid_name(std::string(32, 'n')));
  EXPECT_FALSE(is_valid_name(std::string(33, 'n')));
  const char* refused[] = {"\x1b[31m",
                           "a\nb",
                           "\x7f",
                           "\xc2\x85",
                           "\xe2\x80\xae",
                           "\xe2\x81\xa6",
                           "\xef\xbb\xbf",
                           "\xff",
                           "\xc3",
                           "\xc3(",
                           "\xc0\xaf",
                           "\xe0\x80\xaf",
                           "\xed\xa0\x80",
                           "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80",
                           "\x80",
                           "\xf0\x80\x80\xaf",
                           "\xe2\x80",
                           "\xd8\x9c",
                           "\xe2\x80\x8f"};
  for (const char* name : refused) EXPECT_FALSE(is_valid_name(name)) << name;
  EXPECT_FALSE(is_valid_name(std::string_view("a\0b", 3)));
}

base::Bytes key(std::uint8_t first, std::uint8_t middle, std::uint8_t last) {
  base::Bytes out(32, middle);
  out.front() = first;
  out.back() = last;
  return out;
}

TEST(X25519, PointsOfLowOrderAndOtherSpellingsAreRefused) {
  EXPECT_FALSE(is_acceptable_x25519(key(0, 0, 0)));
  EXPECT_FALSE(is_acceptable_x25519(key(1, 0, 0)));
  EXPECT_FALSE(is_acceptable_x25519(key(0xec, 0xff, 0x7f)));  // p - 1
  EXPECT_FALSE(is_acceptable_x25519(key(0xed, 0xff, 0x7f)));  // p, that is 0
  EXPECT_FALSE(is_acceptable_x25519(key(0xee, 0xff, 0x7f)));  // p + 1, that is 1
  EXPECT_FALSE(is_acceptable_x25519(key(0xff, 0xff, 0xff)));
  EXPECT_TRUE(is_acceptable_x25519(key(0xeb, 0xff, 0x7f)));  // p - 2: ordinary
  EXPECT_TRUE(is_acceptable_x25519(key(9, 0, 0)));
  EXPECT_FALSE(is_acceptable_x25519(key(9, 0, 0x80)));  // the same with the unused bit set
  EXPECT_FALSE(is_acceptable_x25519({}));
  // Whatever is refused as low order agrees to nothing, and is not refused for another reason.
  const std::string_view low[] = {
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  base::SeededRandom random(7);
  for (const auto hex : low) {
    const auto point = base::from_hex(hex);
    EXPECT_FALSE(is_acceptable_x25519(*point)) << hex;
    AgreementSecret secret;
    random.fill(secret.mutable_view());
    EXPECT_FALSE(agree(secret.view(), *point)) << hex;
  }
}

TEST(X25519, MeetsTheIteratedVectorOfRfc7748) {
  // Section 5.2: k = u = 9, then k, u = X25519(k, u), k.
  base::Bytes k = key(9, 0, 0);
  base::Bytes u = k;
  for (int i = 1; i <= 1'000; ++i) {
    const auto shared = agree(k, u);
    ASSERT_TRUE(shared);
    u = k;
    k.assign(shared->view().begin(), shared->view().end());
    if (i == 1) {
      EXPECT_EQ(base::to_hex(k),
                "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
  }
  EXPECT_EQ(base::to_hex(k), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST(Ed25519, OnlyPointsOfTheMainSubgroup) {
  base::SeededRandom random(8);
  const auto good = Identity::generate(random).public_identity().signing;
  EXPECT_TRUE(is_acceptable_ed25519(good.view()));
  EXPECT_FALSE(is_acceptable_ed25519(base::Bytes(32, 0)));
  EXPECT_FALSE(is_acceptable_ed25519(key(1, 0, 0)));  // the neutral element
  EXPECT_FALSE(is_acceptable_ed25519(base::Bytes(32, 0xff)));
}

}  // namespace
}  // namespace chaski::e2ee::test
