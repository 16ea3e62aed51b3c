// SPDX-License-Identifier: Apache-2.0
// Bluetooth where signals are strong or weak. Afraid of: a link that is as fast at the end of its
// reach as in the middle, that lives on without a signal or dies of a moment without one, bytes
// that were sent again and cost nothing.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "sim/contacts/contact_trace.hpp"
#include "sim/radio/ble_air.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

/// A strength that the test says, above the sensitivity.
struct SaidSignals final : Signals {
  std::function<double(base::Time)> margin_db;
  double signal_dbm(NodeIndex, NodeIndex, base::Time at) override { return -96 + margin_db(at); }
  double sensitivity_dbm() const override { return -96; }
};

/// Two people in contact from the begin to `until`.
struct TwoPeople {
  TwoPeople(std::function<double(base::Time)> margin_db, base::Duration until, std::uint64_t seed)
      : world(WorldConfig{.seed = seed}),
        trace(trace_of({{base::Time{}, base::Time{} + until, 0, 1}}, 2, base::Time{} + 10h)),
        source(trace) {
    signals.margin_db = std::move(margin_db);
    world.add_node();
    world.add_node();
    world.introduce(0, 1);
    air = std::make_unique<BleAir>(world, source, BleParameters{}, seed + 5, &signals);
    world.on_event(
        [this](NodeIndex node, const node::NodeEvent& event) { air->node_event(node, event); });
  }
  bool link() { return world.connected(0, 1); }
  std::uint64_t inbox() { return world.store(1).people().message_count(); }

  World world;
  ContactTrace trace;
  TraceSource source;
  SaidSignals signals;
  std::unique_ptr<BleAir> air;
};

/// Bytes a second that arrive, and bytes on the air for each of them.
std::pair<double, double> rates_at(double margin_db) {
  TwoPeople two([=](base::Time at) { return at < base::Time{} + 60s ? 30 : margin_db; }, 10h, 3);
  two.world.run_for(60s);
  EXPECT_TRUE(two.link());
  for (int i = 0; i < 300; ++i) two.world.send(0, 1, std::string(2'000, 'x'));
  two.world.run_for(1s);
  const auto arrived = two.world.frame_bytes();
  const auto air = two.world.air_bytes();
  const auto used = two.air->use(0).bytes;
  two.world.run_for(10s);
  const auto more = static_cast<double>(two.world.frame_bytes() - arrived);
  EXPECT_EQ(two.air->use(0).bytes - used, two.world.air_bytes() - air) << "the radio pays for it";
  return {more / 10, static_cast<double>(two.world.air_bytes() - air) / more};
}

TEST(BleSignals, goodput_falls_and_bytes_are_sent_again_as_packets_are_lost) {
  const auto strong = rates_at(30);
  const auto goodput = static_cast<double>(BleParameters{}.goodput_bytes_per_s);
  EXPECT_GT(strong.first, .7 * goodput);
  EXPECT_NEAR(strong.second, 1, .05);
  for (const double margin : {1.5, 1.0, .5}) {
    SCOPED_TRACE(margin);
    const auto weak = rates_at(margin);
    const double lost = packet_loss(margin, kDataPacketBytes);
    EXPECT_NEAR(weak.first / strong.first, 1 - lost, .08);
    EXPECT_NEAR(weak.second, 1 / (1 - lost), .15 / (1 - lost));
  }
}

TEST(BleSignals, a_link_stands_still_without_a_signal_and_goes_on_with_one) {
  // From 60 s on there is none for 3 s: less than the supervision time, so contact goes on.
  TwoPeople two(
      [](base::Time at) {
        return at >= base::Time{} + 60s && at < base::Time{} + 63s ? -5.0 : 20.0;
      },
      10h, 4);
  two.world.run_for(60s);
  ASSERT_TRUE(two.link());
  two.world.send(0, 1, "into the silence");
  two.world.run_for(2'900ms);
  EXPECT_EQ(two.inbox(), 0u);
  EXPECT_TRUE(two.link()) << "the same link";
  two.world.run_for(600ms);
  EXPECT_EQ(two.inbox(), 1u);
  EXPECT_EQ(two.air->use().links, 1u);
}

TEST(BleSignals, a_link_dies_of_supervision_when_the_signal_is_gone) {
  TwoPeople two([](base::Time at) { return at < base::Time{} + 60s ? 20 : -20; }, 60s, 5);
  two.world.run_for(59s);
  ASSERT_TRUE(two.link());
  two.world.run_for(1s);
  const auto before = two.world.air_bytes();
  const auto arrived = two.world.frame_bytes();
  two.world.send(0, 1, std::string(1'000, 'x'));
  two.world.run_for(3'500ms);
  EXPECT_EQ(two.air->connections(), 1u) << "nobody noticed yet";
  EXPECT_GT(two.world.air_bytes(), before + 1'000) << "into the dying link";
  EXPECT_EQ(two.world.frame_bytes(), arrived);
  two.world.run_for(1s);
  EXPECT_EQ(two.air->connections(), 0u);
  EXPECT_EQ(two.inbox(), 0u);
}

TEST(BleSignals, who_is_hardly_heard_is_found_later_and_dialled_in_vain_more_often) {
  struct Found {
    double heard_after_s = 0;
    double dials = 0;
    double failed = 0;
  };
  const auto found = [](double margin_db) {
    Found all;
    for (const auto seed : test::seeds(40)) {
      TwoPeople two([=](base::Time) { return margin_db; }, 10h, seed);
      // An advertisement in four seconds is heard by chance; looked at each 100 ms.
      EXPECT_TRUE(two.world.run_until([&] { return two.air->use().heard > 0; }, 10min));
      all.heard_after_s +=
          std::chrono::duration<double>(two.world.now().time_since_epoch()).count();
      two.world.run_for(60s);
      all.dials += static_cast<double>(two.air->use().dials);
      all.failed += static_cast<double>(two.air->use().dials_failed);
    }
    return all;
  };
  const Found strong = found(30);
  const Found weak = found(-1.5);  // nine in ten advertisements are lost
  EXPECT_GT(weak.heard_after_s, 1.3 * strong.heard_after_s);
  EXPECT_LT(strong.failed / strong.dials, .15);
  EXPECT_NEAR(weak.failed / weak.dials, packet_loss(-1.5, kConnectBytes), .15);
}

TEST(BleSignals, one_seed_is_one_history) {
  const auto history = [](std::uint64_t seed) {
    TwoPeople two(
        [](base::Time at) { return 4 * std::sin(static_cast<double>(base::to_us(at)) / 2e6); }, 10h,
        seed);
    for (int i = 0; i < 20; ++i) {
      two.world.send(0, 1, "again and again");
      two.world.run_for(10s);
    }
    return two.world.event_hash();
  };
  EXPECT_EQ(history(1), history(1));
  EXPECT_NE(history(1), history(2));
}

}  // namespace
}  // namespace chaski::sim
