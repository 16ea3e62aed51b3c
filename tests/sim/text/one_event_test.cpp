// SPDX-License-Identifier: Apache-2.0
// Afraid of: reading a line of The ONE's otherwise than The ONE does.
#include <gtest/gtest.h>

#include "sim/text/one_event.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

base::Expected<OneEvent, ParseError> parse(std::string_view text) {
  LineReader line(text, "f");
  EXPECT_TRUE(line.next());
  return parse_one_event(line);
}

std::string error_of(std::string_view text) {
  const auto event = parse(text);
  return event ? "none" : event.error().message();
}

TEST(OneEvent, HasSixKinds) {
  const auto up = parse("2.5  CONN p12   w3 UP  bt0");
  ASSERT_TRUE(up);
  EXPECT_EQ(up->kind, OneEvent::Kind::connection);
  EXPECT_EQ(up->at, base::Time{2'500ms});
  EXPECT_EQ(up->a.address, 12u);
  EXPECT_EQ(up->b.name, "w3");
  EXPECT_TRUE(up->up);
  const auto message = parse("7 C M1 5 9 500k");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, OneEvent::Kind::create);
  EXPECT_EQ(message->message, "M1");
  EXPECT_EQ(message->size_bytes, 500'000u);
  for (const char* text : {"7 S M1 5 9", "7 DE M1 5 9", "7 A M1 5 9"}) {
    EXPECT_EQ(parse(text)->kind, OneEvent::Kind::transfer) << text;
  }
  EXPECT_EQ(parse("7 DR * 5")->kind, OneEvent::Kind::removal);
  EXPECT_EQ(parse("7 R M1 p5")->kind, OneEvent::Kind::removal);
}

TEST(OneEvent, HasSizesWithUnits) {
  EXPECT_EQ(parse("7 C M1 5 9 2MiB")->size_bytes, 2u << 20);
  EXPECT_EQ(parse("7 C M1 5 9 2147483647 0")->size_bytes, 2'147'483'647u);
  for (const char* size : {"2147483648", "3G", "1.5M", "5q", "-5", "k", "99999999999"}) {
    EXPECT_EQ(error_of("7 C M1 5 9 " + std::string(size)),
              "f:1: expected a size in bytes, below 2^31, found '" + std::string(size) + "'");
  }
}

TEST(OneEvent, SaysWhatIsWrongInALine) {
  EXPECT_EQ(error_of("x CONN 1 2 up"), "f:1: expected a time in seconds from 0 to 4e9, found 'x'");
  EXPECT_EQ(error_of("nan CONN 1 2 up"),
            "f:1: expected a time in seconds from 0 to 4e9, found 'nan'");
  EXPECT_EQ(error_of("1 CON 1 2 up"), "f:1: expected CONN, C, S, DE, A, DR or R, found 'CON'");
  EXPECT_EQ(error_of("1"), "f:1: expected CONN, C, S, DE, A, DR or R, found the end of the line");
  EXPECT_EQ(error_of("1 CONN 1 2 upp"), "f:1: expected up or down, found 'upp'");
  EXPECT_EQ(error_of("1 CONN 1 2"), "f:1: expected up or down, found the end of the line");
  EXPECT_EQ(error_of("1 CONN 1 2 up a b"), "f:1: expected the end of the line, found 'b'");
  EXPECT_EQ(error_of("1 CONN p2 2 up"), "f:1: expected two hosts, found '2' twice");
  for (const char* host : {"p", "-5", "1p", "p1q2", "2147483648", "p99999999999"}) {
    EXPECT_EQ(error_of("1 CONN " + std::string(host) + " 2 up"),
              "f:1: expected a host, a number or a name that ends in one, found '" +
                  std::string(host) + "'");
  }
  EXPECT_NE(error_of("7 C M1 5 9 100 50").find("response"), std::string::npos);
  EXPECT_NE(error_of("7 C").find("the name of a message"), std::string::npos);
}

TEST(OneHosts, AreTheirNumbersWhateverTheirGroup) {
  OneHosts hosts;
  EXPECT_EQ(hosts.add(*one_host_in("7")), 0u);
  EXPECT_EQ(hosts.add(*one_host_in("p3")), 1u);
  EXPECT_EQ(hosts.add(*one_host_in("w7")), 0u);
  EXPECT_EQ(hosts.add(*one_host_in("3")), 1u);
  EXPECT_FALSE(hosts.add(*one_host_in("q3"))) << "there is p3";
  const auto order = hosts.order();
  EXPECT_EQ(order.names, (std::vector<std::string>{"p3", "w7"}));
  EXPECT_EQ(order.node_of, (std::vector<NodeIndex>{1, 0}));
  const OneHostIndex index(2, order.names);
  EXPECT_EQ(index.find(*one_host_in("7")), 1u);
  EXPECT_FALSE(index.find(*one_host_in("0")));
  EXPECT_EQ(OneHostIndex(2, {}).find(*one_host_in("p1")), 1u);
  EXPECT_FALSE(OneHostIndex(2, {}).find(*one_host_in("2")));
}

}  // namespace
}  // namespace chaski::sim
