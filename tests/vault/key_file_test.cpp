// SPDX-License-Identifier: Apache-2.0
// A key file that opens with anything but its passphrase, or that makes the machine work for
// somebody else, would be worth nothing.
#include "vault/key_file.hpp"

#include <gtest/gtest.h>

namespace chaski::vault {
namespace {

constexpr PassphraseCost kCheap{.passes = 1, .memory_KiB = PassphraseCost::kMemoryMin_KiB};

class KeyFileTest : public testing::Test {
 protected:
  KeyEncryptionKey stretched(std::string_view passphrase) {
    auto key = stretch(base::as_bytes(passphrase), salt_, kCheap);
    EXPECT_TRUE(key);
    return std::move(*key);
  }
  KeyFile wrapped() { return KeyFile::wrap(key_, stretched("secret"), salt_, kCheap, random_); }

  base::SeededRandom random_{1};
  DataKey key_ = make_data_key(random_);
  Salt salt_ = random_.bytes<Salt>();
};

base::Bytes copy_of(const KeyFile& file) { return {file.bytes().begin(), file.bytes().end()}; }

TEST_F(KeyFileTest, OpensWithItsPassphraseAndNoOther) {
  const KeyFile file = wrapped();
  const auto read = KeyFile::decode(file.bytes());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->protection(), Protection::passphrase);
  EXPECT_EQ(read->cost(), kCheap);
  EXPECT_EQ(read->salt(), salt_);
  const auto key = read->unwrap(stretched("secret"));
  ASSERT_TRUE(key);
  EXPECT_TRUE(base::equal(key->view(), key_.view()));
  for (const char* other : {"", "Secret", "secret ", "secre"}) {
    EXPECT_FALSE(read->unwrap(stretched(other))) << other;
  }
  EXPECT_FALSE(read->unwrap_open());
}

TEST_F(KeyFileTest, HoldsNothingOfTheKeyInTheClear) {
  for (const KeyFile& file : {wrapped(), KeyFile::wrap_open(key_, random_)}) {
    const auto bytes = copy_of(file);
    for (std::size_t at = 0; at + 8 <= key_.view().size(); ++at) {
      const auto part = key_.view().subspan(at, 8);
      EXPECT_EQ(std::search(bytes.begin(), bytes.end(), part.begin(), part.end()), bytes.end());
    }
  }
}

TEST_F(KeyFileTest, WithoutPassphraseOpensByItself) {
  const KeyFile file = KeyFile::wrap_open(key_, random_);
  const auto read = KeyFile::decode(file.bytes());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->protection(), Protection::none);
  const auto key = read->unwrap_open();
  ASSERT_TRUE(key);
  EXPECT_TRUE(base::equal(key->view(), key_.view()));
  EXPECT_FALSE(read->unwrap(stretched("")));
}

TEST_F(KeyFileTest, EveryFlippedBitFails) {
  for (const bool open : {true, false}) {
    const KeyFile file = open ? KeyFile::wrap_open(key_, random_) : wrapped();
    const KeyEncryptionKey passphrase_key = stretched("secret");
    for (std::size_t bit = 0; bit < KeyFile::kSize * 8; ++bit) {
      base::Bytes bytes = copy_of(file);
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      const auto read = KeyFile::decode(bytes);
      if (!read) continue;
      EXPECT_FALSE(read->unwrap_open()) << bit;
      EXPECT_FALSE(read->unwrap(passphrase_key)) << bit;
    }
  }
}

TEST_F(KeyFileTest, EveryOtherLengthIsDamaged) {
  const base::Bytes whole = copy_of(wrapped());
  for (std::size_t size = 0; size < whole.size() + 40; ++size) {
    if (size == whole.size()) continue;
    base::Bytes bytes = whole;
    bytes.resize(size);
    const auto read = KeyFile::decode(bytes);
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error(), KeyFileError::damaged) << size;
  }
}

TEST_F(KeyFileTest, CostsThatAreTooCheapOrTooDearAreRefused) {
  const auto with = [&](std::size_t at, std::uint32_t value) {
    base::Bytes bytes = copy_of(wrapped());
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return KeyFile::decode(bytes).has_value();
  };
  EXPECT_FALSE(with(12, 0));
  EXPECT_TRUE(with(12, 16));
  EXPECT_FALSE(with(12, 17));
  EXPECT_FALSE(with(12, 0xFFFF'FFFF));
  EXPECT_FALSE(with(16, 0));
  EXPECT_FALSE(with(16, (8u << 10) - 1));
  EXPECT_TRUE(with(16, 1u << 20));
  EXPECT_FALSE(with(16, (1u << 20) + 1));
  EXPECT_FALSE(with(16, 0xFFFF'FFFF));
}

TEST_F(KeyFileTest, TellsNewerAndDestroyedOnesApart) {
  base::Bytes bytes = copy_of(wrapped());
  bytes[8] = 2;
  EXPECT_EQ(KeyFile::decode(bytes).error(), KeyFileError::newer);
  EXPECT_EQ(KeyFile::decode(base::Bytes(KeyFile::kSize)).error(), KeyFileError::destroyed);
  EXPECT_EQ(KeyFile::decode(base::Bytes(4'096)).error(), KeyFileError::destroyed);
  EXPECT_EQ(KeyFile::decode({}).error(), KeyFileError::damaged);
}

TEST_F(KeyFileTest, TheSamePassphraseTwiceLooksUnrelated) {
  EXPECT_NE(copy_of(wrapped()), copy_of(wrapped()));
  base::SeededRandom other(2);
  const auto salt = other.bytes<Salt>();
  const auto key = stretch(base::as_bytes("secret"), salt, kCheap);
  ASSERT_TRUE(key);
  EXPECT_FALSE(base::equal(key->view(), stretched("secret").view()));
}

TEST(GuardedBytes, AreZeroAndMove) {
  GuardedBytes a(40);
  EXPECT_TRUE(base::equal(a.view(), base::Bytes(40)));
  a.mutable_view()[39] = 7;
  GuardedBytes b = std::move(a);
  EXPECT_EQ(b.view()[39], 7);
  GuardedBytes c(1);
  c = std::move(b);
  EXPECT_EQ(c.view().size(), 40u);
  EXPECT_EQ(c.view()[39], 7);
}

}  // namespace
}  // namespace chaski::vault
