// SPDX-License-Identifier: Apache-2.0
#include "attachment/erasure_code.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "attachment/chunk_plan.hpp"
#include "tests/attachment/files.hpp"

namespace chaski::attachment::test {
namespace {

/// The field again, bit by bit.
std::uint8_t slow_multiply(std::uint8_t a, std::uint8_t b) {
  unsigned product = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((b >> bit & 1) != 0) product ^= unsigned{a} << bit;
  }
  for (unsigned bit = 15; bit >= 8; --bit) {
    if ((product >> bit & 1) != 0) product ^= 0x11dU << (bit - 8);
  }
  return static_cast<std::uint8_t>(product);
}

std::uint8_t slow_inverse(std::uint8_t a) {
  for (unsigned b = 1; b < 256; ++b) {
    if (slow_multiply(a, static_cast<std::uint8_t>(b)) == 1) return static_cast<std::uint8_t>(b);
  }
  return 0;
}

struct Group {
  std::vector<base::Bytes> data;
  std::vector<base::Bytes> parity;

  Group(base::Random& random, std::size_t data_rows, std::size_t parity_rows, std::size_t size)
      : parity(parity_rows, base::Bytes(size)) {
    for (std::size_t i = 0; i < data_rows; ++i) data.push_back(random_bytes(random, size));
    const std::vector<base::ByteView> in(data.begin(), data.end());
    const std::vector<base::MutableByteView> out(parity.begin(), parity.end());
    make_parity(in, out);
  }
  std::size_t rows() const { return data.size() + parity.size(); }
  Row row(std::size_t number) const {
    if (number < data.size()) return {static_cast<std::uint32_t>(number), data[number]};
    const std::size_t j = number - data.size();
    return {static_cast<std::uint32_t>(kGroupDataMax + j), parity[j]};
  }

  /// Whether what is missing comes out right from these rows.
  bool rebuilds_from(const std::vector<std::size_t>& kept) const {
    std::vector<Row> have;
    std::vector<bool> here(data.size());
    for (const std::size_t number : kept) {
      have.push_back(row(number));
      if (number < data.size()) here[number] = true;
    }
    std::vector<std::uint32_t> missing;
    for (std::uint32_t i = 0; i < data.size(); ++i) {
      if (!here[i]) missing.push_back(i);
    }
    std::vector<base::Bytes> found(missing.size(), base::Bytes(data.front().size(), 0xee));
    const std::vector<base::MutableByteView> out(found.begin(), found.end());
    rebuild(static_cast<std::uint32_t>(data.size()), have, missing, out);
    for (std::size_t i = 0; i < missing.size(); ++i) {
      if (found[i] != data[missing[i]]) return false;
    }
    return true;
  }
};

TEST(ErasureCode, ParityIsWhatTheFieldSays) {
  base::SeededRandom random(1);
  const Group group(random, 128, 127, 3);
  for (std::size_t j = 0; j < 127; ++j) {
    for (std::size_t byte = 0; byte < 3; ++byte) {
      std::uint8_t sum = 0;
      for (std::size_t c = 0; c < 128; ++c) {
        const auto weight = slow_inverse(static_cast<std::uint8_t>((128 + j) ^ c));
        sum ^= slow_multiply(weight, group.data[c][byte]);
      }
      ASSERT_EQ(group.parity[j][byte], sum) << j;
    }
  }
}

TEST(ErasureCode, EverySubsetOfASmallGroupRebuildsIt) {
  base::SeededRandom random(2);
  for (std::size_t data = 1; data <= 6; ++data) {
    for (std::size_t parity = 0; parity <= 5; ++parity) {
      const Group group(random, data, parity, 33);
      for (unsigned subset = 0; subset < 1U << group.rows(); ++subset) {
        if (static_cast<std::size_t>(std::popcount(subset)) != data) continue;
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < group.rows(); ++i) {
          if ((subset >> i & 1) != 0) kept.push_back(i);
        }
        ASSERT_TRUE(group.rebuilds_from(kept)) << data << "+" << parity << " of " << subset;
      }
    }
  }
}

TEST(ErasureCode, AnyAsManyRowsOfALargeGroupRebuildItInAnyOrder) {
  base::SeededRandom random(3);
  for (int round = 0; round < 60; ++round) {
    const std::size_t data = 1 + random.below(kGroupDataMax);
    const std::size_t parity = random.below(kGroupParityMax + 1);
    const Group group(random, data, parity, 1 + random.below(100));
    std::vector<std::size_t> rows(group.rows());
    std::iota(rows.begin(), rows.end(), 0);
    for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.below(i)]);
    rows.resize(data);
    ASSERT_TRUE(group.rebuilds_from(rows)) << "round " << round;
  }
}

TEST(ErasureCode, ParityAloneRebuildsAll) {
  base::SeededRandom random(4);
  const Group group(random, 127, 127, 65);
  std::vector<std::size_t> kept(127);
  std::iota(kept.begin(), kept.end(), 127);
  EXPECT_TRUE(group.rebuilds_from(kept));
}

}  // namespace
}  // namespace chaski::attachment::test
