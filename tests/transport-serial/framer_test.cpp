// SPDX-License-Identifier: Apache-2.0
// Packets on a line. Afraid of: damage that is taken for a packet; noise that costs more than what
// it hits; a packet without a bound.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "transport-serial/serial_framer.hpp"

namespace chaski::transport_serial {
namespace {

base::Bytes framed(base::ByteView packet, std::uint32_t crc = base::kCrc32Start) {
  base::Bytes out(packet.size() + 7, 0xee);
  std::copy(packet.begin(), packet.end(), out.begin() + 1);
  out.resize(frame_packet(out, packet.size(), crc));
  return out;
}

struct Heard {
  std::vector<base::Bytes> packets;
  std::vector<LineFault> faults;
};

Heard hear(base::ByteView bytes, std::size_t memory = kPacketSizeMax) {
  base::Bytes space(memory);
  FrameDecoder decoder(space);
  Heard heard;
  for (const std::uint8_t byte : bytes) {
    const auto result = decoder.push(byte);
    if (result == FrameDecoder::Result::fault) heard.faults.push_back(decoder.fault());
    if (result != FrameDecoder::Result::packet) continue;
    if (const auto packet = decoder.packet(base::kCrc32Start)) {
      heard.packets.emplace_back(packet->begin(), packet->end());
    } else {
      heard.faults.push_back(LineFault::damaged);
    }
  }
  return heard;
}

TEST(SerialFramer, TheExampleOfTheSpecification) {
  const auto line = framed(*base::from_hex("0500"));
  EXPECT_EQ(base::to_hex(line), "0205053caee6ba00");
  EXPECT_EQ(hear(line).packets, std::vector<base::Bytes>{*base::from_hex("0500")});
}

TEST(SerialFramer, EverySizeGoesThrough) {
  for (std::size_t size = 1; size <= kPacketSizeMax - kCrcSize; ++size) {
    for (const int fill : {0, 1, 0x55, 0xff}) {
      base::Bytes packet(size, static_cast<std::uint8_t>(fill));
      const auto line = framed(packet);
      EXPECT_EQ(line.size(), size + kCrcSize + 2) << "no more than it is said to cost";
      EXPECT_EQ(std::count(line.begin(), line.end(), 0), 1);
      EXPECT_EQ(line.back(), 0);
      const auto heard = hear(line);
      EXPECT_EQ(heard.packets, std::vector<base::Bytes>{packet});
      EXPECT_TRUE(heard.faults.empty());
    }
  }
}

TEST(SerialFramer, AFullBlockMayBeFollowedByAnEmptyOne) {
  // Some encoders end with one when 254 bytes without a zero came before; it holds nothing.
  base::Bytes packet(kPacketSizeMax - kCrcSize, 0x41);
  auto line = framed(packet);
  while (line[0] != 0xff) {  // the CRC has a zero
    ++packet[0];
    line = framed(packet);
  }
  line.insert(line.end() - 1, 1);
  EXPECT_EQ(hear(line).packets, std::vector<base::Bytes>{packet});
}

TEST(SerialFramer, AnotherSessionsPacketIsNone) {
  const auto start = base::crc32_update(base::kCrc32Start, base::as_bytes("session"));
  const auto line = framed(base::as_bytes("hello"), start);
  EXPECT_TRUE(hear(line).packets.empty());
}

TEST(SerialFramer, EveryBitThatTurnsOverIsNoticedAndCostsOnePacket) {
  base::Bytes packet(100);
  base::SeededRandom random(7);
  random.fill(packet);
  const auto good = framed(base::as_bytes("after it"));
  const auto line = framed(packet);
  for (std::size_t bit = 0; bit < 8 * line.size(); ++bit) {
    auto damaged = line;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1u << (bit % 8)));
    damaged.insert(damaged.end(), good.begin(), good.end());
    damaged.insert(damaged.end(), good.begin(), good.end());
    const auto heard = hear(damaged);
    // Where the delimiter was hit, the packet after it goes as well.
    ASSERT_GE(heard.packets.size(), bit / 8 + 1 == line.size() ? 1U : 2U) << "bit " << bit;
    for (const auto& got : heard.packets) EXPECT_EQ(base::as_text(got), "after it");
    EXPECT_FALSE(heard.faults.empty());
  }
}

TEST(SerialFramer, FaultsHaveTheirNames) {
  using F = LineFault;
  const auto faults = [](const char* hex, std::size_t memory = kPacketSizeMax) {
    return hear(*base::from_hex(hex), memory).faults;
  };
  EXPECT_EQ(faults("0511220000"), std::vector{F::cut}) << "three of five bytes";
  EXPECT_EQ(faults("051122334400"), std::vector{F::too_short});
  EXPECT_EQ(faults("06112233445500"), std::vector{F::damaged});
  EXPECT_EQ(faults("0a11223344556677889900", 8), std::vector{F::too_long}) << "once";
  EXPECT_EQ(faults("00000000"), std::vector<F>{}) << "an idle line says nothing";
  // After too much, the next packet is heard.
  const auto good = framed(base::as_bytes("x"));
  base::Bytes line(1000, 0x41);
  line.push_back(0);
  line.insert(line.end(), good.begin(), good.end());
  const auto heard = hear(line);
  EXPECT_EQ(heard.faults, std::vector{F::too_long});
  EXPECT_EQ(heard.packets.size(), 1U);
}

/// Cheshire and Baker's rule as it is written: for each block its bytes and where a zero was.
std::optional<base::Bytes> naive_unstuff(base::ByteView block) {
  base::Bytes out;
  for (std::size_t at = 0; at < block.size();) {
    const std::size_t code = block[at];
    if (at + code > block.size()) return std::nullopt;
    out.insert(out.end(), block.begin() + static_cast<long>(at) + 1,
               block.begin() + static_cast<long>(at + code));
    at += code;
    if (code != 0xff && at < block.size()) out.push_back(0);
  }
  return out;
}

RC_GTEST_PROP(SerialFramer, AnyBytesAreReadAsTheNaiveReaderReadsThem, (base::Bytes noise)) {
  std::erase(noise, 0);
  auto line = noise;
  line.push_back(0);
  const auto expected = naive_unstuff(noise);
  base::Bytes space(kPacketSizeMax);
  FrameDecoder decoder(space);
  auto last = FrameDecoder::Result::more;
  for (const std::uint8_t byte : line) last = decoder.push(byte);
  const bool whole = expected && expected->size() > kCrcSize;
  RC_PRE(!expected || expected->size() <= kPacketSizeMax);
  RC_ASSERT((last == FrameDecoder::Result::packet) == whole);
  if (!whole) return;
  const auto body = base::ByteView(*expected).first(expected->size() - kCrcSize);
  std::uint32_t value = 0;
  for (std::size_t i = body.size(); i < expected->size(); ++i) value = value << 8 | (*expected)[i];
  const bool right = value == base::crc32_value(base::crc32_update(base::kCrc32Start, body));
  const auto packet = decoder.packet(base::kCrc32Start);
  RC_ASSERT(packet.has_value() == right);
}

}  // namespace
}  // namespace chaski::transport_serial
