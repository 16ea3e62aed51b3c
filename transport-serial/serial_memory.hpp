// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "transport-serial/serial_receiver.hpp"
#include "transport-serial/serial_sender.hpp"

namespace chaski::transport_serial {

/// What one line works in.
struct LineMemory {
  base::MutableByteView packet;
  std::span<ReceiveSlot> receive_slots;
  base::MutableByteView receive_bytes, receive_frame;
  std::span<SendSlot> send_slots;
  base::MutableByteView send_bytes, send_frame;
};

/// The memory of a line whose packets hold kPayload bytes of a frame, of which kWindow may be on
/// their way each way, with frames of kFrame bytes at most.
///
/// About 2 (kWindow (kPayload + 20) + kFrame) + kPayload bytes. The window that keeps a line full
/// is what the line carries in the time of an answer, and 20 ms, divided by kPayload.
template <std::size_t kPayload, std::size_t kWindow, std::size_t kFrame>
class LineBuffers {
  static_assert(kPayload >= kPayloadMin && kPayload <= kPayloadMax);
  static_assert(kWindow >= 1 && kWindow <= kWindowMax);
  static_assert(kFrame >= kFrameSizeMin && kFrame <= kFrameSizeMax);

 public:
  LineMemory memory() {
    return {packet_,     receive_slots_, receive_bytes_, receive_frame_,
            send_slots_, send_bytes_,    send_frame_};
  }

 private:
  std::array<std::uint8_t, kPayload + kDataHeaderSize + kCrcSize> packet_;
  std::array<ReceiveSlot, kWindow> receive_slots_;
  std::array<std::uint8_t, kPayload * kWindow> receive_bytes_;
  std::array<std::uint8_t, kFrame> receive_frame_;
  std::array<SendSlot, kWindow> send_slots_;
  std::array<std::uint8_t, kPayload * kWindow> send_bytes_;
  std::array<std::uint8_t, kFrame> send_frame_;
};

}  // namespace chaski::transport_serial
