// SPDX-License-Identifier: Apache-2.0
// The relay of the microcontroller carries messages between those on its UARTs and from those who
// were there to those who come, stays silent without random numbers, and stays within its board.
#include "embedded/relay.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/embedded/fake_board.hpp"
#include "tests/embedded/heap_meter.hpp"

namespace chaski::embedded::test {
namespace {

/// Lets all talk, a millisecond a round.
void talk(FakeBoard& board, Relay& relay, std::initializer_list<Neighbour*> neighbours,
          int rounds = 3'000) {
  for (int round = 0; round < rounds; ++round) {
    for (Neighbour* neighbour : neighbours) neighbour->step();
    relay.step();
    board.now_us += 1'000;
  }
}

/// Pulls the plug: what was on the wire is gone.
void unplug(FakeBoard& board, std::size_t uart) {
  board.uarts.at(uart).to_relay.clear();
  board.uarts.at(uart).from_relay.clear();
}

TEST(Relay, PassesAMessageFromOneUartToTheOther) {
  FakeBoard board;
  RelayOnBoard on(board);
  Neighbour north(board, 0, 1), south(board, 1, 2);
  const auto id = north.router().submit(envelope(3, 2'000), {0, 16, 0}, north.now());
  ASSERT_TRUE(id.has_value());
  talk(board, on.relay, {&north, &south});
  EXPECT_EQ(on.relay.open_links(), 2U);
  EXPECT_TRUE(south.router().holds(*id));
  EXPECT_GT(board.fed, 0);
}

TEST(Relay, CarriesAMessageBetweenTwoThatNeverMeet) {
  FakeBoard board;
  RelayOnBoard on(board);
  auto north = std::make_unique<Neighbour>(board, 0, 1);
  const auto id = north->router().submit(envelope(3, 2'000), {0, 16, 0}, north->now());
  ASSERT_TRUE(id.has_value());
  talk(board, on.relay, {north.get()});
  EXPECT_GE(on.relay.carried_bytes(), 2'000U) << "the relay took custody";
  north.reset();
  unplug(board, 0);

  // Another one on the same UART, without a word of goodbye from the one before.
  Neighbour south(board, 0, 2);
  talk(board, on.relay, {&south}, 30'000);
  EXPECT_TRUE(south.router().holds(*id));
}

TEST(Relay, SaysNothingWhileItHasNoRandomNumbers) {
  FakeBoard board;
  board.entropy_works = false;
  RelayOnBoard on(board);
  Neighbour north(board, 0, 1);
  talk(board, on.relay, {&north}, 5'000);
  EXPECT_TRUE(board.uarts[0].from_relay.empty());
  EXPECT_FALSE(north.open());
  EXPECT_GE(on.relay.entropy_failures(), 10U) << "it asks again";
  EXPECT_LE(on.relay.entropy_failures(), 30U) << "but not without end";
  board.entropy_works = true;
  talk(board, on.relay, {&north});
  EXPECT_TRUE(north.open());
  // A generator that goes bad later takes nothing away.
  board.entropy_works = false;
  board.now_us += 3'600'000'000;
  talk(board, on.relay, {&north}, 15'000);
  EXPECT_TRUE(north.open());
}

TEST(Relay, NoiseOnTheWireCostsThePacketsThatItHits) {
  FakeBoard board;
  RelayOnBoard on(board);
  Neighbour north(board, 0, 1);
  base::SeededRandom noise(11);
  for (int round = 0; round < 2'000; ++round) {
    std::array<std::uint8_t, 40> bytes;
    noise.fill(bytes);
    auto& wire = board.uarts[0].to_relay;
    wire.insert(wire.end(), bytes.begin(), bytes.end());
    on.relay.step();
    board.now_us += 1'000;
  }
  board.uarts[0].from_relay.clear();
  EXPECT_GT(on.relay.line_counters(0)->damaged, 0U);
  const auto id = north.router().submit(envelope(3, 100), {0, 16, 0}, north.now());
  ASSERT_TRUE(id.has_value());
  talk(board, on.relay, {&north});
  EXPECT_GT(on.relay.carried_bytes(), 0U) << "it still takes a good neighbour";
}

TEST(Relay, AFullUartIsWaitedFor) {
  FakeBoard board;
  board.uarts[1].room = 7;
  RelayOnBoard on(board);
  Neighbour north(board, 0, 1), south(board, 1, 2);
  const auto id = north.router().submit(envelope(3, 1'000), {0, 16, 0}, north.now());
  ASSERT_TRUE(id.has_value());
  talk(board, on.relay, {&north, &south});
  EXPECT_TRUE(south.router().holds(*id));
}

// The relay was due at once for ever when a UART with flow control took nothing: no board slept.
TEST(Relay, AUartThatTakesNothingKeepsNobodyAwake) {
  FakeBoard board;
  board.uarts[0].room = 0;
  RelayOnBoard on(board);
  Neighbour south(board, 1, 2);
  talk(board, on.relay, {&south}, 5'000);
  EXPECT_TRUE(south.open());
  int steps = 0;
  const std::uint64_t end = board.now_us + 1'800'000;
  for (; board.now_us < end && steps < 1'000; ++steps) {
    on.relay.step();
    board.now_us = std::max(board.now_us, on.relay.next_wakeup_us());
  }
  EXPECT_LT(steps, 100);
  EXPECT_GT(steps, 0);
}

/// A store whose commit can fail, as flash can.
struct FailingCommit {
  bool works = true;
  int asked = 0;
  static bool commit(void* context, base::Time) {
    auto& self = *static_cast<FailingCommit*>(context);
    ++self.asked;
    return self.works;
  }
};

TEST(Relay, GivesNoCustodyForWhatItCannotMakeDurable) {
  FakeBoard board;
  const chaski_port port = board.port();
  mesh_router::MemoryEnvelopeStore store(kStoreBytesMax);
  FailingCommit disk{.works = false};
  auto memory = std::make_unique<Memory>();
  Relay relay(port, {store, &disk, FailingCommit::commit, {}}, memory->space(),
              {small_limits(), 11'520});
  Neighbour north(board, 0, 1), south(board, 1, 2);
  const auto id = north.router().submit(envelope(3, 200), {0, 16, 0}, north.now());
  ASSERT_TRUE(id.has_value());
  talk(board, relay, {&north, &south});
  ASSERT_EQ(relay.open_links(), 2U);
  EXPECT_FALSE(south.router().holds(*id)) << "it left before it was durable";
  EXPECT_EQ(north.router().neighbours().at(0).unacknowledged, 1U);
  EXPECT_GT(relay.commit_failures(), 0U);
  disk.works = true;
  talk(board, relay, {&north, &south});
  EXPECT_TRUE(south.router().holds(*id));
  EXPECT_EQ(north.router().neighbours().at(0).unacknowledged, 0U);
}

TEST(Relay, TimeGoesOnWhereTheStoreSays) {
  FakeBoard board;
  const chaski_port port = board.port();
  mesh_router::MemoryEnvelopeStore store(kStoreBytesMax);
  auto memory = std::make_unique<Memory>();
  const base::Time resume = base::from_us(9'000'000'000);
  Relay relay(port, {store, nullptr, nullptr, resume}, memory->space(), {small_limits(), 11'520});
  relay.step();
  ASSERT_TRUE(relay.next_wakeup().has_value());
  EXPECT_GE(*relay.next_wakeup(), resume);
  EXPECT_LT(relay.next_wakeup_us(), board.now_us + 1'000'000) << "in the board's time";
}

TEST(Relay, StaysWithinItsBoardWhenItIsFull) {
  // A 64-bit machine needs more than the board does; the bound holds for both.
  constexpr std::size_t kHeapMax = 34'000;
  FakeBoard board;
  auto on = std::make_unique<RelayOnBoard>(board);
  // Who is at one UART fills one share at most, so there are two, and then others.
  for (std::uint8_t number = 0; number < 4; ++number) {
    Neighbour neighbour(board, number % 2u, number + 1u);
    for (std::uint8_t i = 0; i < 60; ++i) {
      const auto mark = static_cast<std::uint8_t>(1 + number * 60 + i);
      ASSERT_TRUE(neighbour.router().submit(envelope(mark, 600), {0, 16, 0}, neighbour.now()));
    }
    talk(board, on->relay, {&neighbour}, 15'000);
    unplug(board, number % 2u);
  }
  unplug(board, 0);
  unplug(board, 1);
  EXPECT_GT(on->relay.carried_bytes(), kStoreBytesMax * 3 / 4) << "it is not full";
  const std::size_t with_relay = heap_bytes();
  const std::size_t fixed = sizeof(Memory);
  on.reset();
  const std::size_t full = with_relay - heap_bytes() - fixed;
  RecordProperty("full_heap_bytes", static_cast<int>(full));
  std::printf("relay: %zu bytes of lines and links, %zu of heap when full\n", fixed, full);
  EXPECT_LT(full, kHeapMax);
}

}  // namespace
}  // namespace chaski::embedded::test
