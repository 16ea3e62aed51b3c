// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/preamble.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/hex.hpp"
#include "transport-lan/sockets.hpp"

namespace chaski::transport_lan {
namespace {

TEST(Preamble, BytesAreThoseOfTheDocument) {
  const auto id = *instance_from_name("0123456789abcdef");
  EXPECT_EQ(base::to_hex(encode_preamble(id)), "43484b310123456789abcdef");
  EXPECT_EQ(to_name(id), "0123456789abcdef");
}

TEST(Preamble, OnlyTheMagicAndTwelveBytesAreAccepted) {
  auto bytes = encode_preamble(*instance_from_name("0123456789abcdef"));
  EXPECT_EQ(decode_preamble(bytes), instance_from_name("0123456789abcdef"));
  EXPECT_FALSE(decode_preamble(base::ByteView(bytes).first(11)));
  for (std::size_t i = 0; i < 4; ++i) {
    auto other = bytes;
    other[i] ^= 1;
    EXPECT_FALSE(decode_preamble(other)) << i;
  }
}

TEST(Preamble, NamesThatAreNotSixteenHexadecimalCharactersAreNotOurs) {
  for (const char* name :
       {"", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", "north"}) {
    EXPECT_FALSE(instance_from_name(name)) << name;
  }
}

TEST(Preamble, InstanceIdsAreRandom) { EXPECT_NE(random_instance_id(), random_instance_id()); }

TEST(Length, IsFourBytesBigEndian) {
  std::array<std::uint8_t, 4> bytes{};
  encode_length(bytes, 0x01020304);
  EXPECT_EQ(base::to_hex(bytes), "01020304");
  rc::check("a length comes back", [](std::uint32_t length) {
    std::array<std::uint8_t, 4> out{};
    encode_length(out, length);
    RC_ASSERT(decode_length(out) == length);
  });
}

TEST(HostPort, TakesNamesIpv4AndBracketedIpv6) {
  const auto check = [](const char* text, const char* host, int port) {
    const auto parsed = parse_host_port(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->host, host);
    EXPECT_EQ(parsed->port, port);
  };
  check("ridge.example:7", "ridge.example", 7);
  check("10.0.0.1:65535", "10.0.0.1", 65535);
  check("[::1]:1", "::1", 1);
  check("[fe80::1%wlan0]:4711", "fe80::1%wlan0", 4711);
}

TEST(HostPort, RefusesTheRest) {
  for (const char* text : {"", ":", "host", "host:", ":7", "host:0", "host:65536", "host:7x",
                           "host:-7", "::1:7", "[::1]", "[]:7", "fe80::1%eth0:7"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

TEST(Addresses, LimitCountsIpv4WholeAndIpv6ByNetwork) {
  using boost::asio::ip::make_address;
  EXPECT_EQ(limit_key(make_address("::ffff:10.1.2.3")), make_address("10.1.2.3"));
  EXPECT_NE(limit_key(make_address("10.1.2.3")), limit_key(make_address("10.1.2.4")));
  EXPECT_EQ(limit_key(make_address("2001:db8::1")), limit_key(make_address("2001:db8::2")));
  EXPECT_NE(limit_key(make_address("2001:db8::1")), limit_key(make_address("2001:db8:0:1::1")));
  EXPECT_NE(limit_key(make_address("fe80::1")), limit_key(make_address("fe80::2")));
  EXPECT_EQ(limit_key(make_address("fe80::1%1")), limit_key(make_address("fe80::1")));
}

}  // namespace
}  // namespace chaski::transport_lan
