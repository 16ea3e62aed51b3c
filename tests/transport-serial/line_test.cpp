// SPDX-License-Identifier: Apache-2.0
// Two ends of a serial line, in virtual time. Afraid of: ends that never find each other; a session
// that only one of them has; a restart that nobody notices; a line that is half empty.
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "line_world.hpp"

namespace chaski::transport_serial {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// So many frames of this size, each of other bytes.
std::function<base::Bytes()> talk(base::Random& random, std::size_t frames, std::size_t size) {
  return [&random, left = frames, size]() mutable {
    if (left == 0) return base::Bytes();
    --left;
    base::Bytes frame(size);
    random.fill(frame);
    return frame;
  };
}

/// A generator that gives these bytes and then no more.
class GivenRandom final : public base::Random {
 public:
  explicit GivenRandom(base::Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(base::MutableByteView out) override {
    std::copy_n(bytes_.begin(), out.size(), out.begin());
  }

 private:
  base::Bytes bytes_;
};

std::string said(SerialLine& line, base::Time now) {
  base::Bytes out(kLineSizeMax);
  out.resize(line.next_bytes(out, now));
  return base::to_hex(out);
}

void heard(SerialLine& line, const std::string& hex, base::Time now) {
  const auto bytes = *base::from_hex(hex);
  for (base::ByteView rest = bytes; !rest.empty();) {
    rest = rest.subspan(line.receive(rest, now));
  }
}

TEST(SerialLine, TheExampleOfTheSpecification) {
  GivenRandom first(*base::from_hex("0102030405060708"));
  GivenRandom second(*base::from_hex("1112131415161718"));
  LineBuffers<244, 16, 2048> buffers, others;
  const base::Time now{seconds(1000)};
  SerialLine a(buffers.memory(), 2048, 11'520, first, now);
  SerialLine b(others.memory(), 244, 11'520, second, now);

  const auto hello = said(a, now);
  EXPECT_EQ(hello, "000301010901020304050607080101010101010104f4100805cc30b58b00")
      << "a delimiter, the block, a delimiter";
  heard(b, hello, now);
  EXPECT_FALSE(b.open());
  const auto answer = said(b, now);
  heard(a, answer, now);
  const auto opened = a.next_event();
  ASSERT_TRUE(opened && opened->opened);
  EXPECT_EQ(opened->role, base::LinkRole::initiator) << "the smaller name";
  EXPECT_EQ(opened->frame_size_max, 244U);
  const base::Time later = now + milliseconds(20);
  const auto open_hello = said(a, later);
  heard(b, open_hello, later);
  const auto opened_too = b.next_event();
  ASSERT_TRUE(opened_too && opened_too->opened);
  EXPECT_EQ(opened_too->role, base::LinkRole::responder);
  EXPECT_EQ(said(b, later), "") << "it knows";

  a.send(base::as_bytes("hello, other side!"));
  const auto data = said(a, later);
  heard(b, data, later);
  const auto frame = b.next_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(base::as_text(*frame), "hello, other side!");
  EXPECT_EQ(said(b, later), "") << "something may go with it";
  const auto ack = said(b, later + milliseconds(20));
  heard(a, ack, later + milliseconds(20));
  EXPECT_TRUE(a.idle());
  a.close(later + milliseconds(20));
  const auto bye = said(a, later + milliseconds(20));
  heard(b, bye, later + milliseconds(20));
  EXPECT_EQ(b.next_event()->why, EndReason::closed_there);

  EXPECT_EQ(answer, "000301011311121314151617180102030405060708f41006f477e8382d00");
  EXPECT_EQ(open_hello, "001701010101020304050607081112131415161718f4100805716ebbc100");
  EXPECT_EQ(data, "0203011768656c6c6f2c206f7468657220736964652164d7548800");
  EXPECT_EQ(ack, "0003040101010105d666b10700");
  EXPECT_EQ(bye, "00060574f8d65300");
}

TEST(SerialLine, EndsFindEachOtherWhoeverCameFirst) {
  for (const auto before : {0, 7, 499, 3000}) {
    LineWorld world({}, 5);
    world.run(milliseconds(before));
    world.restart(1);
    world.run(seconds(1), [&] { return world.both_open(); });
    ASSERT_TRUE(world.both_open()) << before;
    EXPECT_NE(world.current(0)->role, world.current(1)->role);
  }
}

TEST(SerialLine, ACleanLineIsFull) {
  for (const std::uint32_t baud : {9'600u, 115'200u, 921'600u}) {
    for (const std::size_t size : {std::size_t{244}, std::size_t{2048}}) {
      Cable cable;
      cable.bytes_per_s = baud / 10;
      cable.delay = milliseconds(4);
      LineWorld world(cable, 1);
      world.run(seconds(2), [&] { return world.both_open(); });
      world.ends[0].next = talk(world.random, 1'000'000, size);
      const auto begin = world.now();
      world.run(seconds(200'000 / cable.bytes_per_s));
      double bytes = 0;
      for (const auto& frame : world.current(1)->got) bytes += static_cast<double>(frame.size());
      const double seconds_run = std::chrono::duration<double>(world.now() - begin).count();
      EXPECT_GT(bytes, 0.93 * seconds_run * cable.bytes_per_s) << baud << " baud, " << size;
      EXPECT_EQ(world.ends[0].line->sent_again(), 0U);
      EXPECT_EQ(world.compare(), "");
    }
  }
}

TEST(SerialLine, NoiseCostsWhatItMust) {
  for (const auto& [errors, share] : {std::pair{1e-4, 0.70}, {1e-3, 0.20}}) {
    Cable cable;
    cable.bit_errors = errors;
    LineWorld world(cable, 3);
    world.run(seconds(30), [&] { return world.both_open(); });
    world.ends[0].next = talk(world.random, 100'000, 244);
    const auto begin = world.now();
    world.run(seconds(60));
    double bytes = 0;
    for (const auto& frame : world.ends[1].sessions.back().got) {
      bytes += static_cast<double>(frame.size());
    }
    const double seconds_run = std::chrono::duration<double>(world.now() - begin).count();
    EXPECT_GT(bytes / seconds_run / cable.bytes_per_s, share) << errors;
    EXPECT_EQ(world.ends[0].sessions.size(), 1U) << errors;
    EXPECT_EQ(world.compare(), "");
    EXPECT_GT(world.ends[1].line->counters().damaged, 100U);
  }
}

TEST(SerialLine, ARestartIsNoticedAtOnceByTheOther) {
  LineWorld world({}, 9);
  world.run(seconds(2), [&] { return world.both_open(); });
  world.run(seconds(6));
  world.ends[0].next = talk(world.random, 1'000, 300);
  world.run(milliseconds(700));
  world.restart(1);
  world.run(milliseconds(600), [&] { return world.both_open(); });
  ASSERT_TRUE(world.both_open());
  ASSERT_EQ(world.ends[0].sessions.size(), 2U);
  EXPECT_EQ(world.ends[0].sessions[0].ended, EndReason::began_anew);
  world.run(seconds(60));
  EXPECT_GT(world.current(1)->got.size(), 100U);
  EXPECT_EQ(world.compare(), "");
}

TEST(SerialLine, ACableThatIsPulledIsNoticedByWhoSends) {
  LineWorld world({}, 11);
  world.run(seconds(2), [&] { return world.both_open(); });
  world.ends[0].next = talk(world.random, 10, 300);
  world.plug(false);
  world.run(seconds(15), [&] { return world.current(0) == nullptr; });
  ASSERT_EQ(world.ends[0].sessions[0].ended, EndReason::silent);
  world.plug(true);
  world.run(seconds(5), [&] { return world.both_open() && world.ends[1].sessions.size() == 2; });
  EXPECT_TRUE(world.both_open());
  EXPECT_EQ(world.ends[1].sessions[0].ended, EndReason::began_anew);
}

TEST(SerialLine, WhatWasSentBeforeAGoodbyeArrives) {
  Cable cable;
  cable.bit_errors = 1e-4;
  LineWorld world(cable, 13);
  world.run(seconds(9), [&] { return world.both_open(); });
  std::size_t left = 5;
  world.ends[0].next = [&] {
    return left == 0 ? base::Bytes() : (--left, base::Bytes(2048, 0x17));
  };
  world.run(seconds(5), [&] { return left == 0; });
  world.ends[0].line->close(world.now());
  world.run(seconds(3), [&] { return world.current(0) == nullptr; });
  EXPECT_EQ(world.ends[1].sessions[0].got.size(), 5U);
  EXPECT_EQ(world.ends[0].sessions[0].ended, EndReason::closed_here);
}

TEST(SerialLine, APortThatHearsItselfFindsNobody) {
  base::SeededRandom random(1);
  LineBuffers<64, 2, 160> buffers;
  base::Time now{seconds(1000)};
  SerialLine line(buffers.memory(), 160, 960, random, now);
  for (int i = 0; i < 20; ++i) {
    const auto bytes = said(line, now);
    if (!bytes.empty()) heard(line, bytes, now);
    EXPECT_FALSE(line.open());
    now = *line.next_wakeup();
  }
  EXPECT_GE(line.counters().own, 19U);
}

/// A hello as a stranger would say it.
base::Bytes stranger_hello(std::uint8_t name, base::ByteView heard) {
  Hello hello;
  hello.own.fill(name);
  std::copy(heard.begin(), heard.end(), hello.heard.begin());
  hello.limits = {64, 4, 300};
  base::Bytes out(kHelloSize + 7);
  out.resize(frame_packet(out, write_hello(hello, base::MutableByteView(out).subspan(1)),
                          base::kCrc32Start));
  return out;
}

TEST(SerialLine, WhoBeginsAnewAgainAndAgainIsLeftAlone) {
  base::SeededRandom random(1);
  LineBuffers<64, 4, 300> buffers;
  base::Time now{seconds(1000)};
  SerialLine line(buffers.memory(), 300, 92'160, random, now);
  int opened = 0;
  base::Bytes own(8);  // what the line called itself last
  for (int ms = 0; ms < 60'000; ms += 10, now += milliseconds(10)) {
    base::Bytes out(kLineSizeMax), space(kPacketSizeMax);
    FrameDecoder decoder(space);
    const auto size = line.next_bytes(out, now);
    while (const auto event = line.next_event()) opened += event->opened ? 1 : 0;
    for (const std::uint8_t byte : base::ByteView(out).first(size)) {
      if (decoder.push(byte) != FrameDecoder::Result::packet) continue;
      if (const auto hello = parse_hello(*decoder.packet(base::kCrc32Start))) {
        own.assign(hello->own.begin(), hello->own.end());
      }
    }
    const auto bytes = stranger_hello(static_cast<std::uint8_t>(1 + ms / 10 % 200), own);
    for (base::ByteView rest = bytes; !rest.empty();) {
      rest = rest.subspan(line.receive(rest, now));
      while (const auto event = line.next_event()) opened += event->opened ? 1 : 0;
    }
  }
  EXPECT_GT(opened, 5);
  EXPECT_LT(opened, 25) << "a session, and each costs a handshake";
}

TEST(SerialLine, NeverSaysMoreThanItHeard) {
  base::SeededRandom random(1);
  LineBuffers<64, 4, 300> buffers;
  base::Time now{seconds(1000)};
  SerialLine line(buffers.memory(), 300, 92'160, random, now);
  const base::Bytes nobody(8);
  std::uint64_t heard_bytes = 0;
  for (int ms = 0; ms < 20'000; ms += 5, now += milliseconds(5)) {
    base::Bytes out(kLineSizeMax);
    line.next_bytes(out, now);
    const auto bytes = stranger_hello(static_cast<std::uint8_t>(1 + ms / 5 % 200), nobody);
    heard_bytes += bytes.size();
    for (base::ByteView rest = bytes; !rest.empty();) {
      rest = rest.subspan(line.receive(rest, now));
    }
  }
  // Beside the answers, what it says by itself twice a second, and a delimiter before each.
  EXPECT_LE(line.counters().bytes_sent, heard_bytes + 1'200 + line.counters().packets_sent);
  EXPECT_LE(line.counters().packets_sent, 20'000U / 20 + 1) << "20 ms apart";
  EXPECT_GT(line.counters().packets_sent, 500U);
  EXPECT_FALSE(line.open());
}

TEST(SerialLine, AnOpenHelloThatWasLostIsSaidAgain) {
  base::SeededRandom random(1);
  LineBuffers<64, 4, 300> buffers, others;
  base::Time now{seconds(1000)};
  SerialLine a(buffers.memory(), 300, 11'520, random, now);
  SerialLine b(others.memory(), 300, 11'520, random, now);
  heard(b, said(a, now), now);
  heard(a, said(b, now), now);
  ASSERT_TRUE(a.open());
  EXPECT_TRUE(a.next_event());
  now += milliseconds(20);
  EXPECT_NE(said(a, now), "");  // lost
  ASSERT_FALSE(b.open());
  now = *b.next_wakeup();
  heard(a, said(b, now), now);
  now += milliseconds(20);
  heard(b, said(a, now), now);
  EXPECT_TRUE(b.open());
}

TEST(SerialLine, SmallAndLargeMemoriesTalk) {
  base::SeededRandom random(4);
  LineBuffers<32, 1, 160> small;
  LineBuffers<247, 32, 2048> large;
  base::Time now{seconds(1000)};
  SerialLine a(small.memory(), 160, 11'520, random, now);
  SerialLine b(large.memory(), 2048, 11'520, random, now);
  SerialLine* lines[] = {&a, &b};
  std::size_t got[] = {0, 0}, frame_max[] = {0, 0};
  for (int round = 0; round < 4'000; ++round) {
    for (const int i : {0, 1}) {
      base::Bytes out(kLineSizeMax);
      if (frame_max[i] != 0 && lines[i]->room()) lines[i]->send(base::Bytes(frame_max[i], 9));
      const auto size = lines[i]->next_bytes(out, now);
      for (base::ByteView rest = base::ByteView(out).first(size); !rest.empty();) {
        rest = rest.subspan(lines[1 - i]->receive(rest, now));
        if (const auto event = lines[1 - i]->next_event()) frame_max[1 - i] = event->frame_size_max;
        while (const auto frame = lines[1 - i]->next_frame()) {
          EXPECT_EQ(frame->size(), 160U);
          ++got[i];
        }
      }
    }
    now += milliseconds(1);
  }
  EXPECT_EQ(frame_max[0], 160U);
  EXPECT_EQ(frame_max[1], 160U);
  EXPECT_GT(got[0], 300U);
  EXPECT_GT(got[1], 300U);
  EXPECT_EQ(a.counters().beyond + b.counters().beyond, 0U);
}

}  // namespace
}  // namespace chaski::transport_serial
