// SPDX-License-Identifier: Apache-2.0
// Whoever holds the disk may move, cut, change and put back records: none of it may open, or pass
// unseen.
#include "vault/record_sealer.hpp"

#include <gtest/gtest.h>

#include <set>

#include "vault/key_file.hpp"

namespace chaski::vault {
namespace {

class RecordSealerTest : public testing::Test {
 protected:
  std::optional<base::Bytes> opened(Table table, std::uint64_t row, base::Bytes sealed,
                                    const RecordSealer& with) {
    const auto plain = with.open(table, row, sealed);
    if (!plain) return std::nullopt;
    return base::Bytes(plain->begin(), plain->end());
  }
  std::optional<base::Bytes> opened(Table table, std::uint64_t row, const base::Bytes& sealed) {
    return opened(table, row, sealed, sealer_);
  }

  base::SeededRandom random_{1};
  DataKey key_ = make_data_key(random_);
  RecordSealer sealer_{key_, random_};
};

base::Bytes text_of(std::size_t size) {
  base::Bytes text(size);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<std::uint8_t>('a' + i % 26);
  return text;
}

TEST_F(RecordSealerTest, WhatWasSealedOpensWhateverItsSize) {
  for (std::size_t size = 0; size < 200; ++size) {
    const auto sealed = sealer_.seal(Table::items, size, text_of(size));
    EXPECT_EQ(sealed.size(), RecordSealer::sealed_size(size));
    EXPECT_EQ(opened(Table::items, size, sealed), text_of(size));
  }
  const auto large = sealer_.seal(Table::texts, 1, text_of(65'536));
  EXPECT_EQ(opened(Table::texts, 1, large), text_of(65'536));
  base::Bytes ends_in_padding(33, 0x80);
  ends_in_padding.push_back(0);
  EXPECT_EQ(opened(Table::items, 1, sealer_.seal(Table::items, 1, ends_in_padding)),
            ends_in_padding);
}

TEST_F(RecordSealerTest, LengthsSayNoMoreThanTheirMultipleOf32) {
  std::set<std::size_t> sizes;
  for (std::size_t size = 0; size < 32; ++size) {
    sizes.insert(sealer_.seal(Table::items, 1, text_of(size)).size());
  }
  EXPECT_EQ(sizes.size(), 1u);
}

TEST_F(RecordSealerTest, MovedToAnotherRowOrTableItDoesNotOpen) {
  const auto sealed = sealer_.seal(Table::sessions, 7, text_of(50));
  EXPECT_TRUE(opened(Table::sessions, 7, sealed));
  EXPECT_FALSE(opened(Table::sessions, 8, sealed));
  EXPECT_FALSE(opened(Table::sessions, 7 + (std::uint64_t{1} << 56), sealed));
  for (std::uint8_t table = 1; table <= kTables; ++table) {
    if (static_cast<Table>(table) == Table::sessions) continue;
    EXPECT_FALSE(opened(static_cast<Table>(table), 7, sealed)) << int{table};
  }
}

TEST_F(RecordSealerTest, EveryFlippedBitAndEveryLengthFails) {
  const auto sealed = sealer_.seal(Table::messages, 1, text_of(40));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    base::Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(opened(Table::messages, 1, changed)) << bit;
  }
  for (std::size_t size = 0; size < sealed.size() + 40; ++size) {
    if (size == sealed.size()) continue;
    base::Bytes changed = sealed;
    changed.resize(size);
    EXPECT_FALSE(opened(Table::messages, 1, changed)) << size;
  }
}

TEST_F(RecordSealerTest, AnotherDataKeyOpensNothing) {
  const auto sealed = sealer_.seal(Table::items, 1, text_of(10));
  const DataKey other = make_data_key(random_);
  EXPECT_FALSE(opened(Table::items, 1, sealed, RecordSealer(other, random_)));
  EXPECT_TRUE(opened(Table::items, 1, sealed, RecordSealer(key_, random_)));
}

TEST_F(RecordSealerTest, TheSameRowSealedTwiceLooksUnrelatedAndHasAnotherMark) {
  const auto a = sealer_.seal(Table::items, 1, text_of(10));
  const auto b = sealer_.seal(Table::items, 1, text_of(10));
  EXPECT_NE(a, b);
  EXPECT_NE(sealer_.mark(Table::items, 1, a), sealer_.mark(Table::items, 1, b));
  EXPECT_EQ(sealer_.mark(Table::items, 1, a), sealer_.mark(Table::items, 1, a));
  EXPECT_NE(sealer_.mark(Table::items, 1, a), sealer_.mark(Table::items, 2, a));
  EXPECT_NE(sealer_.mark(Table::items, 1, a), sealer_.mark(Table::contacts, 1, a));
}

}  // namespace
}  // namespace chaski::vault
