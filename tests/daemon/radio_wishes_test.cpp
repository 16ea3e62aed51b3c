// SPDX-License-Identifier: Apache-2.0
// What the radio is told. Afraid of: nodes that hold the same and dial each other all day, a radio
// that never rests, and a phone that is drained because nobody saw that it ran on its battery.
#include "daemon/radio_wishes.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/random.hpp"
#include "daemon/power_supply.hpp"
#include "node/memory_node_store.hpp"
#include "tests/daemon/temporary_folder.hpp"

namespace chaski::daemon {
namespace {

using namespace std::chrono_literals;

class PowerSupply : public testing::Test {
 protected:
  void supply(const std::string& name, const std::map<std::string, std::string>& says) {
    std::filesystem::create_directory(folder.path() + "/" + name);
    for (const auto& [file, text] : says) {
      std::ofstream(folder.path() + "/" + name + "/" + file) << text << "\n";
    }
  }
  bool battery() const { return runs_on_battery(folder.path()); }
  TemporaryFolder folder;
};

TEST_F(PowerSupply, AMachineWithoutBatteryDoesNotRunOnIt) {
  EXPECT_FALSE(battery());
  EXPECT_FALSE(runs_on_battery(folder.path() + "/missing"));
  supply("AC", {{"type", "Mains"}, {"online", "1"}});
  EXPECT_FALSE(battery());
}

TEST_F(PowerSupply, ABatteryThatDischargesIsOne) {
  supply("BAT0", {{"type", "Battery"}, {"status", "Full"}});
  EXPECT_FALSE(battery());
  supply("BAT0", {{"status", "Discharging"}});
  EXPECT_TRUE(battery());
  supply("AC", {{"type", "Mains"}, {"online", "0"}});
  EXPECT_TRUE(battery());
  supply("USB", {{"type", "USB"}, {"online", "1"}});
  EXPECT_FALSE(battery()) << "plugged in";
}

TEST_F(PowerSupply, TheBatteryOfAMouseIsNotTheMachines) {
  supply("mouse", {{"type", "Battery"}, {"status", "Discharging"}, {"scope", "Device"}});
  EXPECT_FALSE(battery());
}

class Wishing : public testing::Test {
 protected:
  base::SeededRandom random{1};
  node::MemoryNodeStore store{1u << 20};
  base::Time now = base::from_us(3'600'000'000);
  node::NodeConfig config;
  std::unique_ptr<node::Node> node = std::make_unique<node::Node>(config, store, random, now);
  RadioWishes wishes;

  auto look() { return wishes.look(*node, false, now); }
};

TEST_F(Wishing, AreToldWhenTheyChange) {
  const auto first = look();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->held, transport_ble::Digest());
  EXPECT_FALSE(first->asking || first->waiting || first->on_battery);
  EXPECT_FALSE(look()) << "nothing is new";
  EXPECT_TRUE(wishes.look(*node, true, now)->on_battery);
}

TEST_F(Wishing, SomethingNewIsInAHurryForAMinute) {
  look();
  ASSERT_TRUE(node->create_identity("anna"));
  ASSERT_TRUE(node->flush(now));
  const auto link = node->invite(now);
  ASSERT_TRUE(link);
  base::SeededRandom other_random(2);
  node::MemoryNodeStore other_store(1u << 20);
  node::Node other(config, other_store, other_random, now);
  ASSERT_TRUE(other.create_identity("bert"));
  const auto answer = other.add(*link, "", now, {});
  ASSERT_TRUE(answer);
  ASSERT_TRUE(node->add(*answer->answer_link, "", now, {}));
  ASSERT_TRUE(node->send("bert", "hello", {}, now, {}));
  ASSERT_TRUE(node->flush(now));
  const auto hurried = look();
  ASSERT_TRUE(hurried);
  EXPECT_TRUE(hurried->waiting);
  EXPECT_NE(hurried->held, transport_ble::Digest());
  now += RadioWishes::kHurry;
  const auto later = look();
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->waiting);
  EXPECT_EQ(later->held, hurried->held);
}

TEST_F(Wishing, WhoPairsWantsToBeDialled) {
  look();
  ASSERT_TRUE(node->create_identity("anna"));
  ASSERT_TRUE(node->start_pairing("", now));
  const auto asking = look();
  ASSERT_TRUE(asking);
  EXPECT_TRUE(asking->asking);
}

}  // namespace
}  // namespace chaski::daemon
