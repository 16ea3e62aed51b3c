// SPDX-License-Identifier: Apache-2.0
// Afraid of: saving transmissions by losing somebody, and of answering a crowd with a storm.
#include <gtest/gtest.h>

#include "sim/routers/regimes.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

TEST(Crowd, IsReachedWithAThirdOfTheTransmissionsAtNearlyTheSpeedOfAFlood) {
  CrowdExperiment experiment;
  experiment.nodes = 700;
  experiment.messages = 4;
  experiment.warm_up = 0;
  const CrowdResult flood = run_crowd(experiment);
  experiment.strategy = "default";
  experiment.warm_up = 16;
  const CrowdResult crowd = run_crowd(experiment);
  EXPECT_NEAR(flood.transmissions, flood.flood_transmissions, 0.2);
  EXPECT_EQ(crowd.reach_min, 1);
  EXPECT_LE(crowd.transmissions, 0.35 * flood.transmissions);
  EXPECT_LE(crowd.latency_median_ms, 1.3 * flood.latency_median_ms);
  EXPECT_LE(crowd.frame_bytes, 0.5 * flood.frame_bytes);
}

TEST(Sparse, TheDefaultIsNearlyAsFastAsAnEpidemicWithHalfOfItsCarriers) {
  SparseExperiment experiment;
  experiment.strategy = "default";
  experiment.worlds = 10;
  experiment.warm_up = .3;
  const SparseResult result = run_sparse(experiment);
  EXPECT_LE(result.delay, 1.5 * .05230);
  EXPECT_LE(result.copies_median, 27);
}

/// Nodes in a crowd that hold some messages for nobody.
struct Square {
  explicit Square(std::uint32_t nodes, std::uint32_t messages = 0) : world(config()), random(9) {
    for (std::uint32_t i = 0; i < nodes; ++i) world.add_node();
    const auto links = geometric_graph(random, nodes, 12);
    for (const auto& [a, b] : links) world.link(a, b);
    component = largest_component(nodes, links);
    world.run_for(40s);
    for (std::uint32_t i = 0; i < messages; ++i) send();
    world.run_for(10s);
  }
  static RouterWorldConfig config() {
    RouterWorldConfig config;
    config.seed = 4;
    return config;
  }
  NodeIndex anyone() { return component[random.below(component.size())]; }
  std::size_t send() {
    return world.send(anyone(), 1'000'000, {.watch_all = true});
  }
  bool has(std::size_t message, NodeIndex node) const {
    const auto& seen = world.messages()[message].first_seen;
    return node < seen.size() && seen[node] != base::Time::max();
  }

  RouterWorld world;
  base::SeededRandom random;
  std::vector<NodeIndex> component;
};

TEST(Crowd, ComesAndGoesAndNobodyMissesAnything) {
  Square square(150);
  std::vector<std::size_t> sent;
  for (int step = 0; step < 200; ++step) {
    if (step % 10 == 0) sent.push_back(square.send());
    const NodeIndex mover = square.anyone();
    square.world.unlink_all(mover);
    square.world.run_for(base::Duration(square.random.below(400'000)));
    for (int i = 0; i < 10; ++i) {
      const NodeIndex other = square.anyone();
      const bool room = square.world.degree(other) < 40;
      if (other != mover && room && !square.world.linked(mover, other)) {
        square.world.link(mover, other);
      }
    }
  }
  square.world.run_for(60s);
  for (const std::size_t message : sent) {
    for (const NodeIndex node : square.component) {
      EXPECT_TRUE(square.has(message, node)) << "message " << message << ", node " << node;
    }
    // Far below one for each link: mostly announced, seldom pushed twice.
    EXPECT_LE(square.world.messages()[message].transmissions, 7 * square.component.size());
  }
}

TEST(Attack, AStormOfJoinsCostsWhatTheJoinersLack) {
  constexpr std::uint32_t kMessages = 50;
  constexpr std::uint32_t kJoins = 200;
  Square square(60, kMessages);
  square.world.reset_traffic();
  const std::size_t before = square.world.size();
  for (std::uint32_t i = 0; i < kJoins; ++i) {
    const NodeIndex joiner = square.world.add_node();
    while (square.world.degree(joiner) < 6) {
      const NodeIndex member = square.anyone();
      if (square.world.degree(member) < 60 && !square.world.linked(joiner, member)) {
        square.world.link(joiner, member);
      }
    }
  }
  square.world.run_for(30s);
  for (std::size_t node = before; node < square.world.size(); ++node) {
    EXPECT_EQ(square.world.router(static_cast<NodeIndex>(node)).usage().envelopes, kMessages);
  }
  // Each of them gets each message about once, though six neighbours have it, and no member gets
  // one again; all that is said besides is less than that.
  const WorldTraffic& traffic = square.world.traffic();
  EXPECT_LE(traffic.of(wire::RecordType::envelope), kJoins * kMessages * 3 / 2);
  EXPECT_LE(traffic.frame_bytes, 2 * traffic.bytes_of(wire::RecordType::envelope));
  square.world.reset_traffic();
  square.world.run_for(60s);
  EXPECT_EQ(square.world.traffic().frames, 0u) << "and then it is quiet";
}

}  // namespace
}  // namespace chaski::sim
