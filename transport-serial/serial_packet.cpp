// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/serial_packet.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::transport_serial {
namespace {

constexpr std::uint8_t kOpenFlag = 1;

bool allowed(const LineLimits& limits) {
  return limits.payload_max >= kPayloadMin && limits.payload_max <= kPayloadMax &&
         limits.window >= 1 && limits.window <= kWindowMax &&
         limits.frame_size_max >= kFrameSizeMin;
}

constexpr std::uint8_t low(std::size_t value) {
  return static_cast<std::uint8_t>(value & 0xff);
}

}  // namespace

std::optional<Hello> parse_hello(base::ByteView packet) {
  if (packet.size() < kHelloSize || packet[0] != low(std::size_t(PacketKind::hello)) ||
      packet[1] != kVersion) {
    return std::nullopt;
  }
  Hello hello;
  hello.open = (packet[2] & kOpenFlag) != 0;
  std::copy_n(packet.begin() + 3, hello.own.size(), hello.own.begin());
  std::copy_n(packet.begin() + 11, hello.heard.size(), hello.heard.begin());
  hello.limits.payload_max = packet[19];
  hello.limits.window = packet[20];
  hello.limits.frame_size_max = std::size_t{packet[21]} << 8 | packet[22];
  if (hello.own == Nonce{} || !allowed(hello.limits)) return std::nullopt;
  return hello;
}

std::size_t write_hello(const Hello& hello, base::MutableByteView out) {
  CHASKI_ASSERT(out.size() >= kHelloSize && allowed(hello.limits));
  CHASKI_ASSERT(hello.limits.frame_size_max <= kFrameSizeMax);
  out[0] = low(std::size_t(PacketKind::hello));
  out[1] = kVersion;
  out[2] = hello.open ? kOpenFlag : 0;
  std::copy(hello.own.begin(), hello.own.end(), out.begin() + 3);
  std::copy(hello.heard.begin(), hello.heard.end(), out.begin() + 11);
  out[19] = low(hello.limits.payload_max);
  out[20] = low(hello.limits.window);
  out[21] = low(hello.limits.frame_size_max >> 8);
  out[22] = low(hello.limits.frame_size_max);
  return kHelloSize;
}

std::optional<Data> parse_data(base::ByteView packet) {
  if (packet.size() <= kDataHeaderSize) return std::nullopt;
  Data data;
  data.ends = packet[0] == low(std::size_t(PacketKind::last_data));
  if (!data.ends && packet[0] != low(std::size_t(PacketKind::data))) return std::nullopt;
  data.number = packet[1];
  data.received = packet[2];
  data.bytes = packet.subspan(kDataHeaderSize);
  return data;
}

std::size_t write_data(const Data& data, base::MutableByteView out) {
  const std::size_t size = kDataHeaderSize + data.bytes.size();
  CHASKI_ASSERT(!data.bytes.empty() && out.size() >= size);
  out[0] = low(std::size_t(data.ends ? PacketKind::last_data : PacketKind::data));
  out[1] = data.number;
  out[2] = data.received;
  std::copy(data.bytes.begin(), data.bytes.end(), out.begin() + kDataHeaderSize);
  return size;
}

std::optional<Ack> parse_ack(base::ByteView packet) {
  if (packet.size() != kAckSize || packet[0] != low(std::size_t(PacketKind::ack))) {
    return std::nullopt;
  }
  Ack ack;
  ack.received = packet[1];
  for (std::size_t i = 2; i < kAckSize; ++i) ack.held = ack.held << 8 | packet[i];
  return ack;
}

std::size_t write_ack(const Ack& ack, base::MutableByteView out) {
  CHASKI_ASSERT(out.size() >= kAckSize);
  out[0] = low(std::size_t(PacketKind::ack));
  out[1] = ack.received;
  for (std::size_t i = 2; i < kAckSize; ++i) out[i] = low(ack.held >> (8 * (kAckSize - 1 - i)));
  return kAckSize;
}

}  // namespace chaski::transport_serial
