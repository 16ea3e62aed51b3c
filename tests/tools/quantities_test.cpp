// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/quantities.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace chaski::tools {
namespace {

TEST(Quantities, DurationsAreRead) {
  EXPECT_EQ(parse_duration_s("90"), 90U);
  EXPECT_EQ(parse_duration_s("90s"), 90U);
  EXPECT_EQ(parse_duration_s("15m"), 900U);
  EXPECT_EQ(parse_duration_s("15min"), 900U);
  EXPECT_EQ(parse_duration_s("2h"), 7'200U);
  EXPECT_EQ(parse_duration_s("7d"), 604'800U);
  EXPECT_EQ(parse_duration_s("2w"), 1'209'600U);
}

TEST(Quantities, WhatIsNoDurationIsRefused) {
  for (const char* text : {"", "0", "0s", "-1", "1.5h", "d", "7 d", "7dd", "1001w", " 7d", "0x7",
                           "18446744073709551615w", "99999999999999999999999"}) {
    EXPECT_EQ(parse_duration_s(text), std::nullopt) << text;
  }
}

TEST(Quantities, DurationsAreTold) {
  EXPECT_EQ(duration_words(-5), "0 s");
  EXPECT_EQ(duration_words(59), "59 s");
  EXPECT_EQ(duration_words(60), "1 min");
  EXPECT_EQ(duration_words(200), "3 min 20 s");
  EXPECT_EQ(duration_words(7'500), "2 h 5 min");
  EXPECT_EQ(duration_words(604'800), "7 d");
  EXPECT_EQ(duration_words(277'199), "3 d 4 h");
}

TEST(Quantities, SizesAreTold) {
  EXPECT_EQ(size_words(0), "0 B");
  EXPECT_EQ(size_words(999), "999 B");
  EXPECT_EQ(size_words(1'000), "1.0 KB");
  EXPECT_EQ(size_words(999'949), "999.9 KB");
  EXPECT_EQ(size_words(999'950), "1.0 MB");
  EXPECT_EQ(size_words(1'073'741'824), "1.1 GB");
  EXPECT_EQ(size_words(18'446'744'073'709'551'615ULL), "18446.7 PB");
}

TEST(Quantities, CountsAreTold) {
  EXPECT_EQ(count_words(1, "envelope"), "1 envelope");
  EXPECT_EQ(count_words(0, "envelope"), "0 envelopes");
}

TEST(Quantities, MomentsAreToldByHowFarTheyAre) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const std::int64_t now = 1'700'000'000;  // 2023-11-14 22:13:20 UTC
  EXPECT_EQ(moment_words(now - 20, now), "22:13:00");
  EXPECT_EQ(moment_words(now - 86'400, now), "13 Nov 22:13");
  EXPECT_EQ(moment_words(0, now), "1970-01-01 00:00");
  EXPECT_EQ(moment_words(14'550'000'000, now), "2431-01-26 18:40");
}

}  // namespace
}  // namespace chaski::tools
