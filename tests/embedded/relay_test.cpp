// SPDX-License-Identifier: Apache-2.0
// The relay of the microcontroller carries a message between two neighbours that never meet, and
// stays within its board.
#include "embedded/relay.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <memory>

#include "tests/embedded/heap_meter.hpp"
#include "wire/padding.hpp"

namespace chaski::embedded {
namespace {

using base::Bytes;

/// A board in memory: its clock, its generator and two queues of frames.
struct FakeBoard {
  std::uint64_t now_us = 1'000'000;
  base::SeededRandom random{7};
  std::deque<Bytes> to_relay;
  std::deque<Bytes> from_relay;
  std::size_t room = 1'000;  ///< frames that the medium still takes

  chaski_medium port() {
    return {this, time, entropy, receive, can_send, send, idle};
  }

 private:
  static FakeBoard& self(void* context) { return *static_cast<FakeBoard*>(context); }
  static std::uint64_t time(void* context) { return self(context).now_us; }
  static void entropy(void* context, std::uint8_t* out, std::size_t size) {
    self(context).random.fill({out, size});
  }
  static std::size_t receive(void* context, std::uint8_t* out, std::size_t room) {
    FakeBoard& board = self(context);
    if (board.to_relay.empty()) return 0;
    const Bytes frame = board.to_relay.front();
    board.to_relay.pop_front();
    EXPECT_LE(frame.size(), room);
    std::memcpy(out, frame.data(), std::min(frame.size(), room));
    return frame.size();
  }
  static int can_send(void* context) { return self(context).room > 0 ? 1 : 0; }
  static void send(void* context, const std::uint8_t* frame, std::size_t size) {
    FakeBoard& board = self(context);
    --board.room;
    board.from_relay.emplace_back(frame, frame + size);
  }
  static void idle(void* context, std::uint64_t until_us) { self(context).now_us = until_us; }
};

/// A neighbour of the relay: the same link and router as in chaskid, on the other end of the
/// medium.
class Neighbour {
 public:
  Neighbour(FakeBoard& board, std::uint64_t seed)
      : board_(board),
        random_(seed),
        key_(link::NodeKey::generate(random_)),
        router_({}, store_, nullptr, random_, now()),
        link_({base::LinkRole::initiator, &key_, std::nullopt, {0, 4'096}, {}}, random_, now()) {}

  mesh_router::Router& router() { return router_; }
  base::Time now() const { return base::from_us(static_cast<std::int64_t>(board_.now_us)); }

  void step() {
    while (!board_.from_relay.empty()) {
      Bytes frame = board_.from_relay.front();
      board_.from_relay.pop_front();
      ++board_.room;
      const auto records = link_.receive(frame, now());
      open_when_ready();
      if (!records.empty()) {
        EXPECT_TRUE(router_.receive({1}, records, now()));
      }
    }
    router_.wake(now());
    while (router_.next_event()) {
    }
    if (router_.dirty()) router_.committed(now());
    send_frames();
  }

  /// Walks away: what it says last is the close record.
  void leave() {
    link_.close(link::CloseReason::going_away, now());
    send_frames();
  }

 private:
  void open_when_ready() {
    if (open_ || link_.state() != link::Link::State::open) return;
    open_ = true;
    const mesh_router::NeighbourId id{link_.peer().bytes};
    const mesh_router::LinkParameters parameters{
        .frame_size_max = link_.peer_hello().frame_size_max,
        .role = base::LinkRole::initiator,
        .salt = {link_.derive(mesh_router::kShortIdSaltLabel)}};
    EXPECT_TRUE(router_.link_up({1}, id, parameters, now()));
  }
  void send_frames() {
    Bytes frame(8'192);
    for (;;) {
      std::size_t size = link_.next_frame(frame, now());
      if (size == 0 && open_ && link_.state() == link::Link::State::open) {
        size = router_.next_frame({1}, frame, now());
        if (size > 0) size = link_.seal(frame, size, now());
      }
      if (size == 0) return;
      board_.to_relay.emplace_back(frame.begin(), frame.begin() + static_cast<long>(size));
    }
  }

  FakeBoard& board_;
  base::SeededRandom random_;
  link::NodeKey key_;
  mesh_router::MemoryEnvelopeStore store_{1u << 20};
  mesh_router::Router router_;
  link::Link link_;
  bool open_ = false;
};

/// Lets both talk, a millisecond a round, for `rounds`.
void talk(FakeBoard& board, Relay& relay, Neighbour& neighbour, int rounds = 300) {
  for (int round = 0; round < rounds; ++round) {
    neighbour.step();
    relay.step();
    board.now_us += 1'000;
  }
}

Bytes envelope(std::uint8_t mark, std::size_t body_size) {
  const Bytes body(wire::padded_body_size(body_size).value(), mark);
  wire::EnvelopeFields fields;
  fields.lifetime_s = 3'600;
  fields.tag.bytes.fill(mark);
  fields.commitment.bytes.fill(mark);
  fields.body = body;
  return wire::encode_envelope(fields);
}

TEST(Relay, CarriesAMessageBetweenTwoThatNeverMeet) {
  FakeBoard board;
  const chaski_medium port = board.port();
  Relay relay(port, base::LinkRole::responder);

  Neighbour north(board, 1);
  const auto id = north.router().submit(envelope(3, 2'000), {0, 16, 0}, north.now());
  ASSERT_TRUE(id.has_value());
  talk(board, relay, north);
  EXPECT_GE(relay.carried_bytes(), 2'000U) << "the relay took custody";
  north.leave();
  relay.step();
  board.from_relay.clear();

  Neighbour south(board, 2);
  talk(board, relay, south);
  EXPECT_TRUE(south.router().holds(*id));
}

TEST(Relay, NoiseOnTheMediumEndsTheLinkAndNothingElse) {
  FakeBoard board;
  const chaski_medium port = board.port();
  Relay relay(port, base::LinkRole::responder);
  base::SeededRandom noise(11);
  for (int round = 0; round < 500; ++round) {
    Bytes frame(1 + noise.below(kFrameSizeMax));
    noise.fill(frame);
    board.to_relay.push_back(frame);
    relay.step();
    board.now_us += 1'000;
    board.from_relay.clear();
    board.room = 1'000;
  }
  Neighbour north(board, 1);
  const auto id = north.router().submit(envelope(3, 100), {0, 16, 0}, north.now());
  ASSERT_TRUE(id.has_value());
  talk(board, relay, north);
  EXPECT_GT(relay.carried_bytes(), 0U) << "it still takes a good neighbour";
}

/// A neighbour with 60 envelopes comes, hands over what the relay takes, and leaves.
void visit(FakeBoard& board, Relay& relay, std::uint8_t number) {
  Neighbour neighbour(board, number);
  for (std::uint8_t i = 0; i < 60; ++i) {
    const auto mark = static_cast<std::uint8_t>(1 + number * 60 + i);
    ASSERT_TRUE(neighbour.router().submit(envelope(mark, 600), {0, 16, 0}, neighbour.now()));
  }
  talk(board, relay, neighbour);
  neighbour.leave();
  relay.step();
  board.to_relay.clear();
  board.from_relay.clear();
  board.room = 1'000;
}

TEST(Relay, StaysWithinItsBoardWhenItIsFull) {
  // A 64-bit machine needs more than the board does; the bound holds for both.
  constexpr std::size_t kHeapMax = 32'000;
  FakeBoard board;
  const chaski_medium port = board.port();
  const std::size_t before = heap_bytes();
  auto relay = std::make_unique<Relay>(port, base::LinkRole::responder);
  const std::size_t idle = heap_bytes() - before;
  // One neighbour may fill only its share, so several come.
  for (std::uint8_t number = 0; number < 4; ++number) visit(board, *relay, number);
  EXPECT_GT(relay->carried_bytes(), kStoreBytesMax * 3 / 4) << "it is not full";
  const std::size_t with_relay = heap_bytes();
  relay.reset();
  const std::size_t full = with_relay - heap_bytes();
  RecordProperty("idle_heap_bytes", static_cast<int>(idle));
  RecordProperty("full_heap_bytes", static_cast<int>(full));
  std::printf("heap of the relay: %zu bytes idle, %zu full\n", idle, full);
  EXPECT_LT(full, kHeapMax);
}

}  // namespace
}  // namespace chaski::embedded
