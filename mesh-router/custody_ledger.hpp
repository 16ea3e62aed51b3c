// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "mesh-router/held_envelope.hpp"
#include "mesh-router/ring.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router {

/// What was sent to one neighbour and not answered: envelope records numbered from 1 per link.
class SentLedger {
 public:
  struct Entry {
    SlotRef envelope;
    std::uint32_t size = 0;
    bool is_receipt = false;
    bool refused = false;
    bool shown = false;      ///< not to be carried on: its acknowledgement is no custody
    bool resumed = false;    ///< not sent from its start: it may turn out spoiled
    std::uint16_t lent = 0;  ///< copies that come back when it was not taken
  };

  void push(const Entry& entry);
  std::size_t count() const { return entries_.size(); }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t sent() const { return acknowledged_ + entries_.size(); }

  /// Whether this number was ever sent; an acknowledgement of another one is a lie.
  bool was_sent(std::uint64_t sequence) const { return sequence != 0 && sequence <= sent(); }
  /// The next entry that an acknowledgement up to `upto` covers, taken out; nothing when done.
  std::optional<Entry> acknowledge_next(std::uint64_t upto);
  /// Marks one entry as refused; nullptr when it was acknowledged already or refused before.
  const Entry* refuse(std::uint64_t sequence);
  const Entry& operator[](std::size_t index) const { return entries_[index]; }

 private:
  Ring<Entry> entries_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t bytes_ = 0;
};

/// What came from one neighbour and must be answered: refusals at once, then one cumulative
/// acknowledgement of everything that is durable.
class ReceivedLedger {
 public:
  /// A neighbour that goes on sending without reading refusals beyond this is broken.
  static constexpr std::size_t kRefusalsMax = 65'536;

  /// One more envelope record came; gives its number.
  std::uint64_t count_one() { return ++received_; }
  /// False when kRefusalsMax is reached.
  bool refuse(std::uint64_t sequence, wire::RefuseReason reason);
  /// Everything that came up to now may be acknowledged.
  void settle() { durable_ = received_; }
  bool settled() const { return durable_ == received_; }

  bool wants_to_send() const { return durable_ > told_ || !refusals_.empty(); }
  /// Writes as many refusals as fit, and the acknowledgement unless a refusal that it covers did
  /// not.
  void write(wire::RecordWriter& frame);

 private:
  Ring<wire::Refuse> refusals_;
  std::uint64_t received_ = 0;
  std::uint64_t durable_ = 0;
  std::uint64_t told_ = 0;
};

}  // namespace chaski::mesh_router
