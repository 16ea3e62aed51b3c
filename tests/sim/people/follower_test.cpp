// SPDX-License-Identifier: Apache-2.0
// Following a message through crashes. Afraid of: a copy that is told of though it was never saved,
// one that is forgotten though it is there again.
#include "sim/people/follower.hpp"

#include <gtest/gtest.h>

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

class Nothing final : public Companion {
 public:
  base::Time next_time() const override { return base::Time::max(); }
  void step(base::Time) override {}
};

TEST(Follower, ACopyThatWasNotSavedIsLostInACrashAndAnotherComes) {
  WorldConfig config;
  config.commit_every = 50ms;
  World world(config);
  for (int i = 0; i < 3; ++i) world.add_node();
  world.introduce(0, 2);
  Nothing nothing;
  Trail trail;
  Follower follower(world, nothing, {}, trail);
  const node::MessageId message = world.send(0, 2, "the bridge holds");
  const auto record = world.store(0).people().find_message(message);
  ASSERT_TRUE(record.has_value());
  follower.written(0, 2, record->envelope);
  world.connect(0, 1);
  for (int ms = 0; ms < 10'000 && trail.copies.size() < 2; ++ms) world.run_for(1ms);
  ASSERT_EQ(trail.copies.size(), 2) << "it is seen before it is saved";
  world.crash_and_restart(1);
  world.run_for(20s);
  ASSERT_EQ(trail.copies.size(), 3);
  EXPECT_EQ(trail.copies[1].end, CopyEnd::crashed);
  EXPECT_EQ(trail.copies[2].node, 1);
  EXPECT_EQ(trail.copies[2].from, std::optional<std::size_t>(0));
  // What was saved is there again after a crash, and after an outage.
  world.crash_and_restart(1);
  world.run_for(1s);
  world.set_power(1, false);
  world.run_for(1s);
  world.set_power(1, true);
  world.run_for(1s);
  EXPECT_EQ(trail.copies.size(), 3);
  EXPECT_EQ(trail.copies[2].end, CopyEnd::held);
  follower.finish();
  EXPECT_FALSE(trail.copies[2].until.has_value());
  EXPECT_EQ(way_of(trail, 2), (std::vector<std::size_t>{0, 2}));
}

}  // namespace
}  // namespace chaski::sim
