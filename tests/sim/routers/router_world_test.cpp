// SPDX-License-Identifier: Apache-2.0
// Afraid of: a world whose results are its own invention. So it must give what theory gives.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/routers/regimes.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

double harmonic(std::uint32_t n) {
  double sum = 0;
  for (std::uint32_t i = 1; i <= n; ++i) sum += 1.0 / i;
  return sum;
}

/// Four standard errors of the mean over independent worlds: false alarm once in 16,000, and the
/// seed is fixed.
void expect_delay(const std::string& strategy, std::uint32_t nodes, double expected,
                  std::uint32_t worlds) {
  SparseExperiment experiment;
  experiment.strategy = strategy;
  experiment.nodes = nodes;
  experiment.worlds = worlds;
  experiment.messages_per_world = 25;
  const SparseResult result = run_sparse(experiment);
  EXPECT_NEAR(result.delay, expected, 4 * result.delay_error) << strategy << ", N=" << nodes;
  EXPECT_LT(result.delay_error, 0.08 * expected) << "too few worlds to tell";
}

TEST(ClosedForms, EpidemicTakesTheHarmonicNumber) {
  EXPECT_NEAR(harmonic(19) / 19, .18672, 5e-6);
  EXPECT_NEAR(harmonic(99) / 99, .05230, 5e-6);
  expect_delay("epidemic", 20, harmonic(19) / 19, 60);
  expect_delay("epidemic", 50, harmonic(49) / 49, 30);
  expect_delay("epidemic", 100, harmonic(99) / 99, 20);
}

TEST(ClosedForms, DirectTakesOneMeetingOfThePair) { expect_delay("direct", 20, 1.0, 60); }

TEST(ClosedForms, BinarySprayTakesWhatIsKnown) {
  // Expected delays at N=100 by 40,000 runs of the process itself, in units of 1/b.
  expect_delay("spray-2", 100, .5055, 20);
  expect_delay("spray-4", 100, .2620, 20);
  expect_delay("spray-8", 100, .1466, 20);
  expect_delay("spray-16", 100, .0922, 20);
  expect_delay("spray-32", 100, .0692, 20);
}

TEST(ClosedForms, CopiesAtDeliveryAreUniformInAnEpidemicAndBoundedInASpray) {
  SparseExperiment experiment;
  experiment.worlds = 20;
  SparseResult result = run_sparse(experiment);
  EXPECT_NEAR(result.copies_mean, 50, 3);
  EXPECT_NEAR(result.copies_p90, 90, 4);
  // Everyone who is met gets it once: carriers and transmissions are the same but for the
  // author, who carries without receiving, and the recipient, who receives without carrying.
  EXPECT_EQ(result.copies_mean, result.transmissions_mean);
  experiment.strategy = "spray-16";
  result = run_sparse(experiment);
  EXPECT_EQ(result.copies_p90, 16);
}

TEST(Prophet, LearnsWhoMeetsWhomAndForgets) {
  constexpr base::Duration kTypical = 1'000s;
  Predictabilities ana(kTypical);
  Predictabilities ben(kTypical);
  const base::Time start{1h};
  ben.met(2, Predictabilities(kTypical), 1, start);
  EXPECT_DOUBLE_EQ(ben.of(2), .5);
  ana.met(1, ben, 0, start);
  EXPECT_DOUBLE_EQ(ana.of(1), .5);
  EXPECT_DOUBLE_EQ(ana.of(2), .5 * .5 * .9) << "through the one that meets it";
  ana.met(1, Predictabilities(kTypical), 0, start + 2'000s);
  const double aged = .5 * std::pow(.999, 2'000);
  EXPECT_NEAR(ana.of(1), aged < .1 ? .5 : aged + (.99 - aged) * .7, 1e-12);
  ana.met(1, Predictabilities(kTypical), 0, start + 2'010s);
  const double before = .5 * std::pow(.999, 10);
  EXPECT_NEAR(ana.of(1), before + (.99 - before) * .7 * .01, 1e-12) << "just met";
  EXPECT_EQ(ana.of(77), 0);
}

TEST(RouterWorld, OneSeedIsOneHistory) {
  SparseExperiment experiment;
  experiment.nodes = 20;
  experiment.worlds = 3;
  experiment.receipts = true;
  const std::uint64_t hash = run_sparse(experiment).event_hash;
  EXPECT_EQ(run_sparse(experiment).event_hash, hash);
  experiment.seed = 2;
  EXPECT_NE(run_sparse(experiment).event_hash, hash);
}

TEST(RouterWorld, StandingLinksHaveDelayAndBandwidth) {
  RouterWorldConfig config;
  config.delay_min = config.delay_max = 10ms;
  config.bytes_per_s = 1'000'000;
  RouterWorld world(config);
  for (int i = 0; i < 3; ++i) world.add_node();
  world.link(0, 1);
  world.link(1, 2);
  world.run_for(40s);
  world.send(0, 2, {.body_size = 30'000, .watch_all = true});
  ASSERT_TRUE(world.run_until_delivered(10s));
  const WorldMessage& message = world.messages()[0];
  // It is offered, which takes 20 ms; 30 frames of 1 KB at 1 MB/s are 30 ms, and 10 ms on the way;
  // it is passed on when it is whole.
  EXPECT_NEAR(std::chrono::duration<double>(message.first_seen[1] - message.sent).count(), .060,
              .005);
  EXPECT_NEAR(std::chrono::duration<double>(*message.delivered - message.sent).count(), .120, .01);
  EXPECT_EQ(message.transmissions_then, 2u);
  EXPECT_EQ(message.carriers_then, 2u);
}

TEST(RouterWorld, WhatIsOnItsWayOverALinkThatEndsIsLostAndComesAgain) {
  RouterWorldConfig config;
  config.delay_min = config.delay_max = 1s;
  RouterWorld world(config);
  for (int i = 0; i < 2; ++i) world.add_node();
  world.link(0, 1);
  world.run_for(5s);
  world.send(0, 1, {});
  world.run_for(500ms);
  world.unlink_all(0);
  world.run_for(10s);
  EXPECT_EQ(world.undelivered(), 1u);
  world.link(0, 1);
  EXPECT_TRUE(world.run_until_delivered(10s));
}

}  // namespace
}  // namespace chaski::sim
