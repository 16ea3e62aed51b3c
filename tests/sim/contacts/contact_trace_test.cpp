// SPDX-License-Identifier: Apache-2.0
// Afraid of: contacts that are lost, doubled or longer than they were.
#include "sim/contacts/contact_trace.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "random_trace.hpp"
#include "sim/contacts/trace_statistics.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

Contact contact(std::int64_t begin_s, std::int64_t end_s, NodeIndex a, NodeIndex b) {
  return {base::Time{begin_s * 1s}, base::Time{end_s * 1s}, a, b};
}

TEST(Merged, JoinsWhatOverlapsAndWhatTouches) {
  const auto contacts = merged({contact(20, 40, 0, 1), contact(0, 10, 0, 1), contact(30, 35, 0, 1),
                                contact(40, 50, 0, 1), contact(10, 12, 0, 2), contact(5, 5, 1, 2)});
  EXPECT_EQ(contacts, (std::vector<Contact>{contact(0, 10, 0, 1), contact(10, 12, 0, 2),
                                            contact(20, 50, 0, 1)}));
  EXPECT_EQ(merged(contacts, 9s).size(), 3u);
  EXPECT_EQ(merged(contacts, 10s).size(), 2u);
  const Contact forever{base::Time{}, base::Time::max(), 0, 1};
  EXPECT_EQ(merged({forever, contact(5, 9, 0, 1)}, 1s), std::vector<Contact>{forever});
}

RC_GTEST_PROP(Merged, IsInContactWhenAnyOfThemIs, ()) {
  const auto spans = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 40), rc::gen::inRange(0, 40)));
  std::vector<Contact> contacts;
  for (const auto& [begin, end] : spans) contacts.push_back(contact(begin, end, 0, 1));
  const auto within = [](const std::vector<Contact>& all, int second) {
    return std::count_if(all.begin(), all.end(), [&](const Contact& one) {
      return one.begin <= base::Time{second * 1s} && base::Time{second * 1s} < one.end;
    });
  };
  const auto once = merged(contacts);
  for (int second = 0; second < 40; ++second) {
    RC_ASSERT(within(once, second) == (within(contacts, second) > 0 ? 1 : 0));
  }
  RC_ASSERT(is_well_formed(trace_of(once, 2, base::Time{40s})));
}

RC_GTEST_PROP(ContactTrace, IsWhatASourceMadeOfItSays, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const ContactTrace trace = random_trace(random, 8, 30);
  RC_ASSERT(is_well_formed(trace));
  TraceSource source(trace);
  const ContactTrace again = collect(source);
  RC_ASSERT(again.changes == trace.changes);
  RC_ASSERT(again.nodes == trace.nodes);
  RC_ASSERT(again.end == trace.end);
  RC_ASSERT(trace_of(contacts_of(trace), 8, trace.end).changes == trace.changes);
}

RC_GTEST_PROP(ContactTrace, HasPartsInWhichTheSameAreInContact, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  ContactTrace trace = random_trace(random, 6, 30);
  trace.origin = 100s;
  const auto from = static_cast<std::int64_t>(random.below(31));
  const auto until =
      from + static_cast<std::int64_t>(random.below(31 - static_cast<std::uint64_t>(from)));
  const ContactTrace part = part_of(trace, base::Time{from * 1s}, base::Time{until * 1s});
  RC_ASSERT(is_well_formed(part));
  RC_ASSERT(part.nodes == 6u);
  RC_ASSERT(part.end == base::Time{(until - from) * 1s});
  RC_ASSERT(part.origin == 100s + from * 1s);
  const auto whole = contacts_of(trace);
  const auto cut = contacts_of(part);
  const auto in_contact = [](const std::vector<Contact>& all, base::Time at) {
    std::set<std::pair<NodeIndex, NodeIndex>> pairs;
    for (const Contact& one : all) {
      if (one.begin <= at && at < one.end) pairs.emplace(one.a, one.b);
    }
    return pairs;
  };
  for (std::int64_t second = from; second <= until; ++second) {
    RC_ASSERT(in_contact(whole, base::Time{second * 1s}) ==
              in_contact(cut, base::Time{(second - from) * 1s}));
  }
}

TEST(ContactTrace, IsNotWellFormedWhenItBreaksAPromise) {
  const ContactChange up{base::Time{1s}, 0, 1, true};
  const ContactChange down{base::Time{2s}, 0, 1, false};
  const auto good = [&](std::vector<ContactChange> changes) {
    return is_well_formed({3, base::Time{5s}, std::move(changes), {}, {}});
  };
  EXPECT_TRUE(good({up, down}));
  EXPECT_TRUE(good({up}));
  EXPECT_FALSE(good({down}));
  EXPECT_FALSE(good({up, up}));
  EXPECT_FALSE(good({{base::Time{3s}, 0, 2, true}, up}));
  EXPECT_FALSE(good({{base::Time{6s}, 0, 2, true}}));
  EXPECT_FALSE(good({{base::Time{1s}, 2, 0, true}}));
  EXPECT_FALSE(good({{base::Time{1s}, 0, 3, true}}));
  EXPECT_FALSE(good({up, {base::Time{2s}, 0, 2, true}, down})) << "up before down";
}

TEST(Statistics, CountContactsUpToTheEnd) {
  const ContactTrace trace = trace_of(
      {contact(0, 10, 0, 1), contact(10, 30, 0, 1), contact(50, 200, 1, 2)}, 5, base::Time{100s});
  const TraceStatistics statistics = statistics_of(trace);
  EXPECT_EQ(statistics.contacts, 3u);
  EXPECT_EQ(statistics.pairs, 2u);
  EXPECT_EQ(statistics.nodes_met, 3u);
  EXPECT_EQ(statistics.median, 20s);
  EXPECT_EQ(statistics.longest, 50s);
  EXPECT_EQ(statistics.total, 80s);
  EXPECT_EQ(statistics_of({}).contacts, 0u);
}

}  // namespace
}  // namespace chaski::sim
