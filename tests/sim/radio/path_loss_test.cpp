// SPDX-License-Identifier: Apache-2.0
// Path loss in closed form. Afraid of: a decibel that is counted twice, shadowing that jumps or
// that has another spread than it says, a way on which somebody nearer is heard worse.
#include "sim/radio/path_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

/// Distance alone.
PathLoss bare(double exponent) {
  PathLoss model;
  model.exponent = exponent;
  model.carried_db = model.body_db = model.shadowing_db = 0;
  return model;
}

TEST(PathLoss, reach_is_what_power_and_exponent_say) {
  // 0 dBm, 40 dB at a metre, -96 dBm: 56 dB are left for the way.
  EXPECT_NEAR(reach_m(bare(2), 0, 0), std::pow(10, 2.8), 1e-6);
  EXPECT_NEAR(reach_m(bare(2.5), 0, 0), std::pow(10, 2.24), 1e-6);
  EXPECT_NEAR(reach_m(bare(3.5), 0, 0), std::pow(10, 1.6), 1e-6);
  PathLoss strong = bare(2);
  strong.power_dbm = 20;
  EXPECT_NEAR(reach_m(strong, 0, 0), 10 * reach_m(bare(2), 0, 0), 1e-6) << "20 dB, ten times";
  EXPECT_NEAR(reach_m(bare(2), 0, 20), 10 * reach_m(bare(2), 0, 0), 1e-6);
  PathLoss deaf = bare(2);
  deaf.sensitivity_dbm = -10;
  EXPECT_EQ(reach_m(deaf, 0, 0), 0) << "not even at arm's length";
}

TEST(PathLoss, bodies_in_between_cost_what_a_straight_way_meets_and_no_more_than_the_way_around) {
  PathLoss model = bare(2);
  model.body_db = 10;
  model.body_width_m = .5;
  model.bodies_db_max = 25;
  EXPECT_DOUBLE_EQ(bodies_loss_db(model, 10, 0), 0);
  EXPECT_DOUBLE_EQ(bodies_loss_db(model, 10, .2), 10) << "one body on the way";
  EXPECT_DOUBLE_EQ(bodies_loss_db(model, 10, 2), 25) << "ten of them, but not 100 dB";
  // Nobody gets around them within 5 m: 56 dB = 20 lg d + 10 d has one root.
  const double reach = reach_m(model, 2, 0);
  model.bodies_db_max = 1'000;
  const double through = reach_m(model, 2, 0);
  EXPECT_NEAR(20 * std::log10(through) + 10 * through, 56, 1e-9);
  EXPECT_NEAR(reach, std::pow(10, (56 - 25) / 20.0), 1e-6);
}

TEST(PathLoss, the_signal_at_the_end_of_reach_is_the_sensitivity_and_weaker_with_every_metre) {
  for (const auto seed : test::seeds(200)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    PathLoss model;
    model.power_dbm = -10 + 20 * random.unit();
    model.exponent = 2 + 2 * random.unit();
    model.carried_db = 20 * random.unit();
    const double crowd = 3 * random.unit();
    const double shadow = 30 * random.unit() - 15;
    const double reach = reach_m(model, crowd, shadow);
    const double signal = mean_signal_dbm(model, reach, crowd) + shadow;
    ASSERT_NEAR(signal, model.sensitivity_dbm, 1e-6);
    double before = mean_signal_dbm(model, 0, crowd);
    for (double d = .2; d < 300; d *= 1.1) {
      const double now = mean_signal_dbm(model, d, crowd);
      ASSERT_LT(now, before);
      ASSERT_LE(mean_signal_dbm(model, d, crowd + .1), now);
      before = now;
    }
  }
}

TEST(PathLoss, shadowing_is_normal_over_pairs_at_any_time) {
  PathLoss model;
  model.shadowing_db = 5;
  for (const base::Duration at : {0s, 7s, 10s, 3'600s}) {
    SCOPED_TRACE(at.count());
    double sum = 0;
    double squares = 0;
    int beyond = 0;
    constexpr int kPairs = 40'000;
    for (NodeIndex i = 0; i < kPairs; ++i) {
      const double value = shadowing_db(model, 11, i % 200, 200 + i / 200, base::Time{} + at);
      sum += value;
      squares += value * value;
      beyond += std::abs(value) > 5 ? 1 : 0;
      ASSERT_LE(std::abs(value), 15);
    }
    EXPECT_NEAR(sum / kPairs, 0, 4 * 5 / std::sqrt(kPairs));
    EXPECT_NEAR(std::sqrt(squares / kPairs), 5, .1);
    EXPECT_NEAR(beyond / double{kPairs}, .3173, .012) << "one in three beyond sigma";
  }
}

TEST(PathLoss, shadowing_changes_slowly_and_then_altogether) {
  PathLoss model;
  model.shadowing_db = 1;
  model.shadowing = 20s;
  const auto correlation = [&](base::Duration lag) {
    double sum = 0;
    constexpr int kPairs = 30'000;
    for (NodeIndex i = 0; i < kPairs; ++i) {
      const base::Time at = base::Time{} + std::chrono::milliseconds(137 * i);
      sum += shadowing_db(model, 3, i, i + 1, at) * shadowing_db(model, 3, i, i + 1, at + lag);
    }
    return sum / kPairs;
  };
  EXPECT_GT(correlation(1s), .97);
  EXPECT_NEAR(correlation(10s), .7, .1);
  EXPECT_NEAR(correlation(40s), 0, .03);
  EXPECT_NEAR(correlation(1h), 0, .03);
  for (int i = 0; i < 100'000; ++i) {
    const base::Time at = base::Time{} + i * 100ms;
    ASSERT_LT(std::abs(shadowing_db(model, 3, 1, 2, at) - shadowing_db(model, 3, 1, 2, at + 100ms)),
              .15);
  }
}

TEST(PathLoss, shadowing_is_the_same_both_ways_and_each_pairs_own) {
  const PathLoss model;
  const base::Time at = base::Time{} + 77s;
  EXPECT_EQ(shadowing_db(model, 1, 4, 9, at), shadowing_db(model, 1, 9, 4, at));
  EXPECT_NE(shadowing_db(model, 1, 4, 9, at), shadowing_db(model, 1, 4, 8, at));
  EXPECT_NE(shadowing_db(model, 1, 4, 9, at), shadowing_db(model, 2, 4, 9, at));
}

TEST(PathLoss, packets_are_lost_at_the_sensitivity_as_the_specification_says) {
  EXPECT_NEAR(bit_error(0), .001, 1e-12);
  EXPECT_NEAR(packet_loss(0, 46), .308, .001) << "Bluetooth Core, vol. 6, part A, 4.1";
  EXPECT_NEAR(packet_loss(0, 264), 1 - std::pow(.999, 2'112), 1e-9);
  EXPECT_LT(packet_loss(3, 264), .01);
  EXPECT_GT(packet_loss(-3, 46), .99);
  EXPECT_NEAR(packet_loss(60, 264), 0, 1e-12);
  EXPECT_NEAR(packet_loss(-60, 264), 1, 1e-12);
  double before = 1;
  for (double margin = -10; margin < 10; margin += .1) {
    const double now = packet_loss(margin, 264);
    ASSERT_LE(now, before);
    before = now;
  }
}

TEST(PathLoss, packets_are_sent_until_they_arrive_or_the_link_stands_still) {
  EXPECT_DOUBLE_EQ(sends_per_packet(60), 1);
  EXPECT_EQ(sends_per_packet(-1), 0);
  EXPECT_NEAR(sends_per_packet(1), 1 / (1 - packet_loss(1, 264)), 1e-12);
  for (double margin = -5; margin < 5; margin += .01) {
    const double sends = sends_per_packet(margin);
    ASSERT_TRUE(sends == 0 || (sends >= 1 && sends <= 10.001)) << margin;
  }
}

}  // namespace
}  // namespace chaski::sim
