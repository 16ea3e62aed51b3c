// SPDX-License-Identifier: Apache-2.0
// One lane. Afraid of: a frame that is lost, doubled or out of order without a word; a packet of
// somebody else that is taken for ours; a text that waits behind a file; memory without a bound.
// CHASKI_SEED replays one storm, CHASKI_SEEDS says how many there are.
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "lane_world.hpp"
#include "tests/seeds.hpp"
#include "transport-ble/ble_lane_table.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr base::Time kStart{seconds(1000)};
constexpr std::size_t kPacket = 510;

base::Bytes frame_of(base::Random& random, std::size_t size) {
  base::Bytes frame(size);
  random.fill(frame);
  return frame;
}

/// So many frames of random sizes, now and then none for a while.
std::function<base::Bytes()> talk(base::Random& random, std::size_t frames) {
  return [&random, left = frames]() mutable {
    if (left == 0) return base::Bytes();
    --left;
    const auto size = random.below(4) == 0 ? kLaneFrameSizeMax : 1 + random.below(300);
    return frame_of(random, size);
  };
}

std::vector<base::Bytes> packets(Lane& lane, base::Time now) {
  std::vector<base::Bytes> out;
  base::Bytes buffer(lane.packet_size_max());
  while (const auto size = lane.next_packet(buffer, now)) {
    out.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return out;
}

TEST(BleLane, TheExampleOfTheSpecification) {
  Lane lane(20), other(20);
  lane.send(base::as_bytes("hello, other side!"));
  auto first = packets(lane, kStart);
  ASSERT_EQ(first.size(), 1U) << "the first goes alone";
  EXPECT_EQ(base::to_hex(first[0]), "00000168656c6c6f2c206f746865722073696465");
  other.receive(first[0], kStart);
  EXPECT_TRUE(packets(other, kStart).empty()) << "something may go with it";
  auto acknowledgement = packets(other, kStart + milliseconds(50));
  ASSERT_EQ(acknowledgement.size(), 1U);
  EXPECT_EQ(base::to_hex(acknowledgement[0]), "000100");
  lane.receive(acknowledgement[0], kStart + milliseconds(50));
  auto second = packets(lane, kStart + milliseconds(50));
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(base::to_hex(second[0]), "01000221");
  other.receive(second[0], kStart + milliseconds(50));
  const auto frame = other.next_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(base::as_text(*frame), "hello, other side!");
}

TEST(BleLane, WhatComesBackCarriesTheAcknowledgement) {
  Lane lane(kPacket), other(kPacket);
  lane.send(base::as_bytes("a"));
  other.receive(packets(lane, kStart).at(0), kStart);
  other.send(base::as_bytes("b"));
  lane.receive(packets(other, kStart).at(0), kStart);
  EXPECT_TRUE(lane.idle());
  EXPECT_TRUE(packets(other, kStart + milliseconds(100)).empty());
}

TEST(BleLane, TheLargestFrameIsOfWholePackets) {
  EXPECT_EQ(Lane(20).frame_size_max(), 2040U);
  EXPECT_EQ(Lane(244).frame_size_max(), 1928U);
  EXPECT_EQ(Lane(510).frame_size_max(), 2028U);
  EXPECT_EQ(Lane(65532).packet_size_max(), 510U);
}

TEST(BleLane, NothingIsAcknowledgedForSoLongThatItIsDead) {
  Lane lane(kPacket);
  lane.send(base::as_bytes("anybody?"));
  std::size_t sent = packets(lane, kStart).size();
  std::vector<std::int64_t> after_ms;
  auto now = kStart;
  while (const auto at = lane.next_wakeup()) {
    ASSERT_GT(*at, now);
    after_ms.push_back(std::chrono::duration_cast<milliseconds>(*at - now).count());
    now = *at;
    sent += packets(lane, now).size();
  }
  EXPECT_EQ(sent, 9U);
  EXPECT_EQ(after_ms,
            (std::vector<std::int64_t>{300, 600, 1200, 2400, 4800, 5000, 5000, 5000, 5000}));
  EXPECT_TRUE(lane.dead());
  EXPECT_FALSE(lane.room());
}

TEST(BleLane, WhateverTheAirDoesAllFramesArriveInOrder) {
  for (const auto seed : test::seeds(60)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    Air air;
    air.loss = random.unit() * 0.3;
    air.doubling = random.unit() * 0.3;
    air.delay = milliseconds(random.below(100));
    air.jitter = milliseconds(random.below(150));
    const std::size_t size = random.below(2) == 0 ? 20 : 20 + random.below(491);
    LaneWorld world(size, air, seed);
    for (auto& end : world.ends) end.next = talk(random, size < 100 ? 60 : 200);
    world.run(world.now() + std::chrono::hours(24));
    EXPECT_EQ(world.compare(), "");
    // With a third lost each way there is a chance that nine tries in a row are.
    EXPECT_TRUE(world.complete() || world.ends[0].lane.dead() || world.ends[1].lane.dead());
    EXPECT_TRUE(world.complete() || air.loss > 0.1) << "hardly anything was lost";
    for (const auto& end : world.ends) {
      EXPECT_STRNE(end.lane.why_dead(), "it broke the rules of a lane");
      EXPECT_LE(end.lane.dropped(), 2U) << "only what came very late";
    }
  }
}

TEST(BleLane, NumbersGoRoundManyTimes) {
  Air air;
  air.loss = 0.02;
  air.jitter = milliseconds(40);
  LaneWorld world(20, air, 7);
  for (auto& end : world.ends) end.next = talk(world.random, 300);
  world.run(world.now() + minutes(60));
  EXPECT_TRUE(world.complete());
  EXPECT_GT(world.ends[0].packets, 20U * 256);
}

TEST(BleLane, DeadAirKillsItAndNothingArrivesTwice) {
  for (const auto seed : test::seeds(20)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    LaneWorld world(200, Air{}, seed);
    world.ends[0].next = talk(world.random, 100'000);
    world.run(world.now() + milliseconds(1 + world.random.below(3000)));
    world.air.loss = 1;
    world.run(world.now() + minutes(2));
    EXPECT_TRUE(world.ends[0].lane.dead());
    EXPECT_EQ(world.compare(), "");
  }
}

TEST(BleLane, AStallOfSecondsIsOutlived) {
  LaneWorld world(kPacket, Air{}, 3);
  world.air.bytes_per_s = 40'000;
  world.ends[0].next = talk(world.random, 400);
  world.run(world.now() + seconds(1));
  world.air.delay = seconds(4);
  world.run(world.now() + seconds(1));
  world.air.delay = milliseconds(10);
  world.run(world.now() + minutes(5));
  EXPECT_TRUE(world.complete());
  EXPECT_LT(world.ends[0].lane.sent_again(), 40U);
}

/// How long a text waits that is sent while a file runs, the longest of many.
base::Duration longest_wait(Air air, std::size_t packet, std::uint64_t seed, double* per_s) {
  LaneWorld world(packet, air, seed);
  std::vector<std::size_t> texts;
  auto next_text = world.now() + seconds(2);
  std::vector<base::Duration> waited;
  const auto began = world.now();
  world.ends[0].next = [&] {
    if (world.now() < next_text) return frame_of(world.random, world.ends[0].lane.frame_size_max());
    texts.push_back(world.ends[0].sent.size());
    waited.push_back(world.now() - next_text);
    next_text += milliseconds(200 + world.random.below(1000));
    return frame_of(world.random, 300);
  };
  world.run(world.now() + seconds(60));
  std::size_t bytes = 0;
  base::Duration longest{};
  for (const auto& frame : world.ends[1].got) bytes += frame.size();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] >= world.ends[1].got.size()) continue;
    longest = std::max(
        longest, waited[i] + (world.ends[1].got_at[texts[i]] - world.ends[0].sent_at[texts[i]]));
  }
  const auto took = std::chrono::duration<double>(world.now() - began).count();
  *per_s = static_cast<double>(bytes) / took;
  return longest;
}

TEST(BleLane, ATextOvertakesARunningFileAndTheFileRunsAtFullSpeed) {
  struct Case {
    std::size_t bytes_per_s, packet;
    milliseconds delay, at_most;
  };
  for (const auto& [bytes_per_s, packet, delay, at_most] :
       {Case{40'000, 510, milliseconds(10), milliseconds(300)},
        Case{40'000, 510, milliseconds(40), milliseconds(300)},
        Case{40'000, 241, milliseconds(20), milliseconds(300)},
        Case{100'000, 510, milliseconds(20), milliseconds(300)},
        Case{10'000, 510, milliseconds(20), milliseconds(600)},
        Case{4'000, 20, milliseconds(30), milliseconds(1000)}}) {
    for (const auto seed : test::seeds(3)) {
      SCOPED_TRACE(std::to_string(bytes_per_s) + " B/s, CHASKI_SEED=" + std::to_string(seed));
      Air air;
      air.bytes_per_s = bytes_per_s;
      air.delay = delay;
      double per_s = 0;
      const auto waited = longest_wait(air, packet, seed, &per_s);
      EXPECT_LT(waited, at_most) << waited.count() << " us";
      const double share = static_cast<double>(packet - 3) / static_cast<double>(packet);
      EXPECT_GT(per_s, 0.9 * share * static_cast<double>(bytes_per_s)) << waited.count() << " us";
    }
  }
}

TEST(BleLane, BothWaysAtOnceEachHasItsShare) {
  for (const std::size_t bytes_per_s : {10'000U, 20'000U, 40'000U, 80'000U}) {
    Air air;
    air.bytes_per_s = bytes_per_s;
    air.delay = milliseconds(20);
    LaneWorld world(510, air, 1);
    const auto file = [&] { return frame_of(world.random, 2028); };
    world.ends[0].next = file;
    world.run(world.now() + seconds(2));
    world.ends[1].next = file;
    for (auto& end : world.ends) end.got.clear();
    world.run(world.now() + seconds(60));
    for (const auto& end : world.ends) {
      const double could = 60 * static_cast<double>(bytes_per_s);
      EXPECT_GT(static_cast<double>(end.got.size() * 2028) / could, 0.55) << bytes_per_s << " B/s";
    }
  }
}

TEST(BleLane, ValuesThatAreNoPacketAreDroppedAndCounted) {
  Lane lane(kPacket);
  const std::vector<base::Bytes> junk = {{},
                                         {0},
                                         {0, 0},
                                         {0, 0, 1},
                                         {0, 0, 2},
                                         {0, 0, 3},
                                         {0, 0, 4, 1},
                                         {0, 0, 0xFF, 1},
                                         {33, 0, 0},
                                         {32, 0, 3, 1},
                                         {200, 0, 3, 1},
                                         {0, 1, 0},
                                         {0, 1, 3, 1},
                                         {0, 128, 0},
                                         base::Bytes(511, 0)};
  for (const auto& value : junk) lane.receive(value, kStart);
  EXPECT_EQ(lane.dropped(), junk.size());
  EXPECT_FALSE(lane.dead());
  EXPECT_FALSE(lane.next_wakeup());
  EXPECT_FALSE(lane.next_frame());
}

TEST(BleLane, WhoBreaksTheRulesOfFramesIsDead) {
  const std::vector<std::vector<base::Bytes>> liars = {
      {{0, 0, 0, 1}},                 // goes on with nothing
      {{0, 0, 2, 1}},                 // ends nothing
      {{0, 0, 1, 1}, {1, 0, 1, 1}},   // begins twice
      {{1, 0, 3, 1}, {0, 0, 1, 1}}};  // the same, out of order
  for (const auto& liar : liars) {
    Lane lane(kPacket);
    for (const auto& packet : liar) lane.receive(packet, kStart);
    EXPECT_TRUE(lane.dead());
    EXPECT_STREQ(lane.why_dead(), "it broke the rules of a lane");
    EXPECT_TRUE(packets(lane, kStart + seconds(1)).empty());
  }
}

TEST(BleLane, AFrameThatIsTooLongKillsAndTakesNoMemory) {
  for (const std::size_t size : {kLaneFrameSizeMax, kLaneFrameSizeMax + 1}) {
    Lane lane(kPacket);
    std::size_t done = 0;
    for (std::uint8_t number = 0; done < size; ++number) {
      const std::size_t part = std::min<std::size_t>(500, size - done);
      base::Bytes packet(3 + part);
      packet[0] = number;
      packet[2] = static_cast<std::uint8_t>((done == 0 ? 1 : 0) | (done + part == size ? 2 : 0));
      lane.receive(packet, kStart);
      done += part;
    }
    EXPECT_EQ(lane.dead(), size > kLaneFrameSizeMax);
    EXPECT_EQ(lane.next_frame().has_value(), size <= kLaneFrameSizeMax);
  }
}

TEST(BleLane, JunkAmongThePacketsOfALaneHardlyEverTouchesIt) {
  // On a BlueZ that mixes writers, who is connected can write into anybody's lane.
  std::size_t broken = 0;
  const auto all = test::seeds(50);
  for (const auto seed : all) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    LaneWorld world(200, Air{}, seed);
    world.ends[0].next = talk(world.random, 50);
    for (int i = 0; i < 40; ++i) {
      world.run(world.now() + milliseconds(20));
      world.arrive(1, frame_of(world.random, world.random.below(64)));
    }
    world.run(world.now() + minutes(1));
    if (!world.complete()) ++broken;
  }
  EXPECT_LE(broken, all.size() / 10);
}

TEST(BleLaneTable, EachHasOneAndItIsFreeAgain) {
  LaneTable lanes;
  for (std::size_t n = 1; n <= kLanesMax; ++n) {
    EXPECT_EQ(lanes.give("/d" + std::to_string(n), kStart), n);
    EXPECT_EQ(lanes.give("/d" + std::to_string(n), kStart), n) << "asked again";
  }
  EXPECT_EQ(lanes.give("/d5", kStart), 0U);
  EXPECT_TRUE(lanes.has("/d2", 2, kStart));
  EXPECT_FALSE(lanes.has("/d1", 2, kStart));
  EXPECT_FALSE(lanes.has("", 1, kStart));
  lanes.used(2);
  EXPECT_EQ(lanes.expire(kStart + seconds(10)), (std::vector<std::size_t>{1, 3, 4}));
  EXPECT_FALSE(lanes.has("/d1", 1, kStart + seconds(10)));
  EXPECT_TRUE(lanes.has("/d2", 2, kStart + minutes(10)));
  EXPECT_EQ(lanes.release("/d2"), 2U);
  EXPECT_EQ(lanes.release("/d2"), 0U);
  EXPECT_FALSE(lanes.has("/d2", 2, kStart));
}

TEST(BleLaneTable, WhatStillComesFromTheLastOneDoesNotMeetTheNext) {
  LaneTable lanes;
  EXPECT_EQ(lanes.give("/a", kStart), 1U);
  lanes.used(1);
  lanes.ended(1, kStart);
  for (int n = 0; n < 3; ++n) EXPECT_NE(lanes.give("/b" + std::to_string(n), kStart), 1U);
  EXPECT_EQ(lanes.give("/c", kStart + seconds(9)), 0U);
  EXPECT_EQ(lanes.give("/a", kStart + seconds(9)), 1U) << "but the last one may have it again";
  EXPECT_EQ(lanes.release("/a"), 1U);
  EXPECT_EQ(lanes.give("/c", kStart + seconds(9)), 1U) << "gone, so nothing comes any more";
  lanes.used(1);
  lanes.ended(1, kStart + seconds(9));
  EXPECT_EQ(lanes.give("/d", kStart + seconds(9) + LaneTable::kKeptAfter), 1U);
}

}  // namespace
}  // namespace chaski::transport_ble
