// SPDX-License-Identifier: Apache-2.0
// The manager against a BlueZ that the test plays by hand. Afraid of: an order that BlueZ punishes,
// a state that nothing leads out of, an advertisement that outlives its address.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "base/random.hpp"
#include "transport-ble/ble_link_manager.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::seconds;

constexpr Device kPeer{77};

struct Manager : testing::Test {
  base::SeededRandom random{7};
  BleLinkManager manager{2, random};
  base::Time now{seconds(1000)};
  std::vector<Command> given;

  void pull() {
    while (const auto command = manager.next_command(now)) given.push_back(*command);
  }
  void later(base::Duration duration) {
    const auto end = now + duration;
    for (auto at = manager.next_wakeup(now); at && *at <= end; at = manager.next_wakeup(now)) {
      now = *at;
      manager.wake(now);
      pull();
    }
    now = end;
    manager.wake(now);
    pull();
  }
  /// The first command of that kind that was given and not looked at yet.
  std::optional<Command> take(Verb verb) {
    pull();
    const auto it = std::find_if(given.begin(), given.end(),
                                 [&](const Command& command) { return command.verb == verb; });
    if (it == given.end()) return std::nullopt;
    const Command command = *it;
    given.erase(it);
    return command;
  }
  Command answer(Verb verb, Answer answer = Answer::kDone) {
    const auto command = take(verb);
    EXPECT_TRUE(command) << "no command " << static_cast<int>(verb);
    if (command) manager.answered(command->id, answer, now);
    return command.value_or(Command{});
  }
  static auto is(Verb verb) {
    return [verb](const Command& command) { return command.verb == verb; };
  }
  /// What was asked for in that time, all of it done at once.
  std::vector<Command> obeyed(base::Duration duration) {
    std::vector<Command> done;
    const auto end = now + duration;
    while (true) {
      for (pull(); !given.empty(); pull()) {
        for (const Command& command : std::exchange(given, {})) {
          manager.answered(command.id, Answer::kDone, now);
          done.push_back(command);
        }
      }
      const auto at = manager.next_wakeup(now);
      if (!at || *at > end) break;
      now = *at;
    }
    now = end;
    return done;
  }
  /// Up to where it advertises and scans.
  Datum start(bool extended = false) {
    manager.adapter(BleLinkManager::Adapter::kReady, extended, now);
    answer(Verb::kWithdraw);  // what an earlier life may have left
    answer(Verb::kStopScan);
    answer(Verb::kRegister);
    const auto advertised = answer(Verb::kAdvertise);
    answer(Verb::kStartScan);
    EXPECT_TRUE(manager.advertising());
    EXPECT_TRUE(manager.scanning());
    return advertised.datum;
  }
  void hear_peer() {
    Datum datum;
    datum.tag.bytes = {0xFF, 0xFF, 0xFF, 0xFF};  // we dial at once
    datum.print.bytes = {1, 2, 3};
    manager.heard(kPeer, datum, -50, now);
  }
  void dial() {
    hear_peer();
    EXPECT_FALSE(take(Verb::kDial)) << "a dial beside a scan";
    answer(Verb::kStopScan);
  }
};

TEST_F(Manager, DoesNothingWithoutAnAdapter) {
  hear_peer();
  EXPECT_FALSE(manager.next_command(now));
  EXPECT_FALSE(manager.next_wakeup(now));
  EXPECT_FALSE(manager.connected(kPeer, now));
}

TEST_F(Manager, DialsAfterTheScanHasStoppedAndScansAfterTheDial) {
  start();
  dial();
  const auto command = take(Verb::kDial);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->device, kPeer);
  later(seconds(5));
  EXPECT_FALSE(take(Verb::kStartScan));
  manager.answered(command->id, Answer::kDone, now);
  EXPECT_EQ(manager.slots().open(), 1U);
  EXPECT_TRUE(take(Verb::kStartScan));
}

TEST_F(Manager, ADialThatDoesNotEndIsCalledOffThenRemoved) {
  start();
  dial();
  ASSERT_TRUE(take(Verb::kDial));
  later(kDialPatience);
  EXPECT_EQ(answer(Verb::kCallOff, Answer::kFailed).device, kPeer);
  later(kCallOffPatience);
  EXPECT_EQ(manager.slots().size(), 1U);
  EXPECT_EQ(answer(Verb::kRemove).device, kPeer);
  EXPECT_EQ(manager.slots().size(), 0U);
  EXPECT_FALSE(manager.dialling());
  EXPECT_TRUE(take(Verb::kStartScan));
}

TEST_F(Manager, AFailedDialFreesTheSlotAndRemovesTheDevice) {
  start();
  dial();
  answer(Verb::kDial, Answer::kFailed);
  EXPECT_EQ(manager.slots().size(), 0U);
  EXPECT_EQ(take(Verb::kRemove)->device, kPeer);
}

TEST_F(Manager, AHungUpLinkKeepsItsSlotUntilBluezSaysOtherwise) {
  start();
  ASSERT_TRUE(manager.connected(kPeer, now));
  manager.close(kPeer, now);
  for (int i = 0; i < BleLinkManager::kHangUpsMax; ++i) {
    answer(Verb::kHangUp);
    EXPECT_EQ(manager.slots().size(), 1U);
    later(kCommandPatience);
  }
  EXPECT_TRUE(take(Verb::kRemove)) << "hanging up does not help";
  manager.disconnected(kPeer, now);
  EXPECT_EQ(manager.slots().size(), 0U);
}

TEST_F(Manager, ALinkThatNobodyAuthenticatesGoes) {
  start();
  ASSERT_TRUE(manager.connected(kPeer, now));
  EXPECT_FALSE(manager.connected(Device{78}, now)) << "one stranger at a time with two slots";
  EXPECT_EQ(take(Verb::kHangUp)->device, Device{78});
  manager.disconnected(Device{78}, now);
  later(BleLinkManager::kStrangerMax);
  EXPECT_EQ(take(Verb::kHangUp)->device, kPeer);
}

TEST_F(Manager, ReconcilesBothWays) {
  start();
  ASSERT_TRUE(manager.connected(kPeer, now));
  const Device unknown{99};
  manager.reconcile(std::vector{unknown}, now);
  EXPECT_EQ(manager.slots().size(), 0U);
  EXPECT_EQ(take(Verb::kHangUp)->device, unknown);
}

TEST_F(Manager, WhatWasLateIsUndoneBeforeItIsAskedForAgain) {
  manager.adapter(BleLinkManager::Adapter::kReady, false, now);
  answer(Verb::kWithdraw);
  answer(Verb::kStopScan);
  answer(Verb::kRegister);
  const auto lost = take(Verb::kStartScan);
  ASSERT_TRUE(lost);
  later(kCommandPatience + BleLinkManager::kRetryPause);
  EXPECT_FALSE(take(Verb::kStartScan));
  answer(Verb::kStopScan, Answer::kFailed);
  later(BleLinkManager::kRetryPause);
  manager.answered(lost->id, Answer::kDone, now);  // too late to count
  EXPECT_TRUE(take(Verb::kStartScan));
}

TEST_F(Manager, LegacyAddressesAreGivenTimeToChange) {
  const Datum first = start(false);
  for (const Command& command : obeyed(kAddressAge - kQuietBefore - seconds(1))) {
    EXPECT_NE(command.verb, Verb::kWithdraw);
    EXPECT_TRUE(command.verb != Verb::kAdvertise || command.datum.tag == first.tag);
  }
  auto quiet = obeyed(seconds(2));
  EXPECT_EQ(std::count_if(quiet.begin(), quiet.end(), is(Verb::kWithdraw)), 1);
  // Who scans or dials now takes the address of the next period into this one.
  Datum worth;
  worth.tag.bytes.fill(0xff);
  worth.dial_me = true;
  manager.heard(Device{77}, worth, -50, now);
  quiet = obeyed(kQuietBefore + kAddressSlack - seconds(2));
  for (const Verb verb : {Verb::kAdvertise, Verb::kStartScan, Verb::kDial}) {
    EXPECT_EQ(std::count_if(quiet.begin(), quiet.end(), is(verb)), 0) << to_string(verb);
  }
  const auto after = obeyed(seconds(2));
  const auto second = std::find_if(after.begin(), after.end(), is(Verb::kAdvertise));
  ASSERT_NE(second, after.end());
  EXPECT_NE(second->datum.tag, first.tag);
  EXPECT_NE(second->datum.print, first.print);
}

TEST_F(Manager, WhoPassesByStaysWhileTheyAreFew) {
  start(true);
  for (std::uint64_t who = 1; who <= 5; ++who) {
    manager.passes_by(Device{who}, now);
    now += seconds(1);
  }
  EXPECT_TRUE(manager.connected(Device{4}, now)) << "he speaks after all";
  const auto commands = obeyed(seconds(21));
  std::set<std::uint64_t> hung_up;
  for (const Command& command : commands) {
    if (command.verb == Verb::kHangUp) hung_up.insert(command.device.value);
  }
  hung_up.erase(4);  // a stranger on a link: another rule
  EXPECT_EQ(hung_up, (std::set<std::uint64_t>{3, 5}));

  // Until they are gone they are hung up again; who left makes room for the next.
  manager.disconnected(Device{3}, now);
  manager.disconnected(Device{5}, now);
  manager.disconnected(Device{1}, now);
  manager.passes_by(Device{6}, now);
  const auto later = obeyed(seconds(60));
  EXPECT_FALSE(std::any_of(later.begin(), later.end(), [](const Command& command) {
    return command.verb == Verb::kHangUp && command.device.value != 4;
  }));
}

TEST_F(Manager, WhoPassesByIsNoLeftoverOfAnotherProcess) {
  start(true);
  manager.passes_by(Device{1}, now);
  manager.passes_by(Device{2}, now);
  manager.passes_by(Device{3}, now);
  const std::array connected{Device{1}, Device{2}};  // 3 left, and nobody said so
  manager.reconcile(connected, now);
  const auto commands = obeyed(seconds(60));
  EXPECT_EQ(std::count_if(commands.begin(), commands.end(), is(Verb::kHangUp)), 0);
}

TEST_F(Manager, ARotationThatIsAskedForLeavesALegacyNodeItsEars) {
  start(false);
  manager.rotate(now);
  Datum worth;
  worth.tag.bytes.fill(0xff);
  worth.dial_me = true;
  manager.heard(Device{77}, worth, -50, now);
  const auto meanwhile = obeyed(seconds(60));
  EXPECT_EQ(std::count_if(meanwhile.begin(), meanwhile.end(), is(Verb::kWithdraw)), 1);
  EXPECT_EQ(std::count_if(meanwhile.begin(), meanwhile.end(), is(Verb::kAdvertise)), 0);
  EXPECT_GE(std::count_if(meanwhile.begin(), meanwhile.end(), is(Verb::kDial)), 1);
}

TEST_F(Manager, ExtendedAddressesChangeBeforeTheKernelWouldChangeThem) {
  const Datum first = start(true);
  for (const Command& command : obeyed(kAddressAge - kAddressSlack - seconds(1))) {
    EXPECT_NE(command.verb, Verb::kWithdraw);
  }
  const auto after = obeyed(seconds(2));
  EXPECT_EQ(std::count_if(after.begin(), after.end(), is(Verb::kWithdraw)), 1);
  const auto second = std::find_if(after.begin(), after.end(), is(Verb::kAdvertise));
  ASSERT_NE(second, after.end());
  EXPECT_NE(second->datum.tag, first.tag);
}

TEST_F(Manager, ExtendedAddressesChangeWhenAsked) {
  const Datum first = start(true);
  later(seconds(20));
  manager.rotate(now);
  answer(Verb::kWithdraw);
  EXPECT_NE(answer(Verb::kAdvertise).datum.tag, first.tag);
}

TEST_F(Manager, ThePrintOfAPeriodChangesEveryTenSecondsAtMost) {
  const Datum first = start();
  given.clear();
  BleLinkManager::Wishes wishes;
  wishes.held.bytes[0] = 1;
  manager.wish(wishes, now);
  later(seconds(0));
  const auto changed = answer(Verb::kAdvertise);
  EXPECT_EQ(changed.datum.tag, first.tag);
  EXPECT_NE(changed.datum.print, first.print) << "for the first time at once";
  given.clear();
  wishes.held.bytes[0] = 2;
  manager.wish(wishes, now);
  later(kPrintPause - seconds(1));
  EXPECT_FALSE(take(Verb::kAdvertise));
  later(seconds(1));
  const auto again = answer(Verb::kAdvertise);
  EXPECT_EQ(again.datum.tag, first.tag);
  EXPECT_NE(again.datum.print, changed.datum.print);
}

TEST_F(Manager, LosesEverythingWithThePowerAndBeginsAnew) {
  const Datum first = start();
  ASSERT_TRUE(manager.connected(kPeer, now));
  manager.adapter(BleLinkManager::Adapter::kOff, false, now);
  EXPECT_EQ(manager.slots().size(), 0U);
  EXPECT_EQ(manager.pending().size(), 0U);
  EXPECT_FALSE(manager.next_command(now));
  given.clear();
  manager.adapter(BleLinkManager::Adapter::kReady, false, now);
  answer(Verb::kWithdraw, Answer::kFailed);
  later(BleLinkManager::kRetryPause);
  EXPECT_FALSE(take(Verb::kRegister)) << "bluetoothd still has the service";
  EXPECT_NE(answer(Verb::kAdvertise).datum.tag, first.tag);
}

TEST_F(Manager, WhatNobodyKnowsToBeDoneIsUndoneBeforeItIsAskedForAgain) {
  start();
  hear_peer();
  answer(Verb::kStopScan, Answer::kUnsure);
  EXPECT_TRUE(manager.scanning());
  EXPECT_FALSE(take(Verb::kDial)) << "it may be scanning";
  EXPECT_FALSE(take(Verb::kStopScan)) << "in a loop";
  later(seconds(1));
  answer(Verb::kStopScan);
  EXPECT_TRUE(take(Verb::kDial));
}

}  // namespace
}  // namespace chaski::transport_ble
