// SPDX-License-Identifier: Apache-2.0
// Contacts under jammers, beside a naive look at every moment. Afraid of: a contact that comes back
// twice or never, one that is cut where nobody jams, one that goes on where somebody does.
#include "sim/faults/jammed_contacts.hpp"

#include <gtest/gtest.h>

#include "sim/contacts/contact_trace.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

constexpr base::Time at(base::Duration since) {
  return base::Time{} + since;
}

ContactTrace random_contacts(base::Random& random, std::uint32_t nodes, int number) {
  std::vector<Contact> contacts;
  for (int i = 0; i < number; ++i) {
    const auto a = static_cast<NodeIndex>(random.below(nodes));
    const auto b = static_cast<NodeIndex>(random.below(nodes));
    const base::Time begin = at(std::chrono::seconds(random.below(900)));
    const base::Duration lasts = std::chrono::seconds(1 + random.below(200));
    if (a != b) contacts.push_back({begin, begin + lasts, std::min(a, b), std::max(a, b)});
  }
  return trace_of(merged(contacts), nodes, at(1'000s));
}

bool in_contact(const ContactTrace& trace, NodeIndex a, NodeIndex b, base::Time now) {
  bool up = false;
  for (const ContactChange& change : trace.changes) {
    if (change.at > now) break;
    if (change.a == std::min(a, b) && change.b == std::max(a, b)) up = change.up;
  }
  return up;
}

TEST(JammedContacts, are_those_of_whom_nobody_jams) {
  for (const auto seed : test::seeds(20)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    const ContactTrace met = random_contacts(random, 10, 120);
    const std::vector<NodeIndex> jammers{2, 7};
    Jamming always;
    always.cycle.off = {};
    TraceSource source(met);
    JammedContacts jammed(source, jammers, always, seed);
    ContactTrace left = collect(jammed);
    EXPECT_TRUE(is_well_formed(left));
    const auto reached = [&](NodeIndex node, base::Time now) {
      return in_contact(met, node, 2, now) || in_contact(met, node, 7, now);
    };
    double lost_s = 0;
    for (int s = 0; s < 1'000; ++s) {
      const base::Time now = at(std::chrono::seconds(s)) + 500ms;
      for (NodeIndex a = 0; a < 10; ++a) {
        for (NodeIndex b = a + 1; b < 10; ++b) {
          const bool of_jammer = a == 2 || b == 2 || a == 7 || b == 7;
          const bool there = in_contact(met, a, b, now);
          const bool jam = reached(a, now) || reached(b, now);
          ASSERT_EQ(in_contact(left, a, b, now), there && !jam && !of_jammer)
              << a << " and " << b << " at " << s;
          if (there && jam && !of_jammer) lost_s += 1;
        }
      }
    }
    EXPECT_DOUBLE_EQ(jammed.toll(at(1'000s)).lost_s, lost_s);
    EXPECT_GT(lost_s, 0) << "a test of nothing";
  }
}

TEST(JammedContacts, come_back_when_a_jammer_is_off) {
  // 0 and 1 stand beside a jammer that is on for 10 s of every 30.
  const ContactTrace met =
      trace_of({{at(0s), at(1'000s), 0, 1}, {at(0s), at(1'000s), 0, 2}, {at(0s), at(1'000s), 3, 4}},
               5, at(1'000s));
  Jamming rules;
  rules.cycle = {10s, 20s};
  TraceSource source(met);
  JammedContacts jammed(source, {2}, rules, 5);
  const ContactTrace left = collect(jammed);
  EXPECT_TRUE(is_well_formed(left));
  EXPECT_TRUE(in_contact(left, 3, 4, at(500s))) << "far from it";
  double up_s = 0;
  for (int s = 0; s < 1'000; ++s) up_s += in_contact(left, 0, 1, at(std::chrono::seconds(s)));
  EXPECT_NEAR(up_s, 1'000 * 2. / 3, 20);
  EXPECT_NEAR(jammed.toll(at(1'000s)).lost_s, 1'000 - up_s, 2);
  EXPECT_DOUBLE_EQ(jammed.toll(at(1'000s)).contact_s, 2'000);

  rules.reach = 0;
  TraceSource again(met);
  JammedContacts spared(again, {2}, rules, 5);
  EXPECT_EQ(collect(spared).changes.size(), 4u) << "it reaches nobody";
}

}  // namespace
}  // namespace chaski::sim
