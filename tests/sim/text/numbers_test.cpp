// SPDX-License-Identifier: Apache-2.0
// Afraid of: a time that becomes another one on its way through a file, and of numbers that are
// none.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/text/line_reader.hpp"
#include "sim/text/numbers.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

TEST(Seconds, AreReadToTheNearestMicrosecond) {
  EXPECT_EQ(seconds_in("0"), 0s);
  EXPECT_EQ(seconds_in("12.5"), 12'500ms);
  EXPECT_EQ(seconds_in("1.0E7"), 10'000'000s);
  EXPECT_EQ(seconds_in("100.10000000000001"), 100'100ms);
  EXPECT_EQ(seconds_in("0.0000004"), 0us);
  EXPECT_EQ(seconds_in("4000000000"), 4'000'000'000s);
}

TEST(Seconds, AreNothingElse) {
  for (const char* word : {"", "x", "1x", "-1", "nan", "inf", "1e300", "1e400", "4000000001",
                           "0x10", " 1", "1 ", "+1", "--1", "1.2.3"}) {
    EXPECT_FALSE(seconds_in(word)) << word;
  }
}

RC_GTEST_PROP(Seconds, AreReadAsTheyWereWritten, ()) {
  const auto us = *rc::gen::inRange<std::int64_t>(0, kFileSecondsMax * 1'000'000 + 1);
  RC_ASSERT(seconds_in(seconds_text(base::Duration(us))) == base::Duration(us));
}

TEST(Whole, HasABound) {
  EXPECT_EQ(whole_in("12", 12), 12u);
  EXPECT_FALSE(whole_in("13", 12));
  EXPECT_FALSE(whole_in("4294967296", 0xffff'ffff));
  EXPECT_FALSE(whole_in("-1", 12));
  EXPECT_FALSE(whole_in("", 12));
}

TEST(Lines, AreCountedWithThoseThatSayNothing) {
  LineReader line("# x\n\n \ta\t b #c\r\n\nlast", "f");
  ASSERT_TRUE(line.next());
  EXPECT_EQ(line.number(), 3u);
  ASSERT_EQ(line.words().size(), 2u);
  EXPECT_EQ(line.word(1), "b");
  EXPECT_EQ(line.wrong_word(2, "c").message(), "f:3: expected c, found the end of the line");
  ASSERT_TRUE(line.next());
  EXPECT_EQ(line.number(), 5u);
  EXPECT_EQ(line.wrong_word(0, "first").message(), "f:5: expected first, found 'last'");
  EXPECT_FALSE(line.next());
}

TEST(Lines, WithCommasMayHaveEmptyWords) {
  LineReader line("a, ,b,", "f", LineReader::Between::commas);
  ASSERT_TRUE(line.next());
  ASSERT_EQ(line.words().size(), 4u);
  EXPECT_EQ(line.word(1), "");
  EXPECT_EQ(line.word(2), "b");
  EXPECT_EQ(line.word(3), "");
}

TEST(InQuotes, ShowsNoControlCharacterAndNoNovel) {
  EXPECT_EQ(in_quotes("a\x1b[1m\n"), "'a\\x1b[1m\\x0a'");
  EXPECT_EQ(in_quotes(std::string(100, 'x')), "'" + std::string(60, 'x') + "...'");
}

}  // namespace
}  // namespace chaski::sim
