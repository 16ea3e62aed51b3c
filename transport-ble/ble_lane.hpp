// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport-ble/ble_lane_receiver.hpp"
#include "transport-ble/ble_lane_sender.hpp"

namespace chaski::transport_ble {

/// One end of a lane: frames into packets that may be lost, doubled and reordered, and back.
///
/// Frames arrive whole, in order and once, or it is dead: the peer broke the rules, or did not
/// acknowledge a packet that was sent kTriesMax times. Values that are no packet of this lane are
/// dropped and counted; they may be another's, who writes where it should not. After each input
/// take next_frame() and next_packet() until they give nothing, then wait until next_wakeup().
/// Source: ble.md, 5.5 to 5.9.
class Lane {
 public:
  /// `packet_size_max`: what one packet may be, 18 to 510; more is not used.
  explicit Lane(std::size_t packet_size_max);

  /// Whether send() takes a frame: the one before has left.
  bool room() const { return why_dead() == nullptr && sender_.room(); }
  /// What fills packets to the last byte: as much of kLaneFrameSizeMax as that is.
  std::size_t frame_size_max() const;
  /// Takes a frame of 1 to frame_size_max() bytes, with room().
  void send(base::ByteView frame) { sender_.send(frame); }
  void receive(base::ByteView value, base::Time now);

  /// A packet to be sent now: its size in `out`, 0 for none. `out` has packet_size_max() bytes.
  std::size_t next_packet(base::MutableByteView out, base::Time now);
  std::optional<base::Bytes> next_frame() { return receiver_.next_frame(); }
  /// When there may be a packet to send though nothing came.
  std::optional<base::Time> next_wakeup() const;

  std::size_t packet_size_max() const { return packet_size_max_; }
  /// Everything that was sent arrived.
  bool idle() const { return sender_.idle(); }
  bool dead() const { return why_dead() != nullptr; }
  /// Nothing while it lives.
  const char* why_dead() const;

  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t sent_again() const { return sender_.sent_again(); }

 private:
  std::size_t packet_size_max_;
  LaneSender sender_;
  LaneReceiver receiver_;
  bool broken_ = false;
  std::uint64_t dropped_ = 0;  ///< values that were no packet of this lane
};

}  // namespace chaski::transport_ble
