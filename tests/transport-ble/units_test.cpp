// SPDX-License-Identifier: Apache-2.0
// The parts of the manager one by one. Afraid of: a datum that says more than it should, a
// neighbour dialled out of turn, a slot given twice, a radio that never sleeps.
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "transport-ble/ble_datum.hpp"
#include "transport-ble/ble_heard.hpp"
#include "transport-ble/ble_rhythm.hpp"
#include "transport-ble/ble_slots.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr base::Time kStart{seconds(1000)};

Tag tag_of(std::uint8_t first) {
  Tag tag;
  tag.bytes[0] = first;
  return tag;
}

Digest digest_of(std::uint8_t first) {
  Digest digest;
  digest.bytes[0] = first;
  return digest;
}

TEST(BleDatum, TheExampleOfTheSpecification) {
  Datum datum;
  datum.tag.bytes = {0x8c, 0x01, 0xf3, 0x5a};
  datum.print = print_of(Digest{}, datum.tag);
  datum.dial_me = true;
  EXPECT_EQ(base::to_hex(encode(datum)), "118c01f35a282ffa");
  EXPECT_EQ(parse_datum(encode(datum)), datum);
}

TEST(BleDatum, OtherSizesAndVersionsAreIgnored) {
  auto bytes = encode(Datum{});
  EXPECT_TRUE(parse_datum(bytes));
  EXPECT_FALSE(parse_datum(base::ByteView(bytes).first(7)));
  EXPECT_FALSE(parse_datum({}));
  bytes[0] = 0x2F;
  EXPECT_FALSE(parse_datum(bytes));
  // Hints of the future are no reason not to meet.
  bytes[0] = 0x1C;
  EXPECT_TRUE(parse_datum(bytes));
}

TEST(BleDatum, APrintTiesNoTwoTagsTogether) {
  EXPECT_EQ(print_of(digest_of(1), tag_of(1)), print_of(digest_of(1), tag_of(1)));
  EXPECT_NE(print_of(digest_of(1), tag_of(1)), print_of(digest_of(1), tag_of(2)));
  EXPECT_NE(print_of(digest_of(1), tag_of(1)), print_of(digest_of(2), tag_of(1)));
}

struct Neighbourhood : testing::Test {
  base::SeededRandom random{1};
  HeardTable table{random};

  void hear(std::uint8_t tag, base::Time now, std::uint8_t holds = 9, bool no_slot = false,
            int rssi = -50) {
    Datum datum;
    datum.tag = tag_of(tag);
    datum.print = print_of(digest_of(holds), datum.tag);
    datum.no_slot = no_slot;
    table.hear(Device{tag}, datum, rssi, now);
  }
  std::uint8_t next(base::Time now) {
    const auto candidate = table.next(now);
    return candidate ? candidate->tag.bytes[0] : 0;
  }
};

TEST_F(Neighbourhood, ADeviceThatSaysAnotherTagHasNoOther) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  const auto hear_from_one_device = [&](std::uint8_t tag) {
    Datum datum;
    datum.tag = tag_of(tag);
    datum.print = print_of(digest_of(9), datum.tag);
    table.hear(Device{77}, datum, -50, kStart);
  };
  for (int tag = 20; tag < 60; ++tag) hear_from_one_device(static_cast<std::uint8_t>(tag));
  EXPECT_EQ(table.size(), 1);
  EXPECT_EQ(next(kStart), 59);
  // But for the one that is linked: that link still runs under the old tag.
  table.linked(tag_of(59), kStart);
  hear_from_one_device(60);
  hear_from_one_device(61);
  EXPECT_EQ(table.size(), 2);
}

TEST_F(Neighbourhood, TheSmallerTagDialsAtOnceTheLargerLater) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  hear(20, kStart);
  EXPECT_EQ(next(kStart), 20);
  table.clear();
  hear(5, kStart);
  EXPECT_EQ(next(kStart + kYield - milliseconds(1)), 0);
  EXPECT_EQ(table.next_at(kStart), kStart + kYield);
  EXPECT_EQ(next(kStart + kYield), 5);
}

TEST_F(Neighbourhood, WhoHoldsTheSameIsNotDialledUnlessWeAsk) {
  table.set_own(tag_of(10), digest_of(9), false, kStart);
  hear(20, kStart);
  EXPECT_EQ(next(kStart + minutes(1)), 0);
  table.set_own(tag_of(10), digest_of(9), true, kStart);
  EXPECT_EQ(next(kStart), 20);
}

TEST_F(Neighbourhood, PausesDoubleAndAnotherDatumDoesNotEndThem) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  hear(20, kStart);
  base::Time now = kStart;
  base::Duration before{0};
  for (int i = 0; i < 8; ++i) {
    table.dialled(tag_of(20), now);
    table.failed(tag_of(20), now);
    hear(20, now);
    const auto pause = *table.next_at(now) - now;
    EXPECT_GE(pause, kDialPauseMin);
    EXPECT_LE(pause, kDialPauseMax + kDialPauseMax / 4);
    EXPECT_GE(pause * 2, before);
    before = pause;
    now += pause;
  }
  EXPECT_GE(before, kDialPauseMax / 2);
  table.dialled(tag_of(20), now);
  hear(20, now, 8);
  EXPECT_EQ(next(now + kDialPauseMin - milliseconds(1)), 0);
  EXPECT_EQ(next(now + kDialPauseMin), 20);
}

TEST_F(Neighbourhood, WhoDidNotAnswerOrWasLostIsDialledAgainOnlyWhenHeardAgain) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  for (const bool was_linked : {false, true}) {
    SCOPED_TRACE(was_linked);
    hear(20, kStart);
    EXPECT_EQ(next(kStart), 20);
    table.dialled(tag_of(20), kStart);
    if (was_linked) {
      table.linked(tag_of(20), kStart);
      table.link_ended(tag_of(20), kStart);
    } else {
      table.failed(tag_of(20), kStart);
    }
    EXPECT_EQ(next(kStart + seconds(50)), 0);
    EXPECT_FALSE(table.next_at(kStart));
    hear(20, kStart + seconds(50));
    EXPECT_EQ(next(kStart + seconds(50)), 20);
    table.clear();
  }
}

TEST_F(Neighbourhood, AmongLinksWhoWasLinkedBeforeWaitsAndAStrangerDoesNot) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  for (std::uint8_t tag = 20; tag < 20 + kAmongLinks; ++tag) {
    hear(tag, kStart, 1);
    table.linked(tag_of(tag), kStart);
  }
  hear(30, kStart, 1);
  table.linked(tag_of(30), kStart);
  table.link_ended(tag_of(30), kStart);
  const base::Time now = kStart + seconds(20);
  hear(30, now);
  EXPECT_EQ(next(now), 0);
  EXPECT_EQ(table.next_at(now), now + kAmongWait);
  hear(31, now);
  EXPECT_EQ(next(now), 31) << "nobody knows what a stranger brings, and for how long";
  table.linked(tag_of(31), now);
  // What came to both meanwhile ends the wait; what comes after it begins another.
  hear(30, now + seconds(30), 1);
  EXPECT_FALSE(table.next_at(now + seconds(30)));
  hear(30, now + seconds(50), 8);
  EXPECT_EQ(table.next_at(now + seconds(50)), now + seconds(50) + kAmongWait);
  hear(30, now + seconds(80), 7);
  EXPECT_EQ(next(now + seconds(50) + kAmongWait), 30) << "another difference is no new wait";
  // With fewer links, and who is asked for, at once.
  hear(30, now + seconds(120), 1);
  hear(30, now + seconds(121), 9);
  EXPECT_EQ(next(now + seconds(121)), 0);
  table.link_ended(tag_of(20), now + seconds(121));
  table.link_ended(tag_of(31), now + seconds(121));
  EXPECT_EQ(next(now + seconds(121)), 30);
}

TEST_F(Neighbourhood, WhoWaitedLongestComesFirstThenTheStronger) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  hear(20, kStart, 9, false, -70);
  hear(21, kStart, 9, false, -40);
  EXPECT_EQ(next(kStart), 21);
  table.linked(tag_of(21), kStart);
  table.link_ended(tag_of(21), kStart + seconds(1));
  EXPECT_EQ(next(kStart + seconds(20)), 20);
}

TEST_F(Neighbourhood, WhoHasNoSlotIsDialledOnceByTheSmallerTag) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  hear(5, kStart, 9, true);
  EXPECT_EQ(next(kStart + minutes(1)), 0);
  hear(20, kStart, 9, true);
  EXPECT_EQ(next(kStart), 20);
  table.linked(tag_of(20), kStart);
  table.link_ended(tag_of(20), kStart);
  EXPECT_EQ(next(kStart + minutes(1)), 0);
}

TEST_F(Neighbourhood, AClaimHoldsForAWhileAndFromTheSameDeviceForGood) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  hear(20, kStart);
  hear(21, kStart);
  table.claimed(tag_of(20), Device{77}, kStart);
  table.claimed(tag_of(21), Device{21}, kStart);
  EXPECT_EQ(next(kStart), 0);
  EXPECT_EQ(next(kStart + kClaimHolds), 20);
  table.leave_alone(tag_of(20));
  EXPECT_EQ(next(kStart + kClaimHolds), 0);
}

// Somebody heard a minute ago was dialled, forgotten while the dial ran, heard again and dialled
// again two seconds later (storm seed 67).
TEST_F(Neighbourhood, NobodyIsForgottenWhileAPauseRuns) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  hear(20, kStart);
  const auto dialled = kStart + kSilence - seconds(1);
  EXPECT_EQ(next(dialled), 20);
  table.dialled(tag_of(20), dialled);
  EXPECT_TRUE(table.forget_silent(dialled + seconds(2)).empty());
  hear(20, dialled + seconds(2));
  EXPECT_EQ(next(dialled + seconds(2)), 0);
  EXPECT_EQ(next(dialled + kDialPauseMin), 20);
}

TEST_F(Neighbourhood, WhoIsSilentIsNotDialled) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  hear(20, kStart);
  EXPECT_EQ(next(kStart + kSilence - seconds(1)), 20);
  EXPECT_EQ(next(kStart + kSilence), 0);
}

TEST_F(Neighbourhood, IsBoundedAndForgetsWhoIsSilent) {
  table.set_own(tag_of(10), digest_of(1), false, kStart);
  for (std::size_t i = 0; i < 2 * kHeardMax; ++i) {
    Datum datum;
    datum.tag.bytes = {1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 0};
    table.hear(Device{i}, datum, -50, kStart + seconds(i));
    EXPECT_LE(table.size(), kHeardMax);
  }
  const auto devices = table.forget_silent(kStart + seconds(2 * kHeardMax) + kSilence);
  EXPECT_EQ(devices.size(), kHeardMax);
  EXPECT_EQ(table.size(), 0U);
}

TEST(BleSlots, StrangersHaveAQuarterAndAtLeastOne) {
  SlotTable slots(8);
  slots.take(Device{1}, Slot::State::kOpen, false, kStart);
  EXPECT_TRUE(slots.room_for_stranger());
  slots.take(Device{2}, Slot::State::kOpen, false, kStart);
  EXPECT_FALSE(slots.room_for_stranger());
  slots.find(Device{1})->neighbour = Neighbour{};
  EXPECT_TRUE(slots.room_for_stranger());
  SlotTable one(1);
  EXPECT_TRUE(one.room_for_stranger());
  one.take(Device{1}, Slot::State::kDialling, true, kStart);
  EXPECT_FALSE(one.room_for_stranger());
}

TEST(BleSlots, TheIdleAndThenTheOldestGiveWay) {
  SlotTable slots(3);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    slots.take(Device{i}, Slot::State::kOpen, true, kStart + seconds(i));
  }
  EXPECT_FALSE(slots.give_way(kStart + seconds(4)));
  // The first has something waiting, so the second goes before it.
  slots.find(Device{1})->waiting = true;
  EXPECT_EQ(slots.give_way(kStart + seconds(8)), Device{2});
  // Who carries keeps the slot, for half a minute.
  const auto busy = kStart + seconds(20);
  for (auto& [device, slot] : slots.all()) slot.last_carried = busy;
  EXPECT_FALSE(slots.give_way(busy + seconds(1)));
  EXPECT_EQ(slots.next_give_way(busy), busy + kIdleTurn);
  for (auto& [device, slot] : slots.all()) slot.last_carried = kStart + seconds(40);
  EXPECT_EQ(slots.give_way(kStart + seconds(33)), Device{2});
}

TEST(BleRhythm, TheTableOfTheSpecification) {
  const auto rhythm = [](bool battery, bool waiting, bool full, std::size_t heard,
                         base::Duration alone) {
    return rhythm_of({battery, waiting, full, heard, alone});
  };
  const Rhythm eager{milliseconds(100), seconds(10), seconds(10)};
  EXPECT_EQ(rhythm(false, true, false, 3, seconds(0)), eager);
  EXPECT_EQ(rhythm(false, false, false, 0, seconds(30)), eager);
  EXPECT_EQ(rhythm(false, false, false, 3, seconds(0)),
            (Rhythm{milliseconds(250), seconds(3), seconds(10)}));
  EXPECT_EQ(rhythm(false, false, false, 0, minutes(5)),
            (Rhythm{milliseconds(250), seconds(3), seconds(10)}));
  EXPECT_EQ(rhythm(false, false, false, 0, minutes(11)),
            (Rhythm{milliseconds(250), seconds(1), seconds(10)}));
  EXPECT_EQ(rhythm(true, false, false, 0, seconds(1)),
            (Rhythm{milliseconds(500), seconds(1), seconds(15)}));
  EXPECT_EQ(rhythm(false, false, true, 3, seconds(0)),
            (Rhythm{seconds(1), seconds(0), seconds(0)}));
}

TEST(BleRhythm, ACrowdKeepsThreeMillisecondsForEach) {
  for (std::size_t heard = 0; heard <= kHeardMax; ++heard) {
    const auto rhythm = rhythm_of({false, true, false, heard, seconds(0)});
    EXPECT_GE(rhythm.advertise_every, milliseconds(3) * heard);
    EXPECT_LE(rhythm.advertise_every, milliseconds(100) + milliseconds(3) * heard);
  }
}

}  // namespace
}  // namespace chaski::transport_ble
