// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/crc32.hpp"

namespace chaski::transport_serial {

inline constexpr std::size_t kCrcSize = 4;
/// A packet and its CRC: what one block of COBS holds.
inline constexpr std::size_t kPacketSizeMax = 254;
/// A packet on the line: a delimiter before it, one byte of COBS, a delimiter after it.
inline constexpr std::size_t kLineSizeMax = kPacketSizeMax + 3;

/// Why bytes of the line were dropped.
enum class LineFault : std::uint8_t {
  damaged,    ///< its CRC is not that of its bytes
  cut,        ///< a delimiter came inside a block
  too_long,   ///< longer than any packet; the rest up to the next delimiter goes with it
  too_short,  ///< no room for a kind and a CRC
};

/// Puts a packet of `size` bytes, which stands at out[1], on the line: appends its CRC, which went
/// on from `crc`, stuffs it in place and ends it with a delimiter. How many bytes that are.
///
/// `out` has size + 7 bytes or more; size + 4 is kPacketSizeMax at most. No byte but the last is 0.
/// Source: Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on
/// Networking 7(2), 1999.
std::size_t frame_packet(base::MutableByteView out, std::size_t size, std::uint32_t crc);

/// Finds packets among the bytes of a line; begins anew at each delimiter, so noise costs the
/// packets that it hits and no other.
///
/// Holds one packet, in memory that it is given.
class FrameDecoder {
 public:
  enum class Result : std::uint8_t { more, packet, fault };

  /// `memory`: as long as the longest packet with its CRC.
  explicit FrameDecoder(base::MutableByteView memory) : bytes_(memory) {}

  /// Takes the next byte of the line. `packet`: there is one; `fault`: fault() says what was lost.
  Result push(std::uint8_t byte);
  /// After `packet`, until the next push(): its bytes without the CRC, if that, gone on from `crc`,
  /// is right.
  std::optional<base::ByteView> packet(std::uint32_t crc) const;
  /// After `packet`, its first byte, whatever the CRC says.
  std::uint8_t kind() const { return bytes_[0]; }
  LineFault fault() const { return fault_; }
  /// Forgets what has begun.
  void reset();

 private:
  Result end();
  Result drop(LineFault fault);
  bool append(std::uint8_t byte);

  base::MutableByteView bytes_;
  std::size_t size_ = 0;
  std::uint8_t left_ = 0;  ///< bytes that the block still has
  bool begun_ = false;     ///< a block came since the last delimiter
  bool full_ = false;      ///< no zero stands after this block
  bool skipping_ = false;  ///< up to the next delimiter
  bool finished_ = false;  ///< a packet stands here that the next byte forgets
  LineFault fault_ = LineFault::damaged;
};

}  // namespace chaski::transport_serial
