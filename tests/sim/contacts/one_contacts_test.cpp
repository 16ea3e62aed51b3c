// SPDX-License-Identifier: Apache-2.0
// Afraid of: running on half of a file, and of contacts that The ONE would not see.
#include "sim/contacts/one_contacts.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "random_trace.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

std::string error_of(std::string_view text, const OneContactsOptions& options = {}) {
  const auto trace = parse_one_contacts(text, "t.txt", options);
  return trace ? "none" : trace.error().message();
}

TEST(OneContacts, AreReadWithCommentsBlanksDecimalsAndNames) {
  const auto trace = parse_one_contacts(
      "# a comment\n"
      "0.5   CONN p12 p3 up\n"
      "\n"
      "  1 CONN\t3 40 up\r\n"
      "1 C M1 2 3 500 # a message\n"
      "2.25 CONN 3 12 down\n"
      "1.0E1 DE M1 2 3\n",
      "t.txt");
  ASSERT_TRUE(trace) << trace.error().message();
  EXPECT_EQ(trace->names, (std::vector<std::string>{"2", "p3", "p12", "40"}));
  EXPECT_EQ(trace->nodes, 4u);
  EXPECT_EQ(trace->end, base::Time{10s});
  EXPECT_EQ(trace->changes, (std::vector<ContactChange>{{base::Time{500ms}, 1, 2, true},
                                                        {base::Time{1s}, 1, 3, true},
                                                        {base::Time{2'250ms}, 1, 2, false}}));
}

TEST(OneContacts, PutDownBeforeUpAndLeaveOutWhatDoesNotLast) {
  const auto trace = parse_one_contacts(
      "1 CONN 0 1 up\n5 CONN 1 2 up\n5 CONN 0 1 down\n5 CONN 0 1 up\n5 CONN 1 2 down\n"
      "5 CONN 1 2 up\n",
      "t.txt");
  ASSERT_TRUE(trace);
  EXPECT_TRUE(is_well_formed(*trace));
  EXPECT_EQ(trace->changes, (std::vector<ContactChange>{{base::Time{1s}, 0, 1, true},
                                                        {base::Time{5s}, 0, 1, false},
                                                        {base::Time{5s}, 0, 1, true},
                                                        {base::Time{5s}, 1, 2, true}}));
}

TEST(OneContacts, HaveAllHostsWhenTheirNumberIsGiven) {
  OneContactsOptions options;
  options.hosts = 5;
  options.end = base::Time{60s};
  const auto trace = parse_one_contacts("1 CONN 1 p4 up\n", "t.txt", options);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->nodes, 5u);
  EXPECT_EQ(trace->end, base::Time{60s});
  EXPECT_EQ(trace->names, (std::vector<std::string>{"0", "1", "2", "3", "p4"}));
  EXPECT_EQ(trace->changes.front(), (ContactChange{base::Time{1s}, 1, 4, true}));
  EXPECT_EQ(error_of("1 CONN 1 5 up\n", options),
            "t.txt:1: expected a host from 0 to 4, found '5'");
}

TEST(OneContacts, AreReadBeyondTheEndAndLeftOutThere) {
  OneContactsOptions options;
  options.end = base::Time{60s};
  const std::string text = "1 CONN 0 1 up\n60 CONN 2 3 up\n61 CONN 0 1 down\n61 CONN 4 5 up\n";
  const auto trace = parse_one_contacts(text, "t.txt", options);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->end, base::Time{60s});
  EXPECT_EQ(trace->nodes, 6u) << "they are there and meet nobody";
  EXPECT_EQ(trace->changes, (std::vector<ContactChange>{{base::Time{1s}, 0, 1, true},
                                                        {base::Time{60s}, 2, 3, true}}));
  EXPECT_EQ(error_of(text + "62 CONN 4 5 up\n", options),
            "t.txt:5: expected up of two hosts that are not in contact, found 'up' of '4' and '5'");
}

TEST(OneContacts, SayWhereAFileIsWrong) {
  EXPECT_EQ(error_of("1 CONN 0 1 up\n1 CONN 1 0 up\n"),
            "t.txt:2: expected up of two hosts that are not in contact, found 'up' of '1' and '0'");
  EXPECT_EQ(error_of("1 CONN 0 1 down\n"),
            "t.txt:1: expected down of two hosts in contact, found 'down' of '0' and '1'");
  EXPECT_EQ(error_of("2 CONN 0 1 up\n1.5 CONN 0 1 down\n"),
            "t.txt:2: expected no time before that of an event above, 2, found '1.5'");
  EXPECT_EQ(error_of("2 CONN p0 1 up\n2 CONN 1 w0 down\n"),
            "t.txt:2: expected one name for host 0, found 'w0' too");
  EXPECT_EQ(error_of("2 CONN 0 1 sideways\n"), "t.txt:1: expected up or down, found 'sideways'");
  const std::string none = "t.txt: expected lines `<time> CONN <a> <b> up|down`, found none";
  EXPECT_EQ(error_of(""), none);
  EXPECT_EQ(error_of("# only this\n5 C M1 0 1 20\n"), none);
}

TEST(OneContacts, HaveLimits) {
  OneContactsOptions options;
  options.limits.nodes_max = 3;
  EXPECT_EQ(error_of("1 CONN 0 1 up\n1 CONN 1 2 up\n", options), "none");
  EXPECT_EQ(error_of("1 CONN 0 1 up\n1 CONN 2 3 up\n", options),
            "t.txt:2: expected at most 3 hosts, found more");
  options.limits.changes_max = 1;
  EXPECT_EQ(error_of("1 CONN 0 1 up\n1 CONN 1 2 up\n", options),
            "t.txt:2: expected at most 1 changes, found more");
}

RC_GTEST_PROP(OneContacts, AreReadAsTheyWereWritten, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const ContactTrace trace = random_trace(random, 9, 50, 123'457us);
  RC_PRE(!trace.changes.empty());
  OneContactsOptions options;
  options.hosts = trace.nodes;
  options.end = trace.end;
  const auto again = parse_one_contacts(one_contacts_text(trace), "t.txt", options);
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->changes == trace.changes);
  RC_ASSERT(again->nodes == trace.nodes);
  RC_ASSERT(again->end == trace.end);
}

}  // namespace
}  // namespace chaski::sim
