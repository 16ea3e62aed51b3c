// SPDX-License-Identifier: Apache-2.0
#include "wire/canonical.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace chaski::wire {
namespace {

std::optional<WireError> check(const char* hex, std::string_view shape = "vbv") {
  return check_canonical(*base::from_hex(hex), shape);
}

TEST(Canonical, TakesTheOneEncoding) {
  EXPECT_EQ(check(""), std::nullopt);
  EXPECT_EQ(check("0801"), std::nullopt);
  EXPECT_EQ(check("0801120161187f"), std::nullopt);
  EXPECT_EQ(check("1801"), std::nullopt) << "what is absent has its default";
}

TEST(Canonical, RefusesAnyOther) {
  EXPECT_EQ(check("08010801"), WireError::malformed) << "twice";
  EXPECT_EQ(check("18010801"), WireError::malformed) << "out of order";
  EXPECT_EQ(check("0800"), WireError::malformed) << "default written out";
  EXPECT_EQ(check("1200"), WireError::malformed) << "empty written out";
  EXPECT_EQ(check("088100"), WireError::malformed) << "long varint";
  EXPECT_EQ(check("12810061"), WireError::malformed) << "long length";
  EXPECT_EQ(check("2001"), WireError::malformed) << "unknown field";
  EXPECT_EQ(check("0001"), WireError::malformed) << "field 0";
  EXPECT_EQ(check("0a0161"), WireError::malformed) << "bytes for a varint";
  EXPECT_EQ(check("1001"), WireError::malformed) << "varint for bytes";
  EXPECT_EQ(check("0d01020304"), WireError::malformed) << "fixed32";
  EXPECT_EQ(check("88010801"), WireError::malformed) << "a tag of two bytes";
  EXPECT_EQ(check("1281808001"), WireError::malformed) << "a length of four bytes";
}

TEST(Canonical, TellsTruncationApart) {
  EXPECT_EQ(check("08"), WireError::truncated);
  EXPECT_EQ(check("0880"), WireError::truncated);
  EXPECT_EQ(check("12"), WireError::truncated);
  EXPECT_EQ(check("120261"), WireError::truncated);
}

TEST(Canonical, KnowsTheLargestVarint) {
  EXPECT_EQ(check("08ffffffffffffffffff01"), std::nullopt);
  EXPECT_EQ(check("08ffffffffffffffffff02"), WireError::malformed) << "65 bits";
  EXPECT_EQ(check("0880808080808080808000"), WireError::malformed);
  EXPECT_EQ(check("08ffffffffffffffffffff01"), WireError::malformed) << "eleven bytes";
}

TEST(Varint, SizesAreThoseOfTheBytes) {
  EXPECT_EQ(varint_size(0), 1U);
  EXPECT_EQ(varint_size(127), 1U);
  EXPECT_EQ(varint_size(128), 2U);
  EXPECT_EQ(varint_size(16383), 2U);
  EXPECT_EQ(varint_size(16384), 3U);
  EXPECT_EQ(varint_size(UINT64_MAX), 10U);
}

}  // namespace
}  // namespace chaski::wire
