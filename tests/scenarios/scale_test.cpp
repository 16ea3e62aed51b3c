// SPDX-License-Identifier: Apache-2.0
// The large world at a size for every day; scale-world runs it with a thousand nodes.
#include <gtest/gtest.h>

#include "sim/world/scale_world.hpp"

namespace chaski::scenarios {
namespace {

TEST(Scale, a_torn_world_of_sixty_delivers_everything_once_and_replays) {
  const sim::ScaleWorldConfig config{.seed = 3, .nodes = 60, .islands = 3, .messages = 300};
  const sim::ScaleWorldResult first = sim::run_scale_world(config);
  EXPECT_EQ(first.delivered, 300u);
  EXPECT_EQ(first.twice, 0u);
  EXPECT_LT(first.before_healing, 300u) << "it was torn";
  EXPECT_GT(first.crashes, 10u);
  const sim::ScaleWorldResult second = sim::run_scale_world(config);
  EXPECT_EQ(first.event_hash, second.event_hash);
  EXPECT_EQ(first.events, second.events);
}

}  // namespace
}  // namespace chaski::scenarios
