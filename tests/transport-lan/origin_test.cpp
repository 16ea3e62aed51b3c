// SPDX-License-Identifier: Apache-2.0
// Afraid of: a hundred invented neighbours of one machine with a hundred shares of everything.
#include <gtest/gtest.h>

#include "transport-lan/origin.hpp"

namespace chaski::transport_lan {
namespace {

std::uint64_t of(const char* address) { return origin_of(boost::asio::ip::make_address(address)); }

TEST(Origin, IsOneForEachMachineAsFarAsAddressesTell) {
  EXPECT_NE(of("192.168.1.2"), of("192.168.1.3"));
  EXPECT_EQ(of("192.168.1.2"), of("::ffff:192.168.1.2")) << "one address in two spellings";
  EXPECT_NE(of("fe80::1"), of("fe80::2"));
  EXPECT_EQ(of("fe80::1%1"), of("fe80::1%2")) << "one neighbour over two of our interfaces";
  EXPECT_NE(of("fe80::1"), of("2001:db8::1"));
  EXPECT_NE(of("fd00:0:0:1::1"), of("fd00:0:0:2::1"));
  EXPECT_EQ(of("2001:db8::1"), of("2001:db8::ffff:1")) << "a machine has all of its network";
  EXPECT_NE(of("2001:db8::1"), of("2001:db8:0:1::1"));
}

TEST(Origin, OfThisMachineIsNotKnown) {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::"}) {
    EXPECT_EQ(of(address), 0u) << address;
  }
}

}  // namespace
}  // namespace chaski::transport_lan
