// SPDX-License-Identifier: Apache-2.0
// Who is what. Afraid of: somebody who is two things, numbers that are not those asked for, and two
// runs that differ in what liars do and are not about the same liars.
#include "sim/faults/cast.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

TEST(Cast, has_as_many_of_each_as_were_asked_for) {
  PeopleFaults faults;
  faults.absent.number = 3;
  faults.jammers.who.number = 2;
  faults.black_holes.share = .1;
  faults.age_liars.number = 1;
  faults.hop_liars.number = 4;
  faults.replayers.number = 5;
  faults.junk_speakers.number = 6;
  faults.flooders.who.number = 7;
  faults.colluders.share = .25;
  faults.sleepers.who.share = .5;
  faults.clocks.who.number = 1'000;
  for (const auto seed : test::seeds(5)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    const Cast cast = draw_cast(faults, seed, 100);
    EXPECT_EQ(parts_wanted(faults, 100), 63u);
    EXPECT_EQ(cast.count(Part::absent), 3u);
    EXPECT_EQ(cast.count(Part::jammer), 2u);
    EXPECT_EQ(cast.count(Part::black_hole), 10u);
    EXPECT_EQ(cast.count(Part::age_liar), 1u);
    EXPECT_EQ(cast.count(Part::hop_liar), 4u);
    EXPECT_EQ(cast.count(Part::replayer), 5u);
    EXPECT_EQ(cast.count(Part::junk_speaker), 6u);
    EXPECT_EQ(cast.count(Part::flooder), 7u);
    EXPECT_EQ(cast.count(Part::colluder), 25u);
    EXPECT_EQ(cast.count(Part::person), 37u);
    EXPECT_EQ(cast.sleeping(), 19u) << "half of the people, not of all";
    EXPECT_EQ(cast.clocks_wrong(), 37u) << "not more than there are";
    for (NodeIndex node = 0; node < 100; ++node) {
      EXPECT_TRUE(cast.is_person(node) || !(cast.sleeps[node] || cast.clock_wrong[node])) << node;
    }
  }
}

TEST(Cast, has_the_same_liars_whatever_they_do) {
  for (const auto seed : test::seeds(20)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    PeopleFaults holes;
    holes.black_holes.number = 10;
    PeopleFaults colluders;
    colluders.colluders.number = 10;
    const Cast one = draw_cast(holes, seed, 60);
    const Cast other = draw_cast(colluders, seed, 60);
    EXPECT_EQ(one.all(Part::black_hole), other.all(Part::colluder));
    EXPECT_NE(one.parts, draw_cast(holes, seed + 1, 60).parts) << "drawn from the seed";
  }
}

}  // namespace
}  // namespace chaski::sim
