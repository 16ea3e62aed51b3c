// SPDX-License-Identifier: Apache-2.0
// Liars over production links. Afraid of: a liar that does nothing, so that all figures about it
// say nothing; honest nodes that refuse an honest-looking one, or that believe a liar.
#include <gtest/gtest.h>

#include "people_in_trouble.hpp"
#include "wire/limits.hpp"

namespace chaski::sim {
namespace {

using namespace test_faults;

/// One of three is what `faults` says; the first person meets it, then it meets the second.
struct Between {
  explicit Between(const PeopleFaults& faults, Part part) {
    const Cast cast = draw_cast(faults, 1, 3);
    middle = cast.all(part).at(0);
    from = cast.all(Part::person).at(0);
    to = cast.all(Part::person).at(1);
    const auto pair = [](NodeIndex a, NodeIndex b, base::Duration begin) {
      return Contact{at(begin), at(begin + 2min), std::min(a, b), std::max(a, b)};
    };
    met = trace_of({pair(from, middle, 1min), pair(middle, to, 10min), pair(from, middle, 20min)},
                   3, at(30min));
    plan = {{at(10s), from, to, 200, base::Duration::max(), ""}};
  }
  NodeIndex middle = 0;
  NodeIndex from = 0;
  NodeIndex to = 0;
  ContactTrace met;
  MessagePlan plan;
};

class Liars : public ::testing::TestWithParam<bool> {
 protected:
  PeopleResult between(const PeopleFaults& faults, Part part) {
    const Between world(faults, part);
    return run(world.met, world.plan, rules_of(faults, 1, GetParam()));
  }
};
INSTANTIATE_TEST_SUITE_P(OverLinks, Liars, ::testing::Values(false, true),
                         [](const auto& one) { return one.param ? "Bluetooth" : "WiFi"; });

TEST_P(Liars, a_colluder_carries_like_anybody_and_knows_whom_it_had_it_from) {
  PeopleFaults faults;
  faults.colluders.number = 1;
  const PeopleResult result = between(faults, Part::colluder);
  EXPECT_EQ(delivered(result), 1u);
  ASSERT_TRUE(result.faults.attack);
  const AttackReport& attack = *result.faults.attack;
  EXPECT_EQ(attack.met, 2u);
  EXPECT_EQ(attack.authors.first.right, 1u) << "it met the author alone";
  EXPECT_EQ(attack.authors.chance, 1) << "and nobody else by then";
  EXPECT_EQ(attack.readers.first.right, 1u) << "the receipt came from the reader";
  EXPECT_EQ(attack.linking.equal_tags, 0u);
}

TEST_P(Liars, a_black_hole_swallows_and_the_author_keeps_its_message) {
  PeopleFaults faults;
  faults.black_holes.number = 1;
  const PeopleResult result = between(faults, Part::black_hole);
  EXPECT_EQ(delivered(result), 0u);
  // Both keep a few small envelopes for each other; it takes them at every meeting.
  EXPECT_GE(did(result, "black_holes", "swallowed"), 2) << "again at the second meeting";
}

TEST_P(Liars, what_a_liar_carries_is_read_by_whom_it_is_for) {
  PeopleFaults hops;
  hops.hop_liars.number = 1;
  const PeopleResult shown = between(hops, Part::hop_liar);
  EXPECT_EQ(delivered(shown), 1u) << "no hops are needed to be read";
  EXPECT_GE(did(shown, "hop_liars", "changed"), 1);

  PeopleFaults replays;
  replays.replayers.number = 1;
  const PeopleResult replayed = between(replays, Part::replayer);
  EXPECT_EQ(delivered(replayed), 1u);
  EXPECT_EQ(replayed.seen_twice, 0u);
  EXPECT_GE(did(replayed, "replayers", "replayed"), 2) << "to the reader, and to the author";
  EXPECT_GE(did(replayed, "replayers", "refused"), 1) << "the author knows it";
}

TEST_P(Liars, nobody_else_carries_what_came_with_no_hops_left) {
  // author, liar, relay, reader in a row.
  PeopleFaults faults;
  faults.hop_liars.number = 1;
  const Cast cast = draw_cast(faults, 3, 4);
  const NodeIndex liar = cast.all(Part::hop_liar).at(0);
  const std::vector<NodeIndex> people = cast.all(Part::person);
  const auto pair = [](NodeIndex a, NodeIndex b, base::Duration begin) {
    return Contact{at(begin), at(begin + 2min), std::min(a, b), std::max(a, b)};
  };
  const ContactTrace met = trace_of({pair(people[0], liar, 1min), pair(liar, people[1], 10min),
                                     pair(people[1], people[2], 20min)},
                                    4, at(30min));
  const MessagePlan plan{{at(10s), people[0], people[2], 200, base::Duration::max(), ""}};
  EXPECT_EQ(delivered(run(met, plan, rules_of(faults, 3, GetParam()))), 0u);
  PeopleFaults honest;
  honest.colluders.number = 1;
  EXPECT_EQ(delivered(run(met, plan, rules_of(honest, 3, GetParam()))), 1u);
}

TEST_P(Liars, age_liars_of_all_kinds_change_what_they_carry) {
  // Three seeds, in which the one liar is of three kinds or fewer; none makes anything be read
  // twice, and one that says "new" is believed.
  std::uint64_t read = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    PeopleFaults faults;
    faults.age_liars.number = 1;
    const ContactTrace met = random_meetings(seed, 6, 60, 30min);
    const MessagePlan plan = plan_of(faults, seed, 6, 10min);
    const PeopleResult result = run(met, plan, rules_of(faults, seed, GetParam()));
    EXPECT_GT(did(result, "age_liars", "changed"), 0) << seed;
    EXPECT_EQ(result.seen_twice, 0u) << seed;
    read += delivered(result);
  }
  EXPECT_GT(read, 0u);
}

TEST_P(Liars, a_flooder_is_carried_within_the_bounds_and_junk_is_not) {
  PeopleFaults faults;
  faults.flooders.who.number = 1;
  faults.flooders.per_hour = 7'200;
  const ContactTrace met = random_meetings(5, 8, 120, 40min);
  const MessagePlan plan = plan_of(faults, 5, 8, 10min);
  PeopleRules rules = rules_of(faults, 5, GetParam());
  rules.store_bytes_max = 400'000;
  const PeopleResult flooded = run(met, plan, rules);
  EXPECT_GT(did(flooded, "flooders", "taken"), 300);
  EXPECT_GT(did(flooded, "flooders", "refused"), 0) << "half of the store is one depositor's";
  EXPECT_LE(flooded.stored_bytes_most, rules.store_bytes_max);
  EXPECT_GT(delivered(flooded), plan.size() / 2);

  PeopleFaults noise;
  noise.junk_speakers.number = 1;
  const PeopleResult heard = run(met, plan, rules_of(noise, 5, GetParam()));
  EXPECT_GT(did(heard, "junk_speakers", "bytes_said"), 1'000);
  EXPECT_EQ(heard.never_written, 0u);
  EXPECT_GT(delivered(heard), plan.size() / 2);
}

}  // namespace
}  // namespace chaski::sim
