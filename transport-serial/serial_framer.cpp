// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/serial_framer.hpp"

#include "base/assert.hpp"

namespace chaski::transport_serial {

std::size_t frame_packet(base::MutableByteView out, std::size_t size, std::uint32_t crc) {
  const std::size_t whole = size + kCrcSize;
  CHASKI_ASSERT(size > 0 && whole <= kPacketSizeMax && out.size() >= whole + 2);
  const std::uint32_t value = base::crc32_value(base::crc32_update(crc, out.subspan(1, size)));
  for (std::size_t i = 0; i < kCrcSize; ++i) {
    out[1 + size + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  }
  std::size_t code = 0;  // where the length of the block stands that has begun
  for (std::size_t at = 1; at <= whole; ++at) {
    if (out[at] != 0) continue;
    out[code] = static_cast<std::uint8_t>(at - code);
    code = at;
  }
  out[code] = static_cast<std::uint8_t>(whole + 1 - code);
  out[whole + 1] = 0;
  return whole + 2;
}

void FrameDecoder::reset() {
  size_ = 0;
  left_ = 0;
  begun_ = full_ = skipping_ = finished_ = false;
}

FrameDecoder::Result FrameDecoder::drop(LineFault fault) {
  reset();
  fault_ = fault;
  return Result::fault;
}

bool FrameDecoder::append(std::uint8_t byte) {
  if (size_ == bytes_.size()) return false;
  bytes_[size_++] = byte;
  return true;
}

FrameDecoder::Result FrameDecoder::end() {
  if (skipping_ || !begun_) {
    reset();
    return Result::more;
  }
  if (left_ != 0) return drop(LineFault::cut);
  if (size_ <= kCrcSize) return drop(LineFault::too_short);
  finished_ = true;
  return Result::packet;
}

FrameDecoder::Result FrameDecoder::push(std::uint8_t byte) {
  if (finished_) reset();
  if (byte == 0) return end();
  if (skipping_) return Result::more;
  bool room = true;
  if (left_ != 0) {
    --left_;
    room = append(byte);
  } else {
    if (begun_ && !full_) room = append(0);
    begun_ = true;
    full_ = byte == 0xff;
    left_ = static_cast<std::uint8_t>(byte - 1);
  }
  if (room) return Result::more;
  drop(LineFault::too_long);
  skipping_ = true;
  return Result::fault;
}

std::optional<base::ByteView> FrameDecoder::packet(std::uint32_t crc) const {
  CHASKI_ASSERT(finished_);
  const base::ByteView all = bytes_.first(size_);
  const base::ByteView packet = all.first(size_ - kCrcSize);
  const std::uint32_t value = base::crc32_value(base::crc32_update(crc, packet));
  for (std::size_t i = 0; i < kCrcSize; ++i) {
    if (all[packet.size() + i] != static_cast<std::uint8_t>(value >> (24 - 8 * i))) {
      return std::nullopt;
    }
  }
  return packet;
}

}  // namespace chaski::transport_serial
