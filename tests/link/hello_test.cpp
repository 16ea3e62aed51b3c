// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "link/hello_codec.hpp"
#include "wire/limits.hpp"

namespace chaski::link {
namespace {

using base::Bytes;

Bytes payload(const std::string& hello_hex, std::size_t size = 62) {
  Bytes hello = *base::from_hex(hello_hex);
  Bytes out(size);
  out[0] = static_cast<std::uint8_t>(hello.size());
  std::copy(hello.begin(), hello.end(), out.begin() + 1);
  return out;
}

TEST(Hello, IsAFewBytesAndZeros) {
  Bytes out(62, 0xFF);
  encode_hello({1, {5, 65519}}, out);
  EXPECT_EQ(out, payload("0801100518efff03"));
}

TEST(Hello, ComesBack) {
  Bytes out(94);
  encode_hello({15, {0xFFFFFFFF, 64}}, out);
  const auto hello = decode_hello(out);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->version, 15);
  EXPECT_EQ(hello->hello.capabilities, 0xFFFFFFFFU);
  EXPECT_EQ(hello->hello.frame_size_max, 64U);
}

TEST(Hello, SkipsWhatItDoesNotKnow) {
  const auto hello = decode_hello(payload("080110051840a20603414243"));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->hello.capabilities, 5U);
}

TEST(Hello, RefusesFramesThatCannotBe) {
  EXPECT_FALSE(decode_hello(payload("08011005183f"))) << "63 byte frames";
  EXPECT_FALSE(decode_hello(payload("08011005"))) << "none named";
  EXPECT_EQ(decode_hello(payload("080118ffffffff0f"))->hello.frame_size_max, wire::kFrameSizeMax)
      << "more than a Noise message holds counts as that";
}

TEST(Hello, RefusesBrokenBytes) {
  EXPECT_FALSE(decode_hello({}));
  EXPECT_FALSE(decode_hello(payload("0801100518")));
  EXPECT_FALSE(decode_hello(payload("08ff7f1840"))) << "version above 8 bits";
  Bytes long_one(62);
  long_one[0] = 62;
  EXPECT_FALSE(decode_hello(long_one));
}

}  // namespace
}  // namespace chaski::link
