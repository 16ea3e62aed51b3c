// SPDX-License-Identifier: Apache-2.0
// Afraid of: an answer that is an error, comes late or never, and a node that waits for it,
// believes it, or repeats itself without a pause.
#include <gtest/gtest.h>

#include "bluez_world.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Call = FakeBluez::Call;
using Manner = FakeBluez::Manner;

constexpr std::uint64_t kPeer = 0xC0FFEE000001;
constexpr const char* kMethods[] = {"RegisterApplication",
                                    "RegisterAdvertisement",
                                    "UnregisterAdvertisement",
                                    "SetDiscoveryFilter",
                                    "StartDiscovery",
                                    "StopDiscovery",
                                    "RemoveDevice",
                                    "Connect",
                                    "Disconnect",
                                    "GetManagedObjects"};

class BluezFaults : public ::testing::Test {
 protected:
  void come() {
    world.bluez.come();
    world.bluez.plug("hci0");
  }
  /// What becomes of calls of `member`; all others are as usual.
  void when(const std::string& member, const Manner& what) {
    world.bluez.manner = [member, what](const Call& call) {
      return call.member == member ? what : Manner{};
    };
  }
  void calm() {
    world.bluez.manner = [](const Call&) { return Manner{}; };
  }
  /// Somebody worth dialling is heard for so long.
  void hear(base::Duration duration, std::uint64_t address = kPeer) {
    for (base::Duration done{0}; done < duration; done += BluezWorld::kStep) {
      world.bluez.hear("hci0", address, BluezWorld::worth(address));
      world.run(BluezWorld::kStep);
    }
  }

  BluezWorld world;
};

TEST_F(BluezFaults, DiscoveryIsInProgress) {
  when("StartDiscovery", {.error = "org.bluez.Error.InProgress"});
  come();
  world.run(minutes(1));
  EXPECT_TRUE(world.advertises("hci0"));
  EXPECT_FALSE(world.manager("hci0").scanning());
  EXPECT_LE(world.bluez.calls("StartDiscovery"), 62U) << "a second between two tries";
  EXPECT_GE(world.bluez.calls("StartDiscovery"), 20U);
  calm();
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezFaults, BlueZIsBusyAndDoesNotStopScanning) {
  come();
  ASSERT_TRUE(world.works("hci0"));
  const auto dials = world.bluez.calls("Connect");
  when("StopDiscovery", {.error = "org.bluez.Error.InProgress"});
  hear(minutes(1));
  EXPECT_EQ(world.bluez.calls("Connect"), dials) << "nobody dials while it scans";
  calm();
  hear(seconds(5));
  EXPECT_TRUE(world.bluez.connected("hci0", kPeer));
}

TEST_F(BluezFaults, ADialIsInProgress) {
  come();
  ASSERT_TRUE(world.works("hci0"));
  when("Connect", {.error = "org.bluez.Error.InProgress"});
  const auto before = world.bluez.calls("Connect");
  hear(minutes(5));
  const auto dials = world.bluez.calls("Connect") - before;
  EXPECT_GE(dials, 3U);
  EXPECT_LE(dials, 9U) << "5 s, doubling up to 80 s";
  EXPECT_GE(world.bluez.calls("RemoveDevice"), dials) << "what failed is removed";
  calm();
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezFaults, ADialIsAbortedByLocal) {
  come();
  ASSERT_TRUE(world.works("hci0"));
  int failing = 3;
  world.bluez.manner = [&](const Call& call) {
    if (call.member != "Connect" || failing == 0) return Manner{};
    --failing;
    return Manner{.error = "org.bluez.Error.Failed", .after = seconds(1)};
  };
  hear(minutes(3));
  EXPECT_EQ(failing, 0);
  EXPECT_TRUE(world.bluez.connected("hci0", kPeer) || world.connections > 1);
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezFaults, APeerOutOfRangeIsCalledOffAfterEightSeconds) {
  come();
  ASSERT_TRUE(world.works("hci0"));
  world.bluez.reach = [](std::uint64_t) { return std::nullopt; };
  ASSERT_TRUE(world.until(
      [&] {
        world.bluez.hear("hci0", kPeer, BluezWorld::worth(kPeer));
        return world.manager("hci0").dialling();
      },
      seconds(20)));
  world.run(seconds(7));
  EXPECT_TRUE(world.manager("hci0").dialling());
  world.run(seconds(2));
  EXPECT_FALSE(world.manager("hci0").dialling());
  EXPECT_EQ(world.bluez.calls("RemoveDevice"), 1U);
  EXPECT_FALSE(world.bluez.everything().contains(FakeBluez::device_path("hci0", kPeer)));
}

TEST_F(BluezFaults, APolicyOfBluetoothdDeniesUs) {
  for (const char* error : {"org.bluez.Error.NotPermitted", "org.bluez.Error.NotAuthorized",
                            "org.freedesktop.DBus.Error.AccessDenied", "org.example.Error.New"}) {
    SCOPED_TRACE(error);
    world.bluez.manner = [error](const Call& call) {
      return call.member == "GetManagedObjects" ? Manner{} : Manner{.error = error};
    };
    if (!world.bluez.bus().here()) come();
    const auto before = world.failures.size();
    world.run(minutes(2));
    EXPECT_LE(world.failures.size() - before, 400U) << "not in a loop";
    EXPECT_GE(world.failures.size() - before, 20U);
    calm();
    EXPECT_TRUE(world.works("hci0"));
    world.bluez.unplug("hci0");
    world.bluez.plug("hci0");
  }
}

TEST(BluezPolicy, TheBusDeniesUs) {
  BluezWorld world(FakeBus::Policy::kDenyBluez);
  world.bluez.come();
  world.bluez.plug("hci0");
  world.run(minutes(5));
  EXPECT_FALSE(world.has("hci0"));
  EXPECT_EQ(world.bluez.calls("GetManagedObjects"), 0U);
  EXPECT_NE(world.problem.find("bluetoothd refuses us"), std::string::npos) << world.problem;
}

TEST_F(BluezFaults, NeverAnswersAndDoesNothing) {
  for (const char* method : kMethods) {
    SCOPED_TRACE(method);
    when(method, {.acts = false, .answers = false});
    if (!world.bluez.bus().here()) come();
    hear(minutes(2));
    calm();
    EXPECT_TRUE(world.works("hci0"));
  }
}

TEST_F(BluezFaults, NeverAnswersButDoesIt) {
  for (const char* method : kMethods) {
    SCOPED_TRACE(method);
    when(method, {.answers = false});
    if (!world.bluez.bus().here()) come();
    hear(minutes(2));
    calm();
    EXPECT_TRUE(world.works("hci0"));
  }
}

TEST_F(BluezFaults, AnswersAfterTheTimeOut) {
  for (const auto late : {kCommandPatience - BluezWorld::kStep, kCommandPatience,
                          kCommandPatience + BluezWorld::kStep, base::Duration(seconds(13))}) {
    for (const char* method : kMethods) {
      SCOPED_TRACE(std::string(method) + " after " + std::to_string(late.count()) + " us");
      if (!world.bluez.bus().here()) come();
      for (const Manner& how : {Manner{.after = late}, Manner{.answer_after = late}}) {
        when(method, how);
        hear(minutes(1));
        calm();
        EXPECT_TRUE(world.works("hci0"));
      }
    }
  }
}

TEST_F(BluezFaults, TheMachineSleepsWhileAnAnswerIsUnderWay) {
  // The node's clock counts the sleep, D-Bus does not: the command is late, and then answered.
  for (const char* method : kMethods) {
    SCOPED_TRACE(method);
    when(method, {.after = seconds(4)});
    if (!world.bluez.bus().here()) come();
    world.slack = minutes(10);
    for (int i = 0; i < 4; ++i) {
      world.bluez.unplug("hci0");
      world.bluez.plug("hci0");
      hear(seconds(1));
      world.time.suspend(seconds(15));
      if (world.has("hci0")) world.radio->find("hci0")->turn();
      hear(seconds(8));
    }
    calm();
    hear(minutes(1));
    world.slack = {};
    EXPECT_TRUE(world.works("hci0"));
  }
}

TEST_F(BluezFaults, TheFirstReadingFails) {
  for (const Manner& how : {Manner{.error = "org.freedesktop.DBus.Error.NoReply"},
                            Manner{.acts = false, .answers = false}, Manner{.acts = false}}) {
    when("GetManagedObjects", how);
    come();
    world.run(seconds(15));
    EXPECT_FALSE(world.has("hci0"));
    calm();
    EXPECT_TRUE(world.until([&] { return world.has("hci0"); }, seconds(20)))
        << "it is tried again soon";
    EXPECT_TRUE(world.works("hci0"));
    EXPECT_EQ(world.problem, "");
    world.bluez.go();
    world.settle();
  }
}

}  // namespace
}  // namespace chaski::transport_ble
