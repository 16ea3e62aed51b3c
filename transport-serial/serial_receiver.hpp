// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "transport-serial/serial_packet.hpp"

namespace chaski::transport_serial {

/// One packet that a receiver may hold; its bytes stand elsewhere.
struct ReceiveSlot {
  std::uint8_t size = 0;
  bool here = false;
  bool ends = false;
};

/// The half of a line that takes packets: puts them into order, and frames together.
///
/// As many packets as there are slots and one frame are held, in memory that it is given. Source:
/// serial.md, 6.
class SerialReceiver {
 public:
  static constexpr std::size_t kAcknowledgeAfter = 4;
  static constexpr std::chrono::milliseconds kAcknowledgeWithin{20};

  /// `bytes`: a payload for each slot. `frame`: the largest frame.
  SerialReceiver(std::span<ReceiveSlot> slots, base::MutableByteView bytes,
                 base::MutableByteView frame);
  /// Forgets everything: a new session.
  void begin();

  /// Takes a packet; false when its number is none that the other may use now.
  bool receive(const Data& data, base::Time now);
  /// The next whole frame, in order, valid until the next call; take them after each receive().
  std::optional<base::MutableByteView> next_frame();
  /// It sent a frame that is larger than was allowed.
  bool broken() const { return broken_; }

  /// The number of the first packet that is not here.
  std::uint8_t next() const { return next_; }
  /// What is here beyond it, as in Ack.
  std::uint32_t held() const;
  /// When that has to be said at the latest, if there is something new to say.
  std::optional<base::Time> acknowledge_at() const { return acknowledge_at_; }
  void acknowledged();

 private:
  std::size_t place(std::uint8_t number) const;
  void want_acknowledgement(base::Time at);

  std::span<ReceiveSlot> slots_;
  base::MutableByteView bytes_;
  base::MutableByteView frame_;
  std::size_t payload_max_;
  std::size_t first_place_ = 0;  ///< the slot of joined_
  std::uint8_t joined_ = 0;      ///< the number of the first packet that is in no frame yet
  std::uint8_t next_ = 0;
  std::size_t frame_size_ = 0;
  std::size_t unsaid_ = 0;  ///< packets that were not acknowledged
  std::optional<base::Time> acknowledge_at_;
  bool broken_ = false;
};

}  // namespace chaski::transport_serial
