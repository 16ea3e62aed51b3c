// SPDX-License-Identifier: Apache-2.0
// A lane on descriptors, with somebody in the place of bluetoothd who carries packets between two
// of them. Afraid of: an end that nobody hears of, one that is told twice or after end(), a loop
// that spins, a packet that is too long for the MTU.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>

#include "transport-ble/bluez_lane.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::array<Descriptor, 2> sockets() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    ADD_FAILURE() << "no socketpair";
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// One pipe, bluetoothd's ends of it, and what its owner heard.
struct Party {
  Party(boost::asio::io_context& io, std::size_t mtu, bool full = false) {
    auto out = sockets(), in = sockets();
    const base::Bytes junk(512);
    while (full && ::send(out[0].get(), junk.data(), junk.size(), MSG_DONTWAIT) > 0) {
    }
    from_pipe = std::move(out[1]);
    to_pipe = std::move(in[1]);
    LaneEnds ends;
    ends.write = std::move(out[0]);
    ends.read = std::move(in[0]);
    ends.mtu = mtu;
    pipe = std::make_unique<LanePipe>(io, std::move(ends), [this] { ++gone; });
  }

  void start() {
    FramePipe::Events events;
    events.received = [this](base::MutableByteView frame) {
      received.emplace_back(frame.begin(), frame.end());
      if (on_received) on_received();
    };
    events.room = [this] {
      ++rooms;
      if (on_room) on_room();
    };
    events.ended = [this](const char* reason) { why.emplace_back(reason); };
    pipe->start(std::move(events));
  }

  /// What the pipe wrote, one packet.
  std::optional<base::Bytes> take() {
    base::Bytes packet(1024);
    const auto size = ::recv(from_pipe.get(), packet.data(), packet.size(), MSG_DONTWAIT);
    if (size <= 0) return std::nullopt;
    packet.resize(static_cast<std::size_t>(size));
    longest = std::max(longest, packet.size());
    return packet;
  }
  bool give(base::ByteView packet) {
    return ::send(to_pipe.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
  }

  Descriptor from_pipe, to_pipe;
  std::unique_ptr<LanePipe> pipe;
  std::vector<base::Bytes> received;
  std::vector<std::string> why;
  std::function<void()> on_received, on_room;
  int rooms = 0, gone = 0;
  std::size_t longest = 0;
};

class BleLanePipe : public testing::Test {
 protected:
  void begin(std::size_t mtu = 517) {
    for (auto& party : parties) {
      party = std::make_unique<Party>(io, mtu);
      party->start();
    }
  }
  /// Carries packets until the condition holds; false after 20 s.
  bool run(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io.restart();
      io.run_for(milliseconds(1));
      for (std::size_t i = 0; i < 2; ++i) {
        if (!parties[i] || !parties[1 - i]) continue;
        while (const auto packet = parties[i]->take()) parties[1 - i]->give(*packet);
      }
    }
    return true;
  }
  /// Lets everything happen that is due.
  void settle() {
    io.restart();
    io.poll();
  }
  Party& left() { return *parties[0]; }
  Party& right() { return *parties[1]; }

  boost::asio::io_context io{1};
  std::unique_ptr<Party> parties[2];
};

base::Bytes frame_of(std::size_t size, std::uint8_t first) {
  base::Bytes frame(size);
  for (std::size_t i = 0; i < size; ++i) frame[i] = static_cast<std::uint8_t>(first + i);
  return frame;
}

TEST_F(BleLanePipe, FramesGoBothWaysWholeAndInOrderAtEveryMtu) {
  for (const std::size_t mtu : {23U, 100U, 247U, 517U, 65535U}) {
    SCOPED_TRACE(mtu);
    begin(mtu);
    std::size_t sent[2] = {};
    constexpr std::size_t kFrames = 100;
    const auto pour = [&](std::size_t i) {
      while (sent[i] < kFrames && parties[i]->pipe->room()) {
        parties[i]->pipe->send(frame_of(1 + sent[i] * 19, static_cast<std::uint8_t>(sent[i])));
        ++sent[i];
      }
    };
    left().on_room = [&] { pour(0); };
    right().on_room = [&] { pour(1); };
    pour(0);
    pour(1);
    ASSERT_TRUE(run(
        [&] { return left().received.size() == kFrames && right().received.size() == kFrames; }));
    for (auto& party : parties) {
      for (std::size_t n = 0; n < kFrames; ++n) {
        EXPECT_EQ(party->received[n], frame_of(1 + n * 19, static_cast<std::uint8_t>(n)));
      }
      EXPECT_EQ(party->longest, std::min<std::size_t>(mtu - 5, 510));
      EXPECT_EQ(party->pipe->counts().dropped, 0U);
    }
  }
}

TEST_F(BleLanePipe, NothingIsHeardBeforeTheLoopRunsAndRoomOnlyWhenThereWasNone) {
  begin();
  left().pipe->send(frame_of(left().pipe->frame_size_max(), 1));
  EXPECT_FALSE(left().pipe->room()) << "the first packet goes alone, the rest waits";
  EXPECT_EQ(left().rooms, 0);
  ASSERT_TRUE(run([&] { return right().received.size() == 1; }));
  EXPECT_EQ(left().rooms, 1);
  ASSERT_TRUE(run([&] { return left().pipe->room(); }));
  left().pipe->send(frame_of(1, 1));
  EXPECT_TRUE(left().pipe->room()) << "it has left already";
  ASSERT_TRUE(run([&] { return right().received.size() == 2; }));
  EXPECT_EQ(left().rooms, 1);
}

TEST_F(BleLanePipe, EitherDescriptorEndsIt) {
  for (const bool reading : {false, true}) {
    begin();
    (reading ? left().to_pipe : left().from_pipe) = Descriptor();
    ASSERT_TRUE(run([&] { return !left().why.empty(); }));
    EXPECT_EQ(left().why, std::vector<std::string>{"the other side is gone"});
    EXPECT_EQ(left().gone, 1);
    EXPECT_FALSE(left().pipe->room());
    settle();
    EXPECT_EQ(left().why.size(), 1U);
  }
}

TEST_F(BleLanePipe, AnEmptyValueIsNotTheEnd) {
  begin();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(left().give({}));
  left().give(frame_of(600, 0));
  right().pipe->send(frame_of(5, 5));
  ASSERT_TRUE(run([&] { return left().received.size() == 1; }));
  EXPECT_EQ(left().pipe->counts().dropped, 201U);
  EXPECT_TRUE(left().why.empty());
}

TEST_F(BleLanePipe, AfterEndNothingIsToldNotEvenWhatWasUnderWay) {
  begin();
  left().from_pipe = Descriptor();
  left().to_pipe = Descriptor();
  right().pipe->send(frame_of(5, 5));
  left().pipe->end();
  EXPECT_EQ(left().gone, 1);
  settle();
  EXPECT_TRUE(left().why.empty());
  EXPECT_TRUE(left().received.empty());
  left().pipe->finish();
  left().pipe->end();
  settle();
  EXPECT_EQ(left().gone, 1);
}

TEST_F(BleLanePipe, TheOwnerMayEndOrDropItFromWithinAnEvent) {
  for (const bool drop : {false, true}) {
    begin();
    left().on_received = [&] {
      if (drop) {
        left().pipe.reset();
      } else {
        left().pipe->end();
      }
    };
    right().pipe->send(frame_of(5, 1));
    right().pipe->send(frame_of(5, 2));
    ASSERT_TRUE(run([&] { return left().received.size() == 1; }));
    settle();
    EXPECT_TRUE(left().why.empty());
    EXPECT_EQ(left().received.size(), 1U);
    EXPECT_EQ(left().gone, 1);
  }
}

TEST_F(BleLanePipe, FinishWaitsForWhatWasSent) {
  begin();
  left().pipe->send(frame_of(2000, 1));
  left().pipe->finish();
  EXPECT_FALSE(left().pipe->room());
  EXPECT_TRUE(left().why.empty());
  ASSERT_TRUE(run([&] { return !left().why.empty(); }));
  EXPECT_EQ(left().why[0], "closed by us");
  ASSERT_EQ(right().received.size(), 1U);
  EXPECT_EQ(right().received[0].size(), 2000U);
}

TEST_F(BleLanePipe, FinishDoesNotWaitForWhoDoesNotAnswer) {
  parties[0] = std::make_unique<Party>(io, 517);
  left().start();
  left().pipe->send(frame_of(5, 1));
  left().pipe->finish();
  ASSERT_TRUE(run([&] { return !left().why.empty(); }));
  EXPECT_EQ(left().why, std::vector<std::string>{"closed by us"});
}

TEST_F(BleLanePipe, ADescriptorThatTakesNothingMakesNoSpin) {
  parties[0] = std::make_unique<Party>(io, 517, true);
  left().start();
  const auto frame = frame_of(500, 1);
  left().pipe->send(frame);
  EXPECT_FALSE(left().pipe->room());
  io.restart();
  const auto handlers = io.run_for(milliseconds(700));
  EXPECT_LT(handlers, 20U) << "a packet that waits is not looked at again and again";
  std::vector<base::Bytes> written;
  ASSERT_TRUE(run([&] {
    while (auto packet = left().take()) written.push_back(std::move(*packet));
    return left().rooms == 1 && written.back().size() == frame.size() + 3;
  }));
  EXPECT_TRUE(std::equal(frame.begin(), frame.end(), written.back().begin() + 3));
}

TEST_F(BleLanePipe, WhoBreaksTheRulesIsEnded) {
  begin();
  left().give(base::Bytes{0, 0, 0, 1});
  ASSERT_TRUE(run([&] { return !left().why.empty(); }));
  EXPECT_EQ(left().why, std::vector<std::string>{"it broke the rules of a lane"});
  EXPECT_EQ(left().gone, 1);
}

TEST_F(BleLanePipe, WhatEndedBeforeItWasStartedIsToldThen) {
  parties[0] = std::make_unique<Party>(io, 517);
  left().pipe->breaker()("its device is gone");
  settle();
  EXPECT_TRUE(left().why.empty());
  left().start();
  EXPECT_TRUE(left().why.empty());
  settle();
  EXPECT_EQ(left().why, std::vector<std::string>{"its device is gone"});
}

}  // namespace
}  // namespace chaski::transport_ble
