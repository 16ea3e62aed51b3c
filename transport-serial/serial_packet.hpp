// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "transport-serial/serial_framer.hpp"

namespace chaski::transport_serial {

inline constexpr std::uint8_t kVersion = 1;
/// Packets that may be on their way unacknowledged; of 256 numbers.
inline constexpr std::size_t kWindowMax = 32;
inline constexpr std::size_t kDataHeaderSize = 3;
/// Bytes of a frame in one packet.
inline constexpr std::size_t kPayloadMax = kPacketSizeMax - kCrcSize - kDataHeaderSize;
inline constexpr std::size_t kPayloadMin = 32;
/// What every end takes: a handshake of the link is 160.
inline constexpr std::size_t kFrameSizeMin = 160;
inline constexpr std::size_t kFrameSizeMax = 65'535;
inline constexpr std::size_t kHelloSize = 23;
inline constexpr std::size_t kAckSize = 6;
inline constexpr std::size_t kByeSize = 1;

/// The first byte of a packet (serial.md, 4).
enum class PacketKind : std::uint8_t { hello = 1, data = 2, last_data = 3, ack = 4, bye = 5 };

/// What an end calls itself for one session: 8 random bytes, not all zero.
using Nonce = std::array<std::uint8_t, 8>;

/// What an end can take.
struct LineLimits {
  std::size_t payload_max = 0;     ///< kPayloadMin to kPayloadMax
  std::size_t window = 0;          ///< 1 to kWindowMax
  std::size_t frame_size_max = 0;  ///< kFrameSizeMin to kFrameSizeMax
};

struct Hello {
  Nonce own{};
  Nonce heard{};      ///< the other's; all zero: none was heard
  bool open = false;  ///< the session of these two is open where this comes from
  LineLimits limits;
};

struct Data {
  std::uint8_t number = 0;
  std::uint8_t received = 0;  ///< the number of the first packet that its sender has not
  bool ends = false;          ///< a frame
  base::ByteView bytes;
};

struct Ack {
  std::uint8_t received = 0;
  std::uint32_t held = 0;  ///< bit n: packet received + 1 + n is here as well
};

/// Nothing when it is none of version 1, or its limits are not allowed.
std::optional<Hello> parse_hello(base::ByteView packet);
/// The bytes are not copied.
std::optional<Data> parse_data(base::ByteView packet);
std::optional<Ack> parse_ack(base::ByteView packet);

/// They write to the front of `out`, which has room, and give the size.
std::size_t write_hello(const Hello& hello, base::MutableByteView out);
std::size_t write_data(const Data& data, base::MutableByteView out);
std::size_t write_ack(const Ack& ack, base::MutableByteView out);

/// How far `number` is ahead of `from`, -128 to 127: numbers count modulo 256.
constexpr int distance(std::uint8_t from, std::uint8_t number) {
  return static_cast<std::int8_t>(static_cast<std::uint8_t>(number - from));
}

}  // namespace chaski::transport_serial
