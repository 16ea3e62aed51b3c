// SPDX-License-Identifier: Apache-2.0
// The production nodes and link managers on an air of the simulator's. Afraid of: frames between
// two who are out of range, a slot that nothing frees, two runs of one seed that differ.
#include "sim/radio/ble_air.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <tuple>

#include "base/random.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

/// Contacts that the test says, in order.
struct Said final : ContactSource {
  std::uint32_t size = 0;
  std::deque<ContactChange> changes;
  std::uint32_t nodes() const override { return size; }
  base::Time end() const override { return base::Time::max(); }
  std::optional<ContactChange> next() override {
    if (changes.empty()) return std::nullopt;
    const ContactChange change = changes.front();
    changes.pop_front();
    return change;
  }
};

/// Nodes, their contacts and the air.
struct Place {
  explicit Place(std::uint32_t nodes, std::uint64_t from_seed = 1, BleParameters ble = {})
      : world(WorldConfig{.seed = from_seed}), parameters(ble), seed(from_seed) {
    contacts.size = nodes;
    for (std::uint32_t i = 0; i < nodes; ++i) world.add_node();
  }
  void near(base::Duration from, base::Duration to, NodeIndex a, NodeIndex b) {
    contacts.changes.push_back({base::Time{} + from, a, b, true});
    contacts.changes.push_back({base::Time{} + to, a, b, false});
  }
  void begin() {
    std::sort(contacts.changes.begin(), contacts.changes.end(), [](const auto& x, const auto& y) {
      return std::tie(x.at, x.up, x.a, x.b) < std::tie(y.at, y.up, y.a, y.b);
    });
    air = std::make_unique<BleAir>(world, contacts, parameters, seed + 100);
    world.on_event(
        [this](NodeIndex node, const node::NodeEvent& event) { air->node_event(node, event); });
  }
  std::uint64_t inbox(NodeIndex node) { return world.store(node).people().message_count(); }

  World world;
  BleParameters parameters;
  std::uint64_t seed;
  Said contacts;
  std::unique_ptr<BleAir> air;
};

TEST(BleAir, two_who_meet_hear_dial_and_exchange_within_seconds) {
  std::vector<double> took;
  for (const auto seed : test::seeds(40)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    Place place(2, seed);
    place.world.introduce(0, 1);
    place.near(60s, 1h, 0, 1);
    place.begin();
    place.world.run_for(50s);
    place.world.send(0, 1, "ana was here");
    place.world.run_for(10s);
    EXPECT_EQ(place.inbox(1), 0u);
    EXPECT_TRUE(place.world.run_until([&] { return place.inbox(1) == 1; }, 60s));
    took.push_back(std::chrono::duration<double>(place.world.now().time_since_epoch()).count() -
                   60);
  }
  std::sort(took.begin(), took.end());
  EXPECT_GT(took.front(), 1) << "nobody finds, dials and proves who he is in no time";
  EXPECT_LT(took[took.size() / 2], 5);
  EXPECT_LT(took.back(), 30);
}

TEST(BleAir, who_leaves_is_lost_after_a_while_and_found_again) {
  Place place(2);
  place.world.introduce(0, 1);
  place.near(0s, 60s, 0, 1);
  place.near(120s, 1h, 0, 1);
  place.begin();
  place.world.send(0, 1, "first");
  place.world.run_for(50s);
  EXPECT_EQ(place.inbox(1), 1u);
  EXPECT_EQ(place.air->connections(), 1u);
  place.world.run_for(10s + place.parameters.supervision + 1s);
  EXPECT_EQ(place.air->connections(), 0u);
  EXPECT_EQ(place.air->adapter(0).manager.slots().size(), 0u);
  EXPECT_FALSE(place.world.connected(0, 1));
  place.world.send(0, 1, "second");
  place.world.run_for(30s);
  EXPECT_EQ(place.inbox(1), 1u) << "out of range";
  place.world.run_for(60s);
  EXPECT_EQ(place.inbox(1), 2u);
}

TEST(BleAir, six_with_two_slots_each_all_hear_everything) {
  BleParameters parameters;
  parameters.slots = 2;
  Place place(6, 3, parameters);
  for (NodeIndex a = 0; a < 6; ++a) {
    for (NodeIndex b = a + 1; b < 6; ++b) {
      place.world.introduce(a, b);
      place.near(0s, 10h, a, b);
    }
  }
  place.begin();
  for (NodeIndex a = 0; a < 6; ++a) {
    for (NodeIndex b = 0; b < 6; ++b) {
      if (a != b) place.world.send(a, b, "to all");
    }
  }
  EXPECT_TRUE(place.world.run_until(
      [&] {
        for (NodeIndex node = 0; node < 6; ++node) {
          if (place.inbox(node) < 10) return false;
        }
        return true;
      },
      10min));
  for (NodeIndex node = 0; node < 6; ++node) {
    EXPECT_LE(place.air->adapter(node).connections.size(), 4u);
  }
  EXPECT_GE(place.air->use().links, 5u) << "two slots make no tree without changes";
}

TEST(BleAir, dialling_somebody_who_is_gone_costs_until_it_is_given_up) {
  BleParameters parameters;
  parameters.connect_fails = 0;
  Place place(2, 3, parameters);
  place.world.introduce(0, 1);
  place.near(0s, 1h, 0, 1);
  place.begin();
  place.world.send(0, 1, "is anybody there");
  const auto dials = [&](NodeIndex node) { return place.air->adapter(node).dial.has_value(); };
  ASSERT_TRUE(place.world.run_until([&] { return dials(0) || dials(1); }, 10s));
  const NodeIndex dialler = dials(0) ? 0 : 1;
  place.air->set_silent(1 - dialler, true);
  EXPECT_LT(place.air->use(dialler).dial_s, 1) << "it goes on";
  place.world.run_for(5s);
  EXPECT_GT(place.air->use(dialler).dial_s, 5 - 1e-6);
  place.world.run_for(10min);
  const BleUse use = place.air->use(dialler);
  EXPECT_EQ(use.dials, 1u);
  EXPECT_NEAR(use.dial_s, std::chrono::duration<double>(transport_ble::kDialPatience).count(), 1);
  EXPECT_GT(use.energy_mj(parameters), use.dial_s * parameters.dial_mw);
  EXPECT_EQ(place.air->use(dialler).dial_s, use.dial_s) << "asking costs nothing";
}

TEST(BleAir, who_is_off_neither_scans_nor_advertises_nor_dials) {
  BleParameters parameters;
  parameters.slots = 1;
  Place place(3, 7, parameters);
  place.world.introduce(0, 1);
  for (NodeIndex a = 0; a < 3; ++a) {
    for (NodeIndex b = a + 1; b < 3; ++b) place.near(0s, 10h, a, b);
  }
  place.begin();
  place.world.send(0, 1, "something waits to go");
  place.world.run_for(30s);
  place.air->set_power(0, false);
  place.world.set_power(0, false);
  const BleAdapter& adapter = place.air->adapter(0);
  EXPECT_FALSE(adapter.scanning || adapter.on_air || adapter.dial);
  const double scanned = place.air->use(0).scan_s;
  const std::uint64_t events = place.world.events();
  place.world.run_for(10min);
  EXPECT_FALSE(adapter.scanning || adapter.on_air || adapter.dial);
  EXPECT_EQ(place.air->use(0).scan_s, scanned);
  EXPECT_TRUE(adapter.connections.empty());
  EXPECT_LT(place.world.events() - events, 100'000u) << "time goes on by itself";
}

TEST(BleAir, whenever_it_is_switched_off_its_radio_is_off) {
  for (const auto seed : test::seeds(40)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    BleParameters parameters;
    parameters.slots = 1 + static_cast<std::uint32_t>(seed % 3);
    Place place(5, seed, parameters);
    for (NodeIndex a = 0; a < 5; ++a) {
      place.world.introduce(a, (a + 1) % 5);
      for (NodeIndex b = a + 1; b < 5; ++b) place.near(0s, 10h, a, b);
    }
    place.begin();
    place.world.run_for(std::chrono::seconds(5 + 3 * seed));
    for (NodeIndex node = 0; node < 5; ++node) place.air->set_power(node, false);
    for (NodeIndex node = 0; node < 5; ++node) {
      const BleAdapter& adapter = place.air->adapter(node);
      EXPECT_FALSE(adapter.scanning || adapter.on_air || adapter.dial) << "node " << node;
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(BleAir, in_a_crowd_too_dense_to_hear_anybody_time_goes_on) {
  BleParameters parameters;
  parameters.collisions = 100;
  Place place(40, 8, parameters);
  for (NodeIndex a = 0; a < 40; ++a) {
    for (NodeIndex b = a + 1; b < 40; ++b) place.near(0s, 10h, a, b);
  }
  place.begin();
  place.world.run_for(10min);
  EXPECT_EQ(place.air->use().links, 0u);
}

TEST(BleAir, the_radio_of_a_node_is_what_all_its_links_share) {
  Place place(3);
  for (const NodeIndex other : {1u, 2u}) {
    place.world.introduce(0, other);
    place.near(0s, 10h, 0, other);
  }
  place.begin();
  place.world.run_for(60s);
  const std::uint64_t before = place.air->use(0).bytes;
  for (int i = 0; i < 300; ++i) {
    place.world.send(0, 1 + static_cast<NodeIndex>(i % 2), std::string(2'000, 'x'));
  }
  place.world.run_for(10s);
  const double sent = static_cast<double>(place.air->use(0).bytes - before) / 10;
  const auto goodput = static_cast<double>(place.parameters.goodput_bytes_per_s);
  EXPECT_LT(sent, 1.05 * goodput);
  EXPECT_GT(sent, 0.7 * goodput);
}

/// People who come and go, crash, and switch Bluetooth off and on; then all meet all.
std::uint64_t storm(std::uint64_t seed) {
  constexpr std::uint32_t kNodes = 12;
  base::SeededRandom random(seed);
  BleParameters parameters;
  parameters.slots = 3;
  parameters.connect_fails = 0.2;
  Place place(kNodes, seed, parameters);
  std::map<std::pair<NodeIndex, NodeIndex>, bool> near;
  for (base::Duration at = 0s; at < 20min;
       at += std::chrono::microseconds(1 + random.below(4'000'000))) {
    const auto a = static_cast<NodeIndex>(random.below(kNodes));
    const auto b = static_cast<NodeIndex>(random.below(kNodes));
    if (a == b) continue;
    bool& now_near = near[std::minmax(a, b)];
    now_near = !now_near;
    place.contacts.changes.push_back({base::Time{} + at, std::min(a, b), std::max(a, b), now_near});
  }
  for (NodeIndex a = 0; a < kNodes; ++a) {
    place.world.introduce(a, (a + 1) % kNodes);
    for (NodeIndex b = a + 1; b < kNodes; ++b) {
      if (near[{a, b}]) continue;
      place.contacts.changes.push_back({base::Time{} + 20min, a, b, true});
    }
  }
  place.begin();
  std::uint64_t written = 0;
  for (base::Duration at = 0s; at < 20min; at += 10s) {
    place.world.run_for(10s);
    const auto who = static_cast<NodeIndex>(random.below(kNodes));
    switch (random.below(4)) {
      case 0:
        place.air->set_power(who, false);
        break;
      case 1:
        for (NodeIndex node = 0; node < kNodes; ++node) place.air->set_power(node, true);
        break;
      case 2:
        place.world.crash_and_restart(who);
        break;
      default:
        place.world.send(who, (who + 1) % kNodes, "in the storm " + std::to_string(++written));
        break;
    }
  }
  for (NodeIndex node = 0; node < kNodes; ++node) place.air->set_power(node, true);
  const auto stored = [&] {
    std::uint64_t all = 0;
    for (NodeIndex node = 0; node < kNodes; ++node) all += place.inbox(node);
    return all;
  };
  EXPECT_TRUE(place.world.run_until([&] { return stored() == 2 * written; }, 30min))
      << stored() << " of " << 2 * written;
  place.world.run_for(5min);
  for (NodeIndex node = 0; node < kNodes; ++node) {
    const BleAdapter& adapter = place.air->adapter(node);
    EXPECT_LE(adapter.manager.slots().size(), parameters.slots);
    std::size_t open = 0;
    for (const auto& [device, slot] : adapter.manager.slots().all()) {
      open += slot.state == transport_ble::Slot::State::kDialling ? 0u : 1u;
    }
    EXPECT_EQ(open, adapter.connections.size()) << "node " << node;
  }
  return place.world.event_hash();
}

TEST(BleAir, after_any_storm_all_has_arrived_and_slots_are_what_connections_are) {
  for (const auto seed : test::seeds(10)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    const std::uint64_t hash = storm(seed);
    if (seed == 1) {
      EXPECT_EQ(hash, storm(seed)) << "one seed, one history";
    }
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::sim
