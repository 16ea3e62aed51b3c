// SPDX-License-Identifier: Apache-2.0
#include "e2ee/codec.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

/// A session in the middle of its life: an open epoch and skipped keys.
Session lived(std::uint64_t seed) {
  base::SeededRandom random(seed);
  Pair pair = meet(random);
  pair.inviter.seal("lost", random);
  pair.inviter.seal("lost", random);
  EXPECT_TRUE(pair.acceptor.reads(pair.inviter.seal("a", random), "a"));
  pair.acceptor.seal("b", random);
  return pair.acceptor.session;
}

TEST(SessionSave, IsSmallAndSurvives) {
  const Session session = lived(1);
  const auto saved = session.save();
  EXPECT_EQ(saved.size(), 449u + 2u * 48u);
  const auto loaded = Session::load(saved);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->save(), saved);
  EXPECT_EQ(loaded->expected_tags(), session.expected_tags());
}

TEST(SessionSave, DamageIsNoticed) {
  const auto saved = lived(2).save();
  for (std::size_t size = 0; size < saved.size(); ++size) {
    EXPECT_FALSE(Session::load(base::ByteView(saved).first(size))) << size;
  }
  for (std::size_t i = 0; i < saved.size(); ++i) {
    auto changed = saved;
    changed[i] ^= 0x10;
    EXPECT_FALSE(Session::load(changed)) << i;
  }
}

TEST(SessionSave, WhatNoProgramWritesIsRefusedWhateverItsChecksum) {
  const auto saved = lived(3).save();
  const auto loads = [&saved](std::size_t at, std::uint8_t value, std::size_t size) {
    auto changed = saved;
    changed.resize(size);
    if (at < changed.size()) changed[at] = value;
    finish_record(changed);
    return Session::load(changed).has_value();
  };
  EXPECT_TRUE(loads(0, 2, saved.size()));
  EXPECT_FALSE(loads(0, 1, saved.size()));              // version
  EXPECT_FALSE(loads(1'000'000, 0, saved.size() + 1));  // one byte more
  EXPECT_FALSE(loads(1'000'000, 0, saved.size() - 1));  // one byte less
  const std::size_t sending = 1 + 3 * 32;
  EXPECT_FALSE(loads(sending, 0, saved.size()));  // neither runs nor is due
  EXPECT_FALSE(loads(sending, 2, saved.size()));
  EXPECT_FALSE(loads(sending, 3, saved.size()));
  const std::size_t index = sending + 1 + 5 * 32;
  EXPECT_TRUE(loads(index, saved[index], saved.size()));
  EXPECT_FALSE(loads(index, 0, saved.size()));         // step key at the start of a block
  EXPECT_FALSE(loads(index + 3, 0x90, saved.size()));  // absurd message number
  const std::size_t flag = index + 4 + 4 + 32;
  EXPECT_FALSE(loads(flag, 0, saved.size()));
  EXPECT_FALSE(loads(flag, 2, saved.size()));
  const std::size_t count = flag + 1 + 32 + 68 + 32;
  EXPECT_FALSE(loads(count, 1, saved.size()));
  EXPECT_FALSE(loads(count + 1, 0xff, saved.size()));
  auto zero_tag = saved;
  std::fill_n(zero_tag.begin() + static_cast<std::ptrdiff_t>(count + 2), 8, std::uint8_t{0});
  finish_record(zero_tag);
  EXPECT_FALSE(Session::load(zero_tag));
}

TEST(SessionSave, ACopyIsAnotherValue) {
  base::SeededRandom random(4);
  Pair pair = meet(random);
  Session copy = pair.inviter.session;
  const auto before = copy.save();
  pair.inviter.seal("moves on", random);
  EXPECT_EQ(copy.save(), before);
  EXPECT_NE(pair.inviter.session.save(), before);
  copy = pair.inviter.session;
  EXPECT_EQ(copy.save(), pair.inviter.session.save());
  Session& same = copy;
  copy = same;
  EXPECT_EQ(copy.save(), pair.inviter.session.save());
}

}  // namespace
}  // namespace chaski::e2ee::test
