// SPDX-License-Identifier: Apache-2.0
// Afraid of: taking a sighting for a contact of its own, or the time at its end for its begin.
#include "sim/contacts/sociopatterns.hpp"

#include <gtest/gtest.h>

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

std::string error_of(std::string_view text, const SociopatternsOptions& options = {}) {
  const auto trace = parse_sociopatterns(text, "t.dat", options);
  return trace ? "none" : trace.error().message();
}

TEST(Sociopatterns, MakesOneContactOfConsecutiveSightings) {
  const auto trace =
      parse_sociopatterns("120\t30\t7\tA\tB\n140 7 30\n140 7 101\n140 30 7\n180 7 30\n", "t.dat");
  ASSERT_TRUE(trace) << trace.error().message();
  EXPECT_EQ(trace->names, (std::vector<std::string>{"7", "30", "101"}));
  EXPECT_EQ(trace->origin, 100s);
  EXPECT_EQ(trace->end, base::Time{80s});
  EXPECT_TRUE(is_well_formed(*trace));
  EXPECT_EQ(contacts_of(*trace), (std::vector<Contact>{{base::Time{}, base::Time{40s}, 0, 1},
                                                       {base::Time{20s}, base::Time{40s}, 0, 2},
                                                       {base::Time{60s}, base::Time{80s}, 0, 1}}));
}

TEST(Sociopatterns, HasAnyResolution) {
  SociopatternsOptions options;
  options.resolution = 5min;
  const auto trace = parse_sociopatterns("0 1 2\n300 1 2\n310 1 2\n", "t.dat", options);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->origin, -5min);
  EXPECT_EQ(contacts_of(*trace), (std::vector<Contact>{{base::Time{}, base::Time{610s}, 0, 1}}));
}

TEST(Sociopatterns, SaysWhereAFileIsWrong) {
  EXPECT_EQ(error_of("20 1 2\n40 1\n"),
            "t.dat:2: expected the number of a person, found the end of the line");
  EXPECT_EQ(error_of("20 1 x\n"), "t.dat:1: expected the number of a person, found 'x'");
  EXPECT_EQ(error_of("20 1 -2\n"), "t.dat:1: expected the number of a person, found '-2'");
  EXPECT_EQ(error_of("inf 1 2\n"),
            "t.dat:1: expected a time in seconds from 0 to 4e9, found 'inf'");
  EXPECT_EQ(error_of("20 2 2\n"), "t.dat:1: expected two people, found '2' twice");
  EXPECT_EQ(error_of("40 1 2\n20 1 2\n"),
            "t.dat:2: expected no time before that of the line above, 40, found '20'");
  EXPECT_EQ(error_of("\n# nobody\n"), "t.dat: expected lines `t i j`, found none");
  SociopatternsOptions options;
  options.limits = {2, 4};
  EXPECT_EQ(error_of("20 1 2\n40 1 2\n", options), "none");
  EXPECT_EQ(error_of("20 1 2\n40 1 3\n", options), "t.dat: expected at most 2 people, found 3");
  EXPECT_EQ(error_of("20 1 2\n40 1 2\n60 1 2\n", options),
            "t.dat:3: expected at most 2 sightings, found more");
}

}  // namespace
}  // namespace chaski::sim
