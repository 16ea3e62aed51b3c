// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "transport-serial/serial_packet.hpp"

namespace chaski::transport_serial {

/// One packet that was sent and is not acknowledged; its bytes stand elsewhere.
struct SendSlot {
  base::Time at;            ///< when it was sent last
  std::uint32_t order = 0;  ///< which sending that was
  std::uint8_t size = 0;
  bool ends = false;
  bool once = false;  ///< it was sent once
  bool here = false;  ///< the other holds it, and waits for one before it
  bool lost = false;  ///< one that was sent later is there
};

/// How long an acknowledgement may take. Sources: RFC 6298; Karn's rule is the caller's.
class AckTimer {
 public:
  static constexpr std::chrono::milliseconds kMin{100};
  static constexpr std::chrono::milliseconds kFirst{500};
  static constexpr std::chrono::seconds kMax{4};

  void begin(base::Duration packet_time);
  void measured(base::Duration round_trip);
  /// After so many in vain.
  base::Duration timeout(int in_vain) const;

 private:
  base::Duration packet_time_{};  ///< what the line takes for the longest packet
  std::optional<base::Duration> smoothed_;
  base::Duration variation_{};
};

/// The half of a line that gives packets: cuts frames, and sends again what was lost.
///
/// Rules: (1) a line keeps the order, so what was sent before something that arrived is lost, and
/// goes again at once; the last ones go again after a time. (2) About kAhead of the line is on its
/// way, so what is decided late is still sent soon. (3) Packets grow shorter where many are lost
/// and longer where few are. (4) It gives up when nothing arrives for kPatience. Source: serial.md,
/// 6 and 7.
class SerialSender {
 public:
  static constexpr std::chrono::milliseconds kAhead{150};
  static constexpr std::chrono::seconds kPatience{10};

  /// `bytes`: a payload for each slot. `frame`: the largest frame.
  SerialSender(std::span<SendSlot> slots, base::MutableByteView bytes, base::MutableByteView frame);
  /// Forgets everything but how long packets should be: a new session with one who takes this.
  void begin(const LineLimits& other, std::uint32_t bytes_per_s);

  /// Whether send() takes a frame: the one before has left, and the line takes more.
  bool room() const;
  /// Takes a frame of 1 to the other's frame_size_max bytes, with room().
  void send(base::ByteView frame);
  /// Takes what the other says of what arrived; false when that was never sent.
  bool acknowledged(const Ack& ack, base::Time now);
  /// What is to be sent now, valid until the next call, without `received`.
  std::optional<Data> next_packet(base::Time now);
  /// When there is something to send again, if nothing is heard before.
  std::optional<base::Time> again_at() const;

  /// Everything that was sent arrived.
  bool idle() const { return cut_ == frame_size_ && count_ == 0; }
  /// When it gives up.
  std::optional<base::Time> gives_up_at() const;
  std::size_t payload() const { return payload_; }
  std::uint64_t sent_again() const { return sent_again_; }

 private:
  SendSlot& slot(std::size_t index) { return slots_[(first_place_ + index) % slots_.size()]; }
  const SendSlot& slot(std::size_t index) const {
    return slots_[(first_place_ + index) % slots_.size()];
  }
  bool window_open() const;
  base::Time overdue_at() const;  ///< the first packet
  void arrived(SendSlot& packet, base::Time now);
  void find_lost();
  void shorter();
  Data give(std::size_t index, base::Time now);
  Data cut(base::Time now);

  std::span<SendSlot> slots_;
  base::MutableByteView bytes_;
  base::MutableByteView frame_;
  std::size_t slot_bytes_;
  std::size_t frame_size_ = 0, cut_ = 0;  ///< of the frame, and what of it was sent
  std::size_t first_place_ = 0, count_ = 0;
  std::uint8_t first_ = 0;                         ///< number of the first unacknowledged
  std::size_t in_flight_ = 0, in_flight_max_ = 0;  ///< bytes
  std::size_t window_ = 0, payload_max_ = 0;
  std::size_t payload_;
  std::uint32_t order_ = 0, latest_here_ = 0;
  int in_vain_ = 0;
  base::Time progress_;  ///< when something arrived last
  base::Duration patience_{};
  AckTimer timer_;
  std::uint64_t sent_again_ = 0;
};

}  // namespace chaski::transport_serial
