// SPDX-License-Identifier: Apache-2.0
// The two halves of a line alone. Afraid of: a peer that says what cannot be; a packet that is sent
// again without need, or not though it is lost; waiting that is not bounded.
#include <gtest/gtest.h>

#include "transport-serial/serial_memory.hpp"

namespace chaski::transport_serial {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::Time kStart{seconds(1000)};
constexpr LineLimits kOther{64, 8, 1024};

struct Sender {
  LineBuffers<64, 8, 1024> buffers;
  LineMemory memory = buffers.memory();
  SerialSender half{memory.send_slots, memory.send_bytes, memory.send_frame};
};

struct Receiver {
  LineBuffers<64, 8, 1024> buffers;
  LineMemory memory = buffers.memory();
  SerialReceiver half{memory.receive_slots, memory.receive_bytes, memory.receive_frame};
};

std::vector<int> numbers(SerialSender& half, base::Time now) {
  std::vector<int> out;
  while (const auto data = half.next_packet(now)) out.push_back(data->number);
  return out;
}

TEST(SerialSender, WhatWasSentBeforeSomethingThatArrivedGoesAgainAtOnceAndOnlyThat) {
  Sender sender;
  sender.half.begin(kOther, 11'520);
  sender.half.send(base::Bytes(384, 1));
  EXPECT_EQ(numbers(sender.half, kStart), (std::vector{0, 1, 2, 3, 4, 5}));
  // 1 and 3 did not come; 5 may still be on its way.
  EXPECT_TRUE(sender.half.acknowledged({1, 0b101}, kStart + milliseconds(30)));
  EXPECT_EQ(numbers(sender.half, kStart + milliseconds(30)), (std::vector{1, 3}));
  EXPECT_EQ(sender.half.sent_again(), 2U);
  // The second 1 came, the second 3, which was sent after it, is not said to be there yet.
  EXPECT_TRUE(sender.half.acknowledged({3, 0b11}, kStart + milliseconds(50)));
  EXPECT_TRUE(numbers(sender.half, kStart + milliseconds(50)).empty());
  EXPECT_TRUE(sender.half.acknowledged({6, 0}, kStart + milliseconds(60)));
  EXPECT_TRUE(sender.half.idle());
}

TEST(SerialSender, TheLastOneGoesAgainAfterATimeAndLongerEachTime) {
  Sender sender;
  sender.half.begin(kOther, 11'520);
  sender.half.send(base::Bytes(10, 1));
  EXPECT_EQ(numbers(sender.half, kStart).size(), 1U);
  base::Time now = kStart;
  base::Duration before{};
  for (int i = 0; i < 4; ++i) {
    const auto at = sender.half.again_at();
    ASSERT_TRUE(at);
    EXPECT_GT(*at - now, before);
    before = *at - now;
    EXPECT_TRUE(numbers(sender.half, *at - milliseconds(1)).empty());
    EXPECT_EQ(numbers(sender.half, *at), std::vector{0});
    now = *at;
  }
  EXPECT_EQ(*sender.half.gives_up_at() - kStart,
            SerialSender::kPatience + 40 * std::chrono::microseconds(1'000'000 * 257 / 11'520));
}

TEST(SerialSender, WhatWasNeverSentCannotBeAcknowledged) {
  Sender sender;
  sender.half.begin(kOther, 11'520);
  EXPECT_FALSE(sender.half.acknowledged({1, 0}, kStart));
  EXPECT_FALSE(sender.half.acknowledged({0, 1}, kStart));
  sender.half.send(base::Bytes(192, 1));
  EXPECT_EQ(numbers(sender.half, kStart).size(), 3U);
  EXPECT_FALSE(sender.half.acknowledged({4, 0}, kStart));
  EXPECT_FALSE(sender.half.acknowledged({0, 0b100}, kStart));
  EXPECT_FALSE(sender.half.acknowledged({1, 0x8000'0000}, kStart));
  EXPECT_TRUE(sender.half.acknowledged({0, 0b11}, kStart));
  EXPECT_TRUE(sender.half.acknowledged({3, 0}, kStart));
  EXPECT_TRUE(sender.half.acknowledged({2, 0}, kStart)) << "said before";
}

TEST(SerialSender, NoMoreIsOnItsWayThanTheOtherTakesAndTheLineCarriesSoon) {
  Sender sender;
  sender.half.begin({64, 3, 1024}, 92'160);
  sender.half.send(base::Bytes(1024, 1));
  EXPECT_EQ(numbers(sender.half, kStart).size(), 3U) << "its window";
  sender.half.begin(kOther, 960);  // 144 bytes in 150 ms
  sender.half.send(base::Bytes(1024, 1));
  EXPECT_EQ(numbers(sender.half, kStart).size(), 2U);
  EXPECT_FALSE(sender.half.room());
}

TEST(SerialSender, PacketsGrowShorterWhereManyAreLostAndLongerAgain) {
  Sender sender;
  sender.half.begin(kOther, 92'160);
  base::Time now = kStart;
  const auto one = [&](bool first_is_lost) {
    while (!sender.half.room()) {
      const auto sent = numbers(sender.half, now);
      ASSERT_FALSE(sent.empty());
      const auto next = static_cast<std::uint8_t>(sent.back() + 1);
      ASSERT_TRUE(sender.half.acknowledged({next, 0}, now));
    }
    sender.half.send(base::Bytes(128, 1));
    const auto sent = numbers(sender.half, now);
    if (first_is_lost) {
      const auto first = static_cast<std::uint8_t>(sent.front());
      ASSERT_TRUE(sender.half.acknowledged({first, 1}, now));
      ASSERT_EQ(numbers(sender.half, now), std::vector{sent.front()});
    }
    const auto next = static_cast<std::uint8_t>(sent.back() + 1);
    ASSERT_TRUE(sender.half.acknowledged({next, 0}, now));
    now += milliseconds(10);
  };
  for (int i = 0; i < 200; ++i) one(true);
  EXPECT_LT(sender.half.payload(), 48U);
  EXPECT_GE(sender.half.payload(), kPayloadMin);
  sender.half.begin(kOther, 92'160);
  EXPECT_LT(sender.half.payload(), 48U) << "the line is what it was";
  for (int i = 0; i < 100; ++i) one(false);
  EXPECT_EQ(sender.half.payload(), 64U);
}

Data data(std::uint8_t number, base::ByteView bytes, bool ends = false) {
  return {number, 0, ends, bytes};
}

TEST(SerialReceiver, PutsPacketsIntoOrderAndSaysWhatIsMissing) {
  Receiver receiver;
  receiver.half.begin();
  EXPECT_TRUE(receiver.half.receive(data(1, base::as_bytes("b")), kStart));
  EXPECT_TRUE(receiver.half.receive(data(3, base::as_bytes("d"), true), kStart));
  EXPECT_FALSE(receiver.half.next_frame());
  EXPECT_EQ(receiver.half.next(), 0);
  EXPECT_EQ(receiver.half.held(), 0b101U);
  EXPECT_EQ(receiver.half.acknowledge_at(), kStart) << "at once: something is missing";
  EXPECT_TRUE(receiver.half.receive(data(0, base::as_bytes("a")), kStart));
  EXPECT_FALSE(receiver.half.next_frame());
  EXPECT_TRUE(receiver.half.receive(data(2, base::as_bytes("c")), kStart));
  const auto frame = receiver.half.next_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(base::as_text(*frame), "abcd");
  EXPECT_FALSE(receiver.half.next_frame());
  EXPECT_EQ(receiver.half.next(), 4);
  EXPECT_EQ(receiver.half.held(), 0U);
}

TEST(SerialReceiver, WhatComesAgainIsTakenOnceAndAcknowledgedAtOnce) {
  Receiver receiver;
  receiver.half.begin();
  EXPECT_TRUE(receiver.half.receive(data(0, base::as_bytes("a"), true), kStart));
  EXPECT_EQ(receiver.half.acknowledge_at(), kStart + SerialReceiver::kAcknowledgeWithin);
  EXPECT_TRUE(receiver.half.next_frame());
  receiver.half.acknowledged();
  EXPECT_TRUE(receiver.half.receive(data(0, base::as_bytes("a"), true), kStart));
  EXPECT_FALSE(receiver.half.next_frame());
  EXPECT_EQ(receiver.half.acknowledge_at(), kStart);
}

TEST(SerialReceiver, NumbersBeyondTheWindowAndFramesBeyondTheLimitAreRefused) {
  Receiver receiver;
  receiver.half.begin();
  const base::Bytes bytes(64, 1);
  EXPECT_FALSE(receiver.half.receive(data(8, bytes), kStart));
  EXPECT_FALSE(receiver.half.receive(data(128, bytes), kStart));
  EXPECT_FALSE(receiver.half.receive(data(0, base::Bytes(65, 1)), kStart));
  for (int i = 0; i < 16; ++i) {
    EXPECT_TRUE(receiver.half.receive(data(static_cast<std::uint8_t>(i), bytes), kStart));
    EXPECT_FALSE(receiver.half.next_frame());
    EXPECT_FALSE(receiver.half.broken());
  }
  EXPECT_TRUE(receiver.half.receive(data(16, base::Bytes(1, 1), true), kStart));
  EXPECT_FALSE(receiver.half.next_frame());
  EXPECT_TRUE(receiver.half.broken()) << "1025 bytes";
}

TEST(SerialReceiver, WithoutDrainingNothingIsOverwritten) {
  Receiver receiver;
  receiver.half.begin();
  for (int i = 0; i < 8; ++i) {
    const base::Bytes bytes(1, static_cast<std::uint8_t>('a' + i));
    EXPECT_TRUE(receiver.half.receive(data(static_cast<std::uint8_t>(i), bytes, i == 7), kStart));
  }
  EXPECT_FALSE(receiver.half.receive(data(8, base::as_bytes("z")), kStart));
  EXPECT_EQ(receiver.half.next(), 8);
  EXPECT_EQ(base::as_text(*receiver.half.next_frame()), "abcdefgh");
}

}  // namespace
}  // namespace chaski::transport_serial
