// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "mesh-router/custody_ledger.hpp"
#include "wire/reassembler.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router {

/// Envelope records on their way to one neighbour in pieces, and large envelopes that were offered
/// to it and wait for the answer how much of them is there.
///
/// Rules: (1) one transfer a lane and at most Reassembler::kTransfersMax in all, one of them kept
/// for receipts. (2) the piece that goes next is of the first lane that has one. (3) once begun, a
/// transfer is finished whatever becomes of the envelope, since the other end waits for it; so it
/// owns its bytes (bounded by rule 1).
class TransferSet {
 public:
  static constexpr std::size_t kMax = wire::Reassembler::kTransfersMax;

  bool can_open(Lane lane) const;
  /// Takes a whole record payload; only after can_open().
  void open(Lane lane, base::Bytes payload, const SentLedger::Entry& entry);
  /// Takes the bytes of an envelope that is offered now, and gives the number of its transfer. It
  /// counts as open, but no piece of it goes before answer(). Only after can_open().
  std::uint32_t offer(Lane lane, base::Bytes envelope, const SentLedger::Entry& entry);
  /// The neighbour has the first `offset` bytes; all of them: the transfer is over. False when no
  /// such offer waits or it is not as long.
  bool answer(std::uint32_t number, std::uint32_t offset);
  /// Whether a piece may go now.
  bool has_piece() const { return next() != nullptr; }
  std::size_t count() const { return open_; }
  /// Envelope bytes of the open transfers.
  std::uint64_t bytes() const { return bytes_; }
  /// The lane whose piece would go next; only when has_piece().
  Lane next_lane() const;

  /// Writes one piece of at most `data_max` bytes into the frame.
  /// Returns whether anything was written; `finished` gets the entry when its last piece went.
  bool write_piece(wire::RecordWriter& frame, std::size_t data_max,
                   std::optional<SentLedger::Entry>& finished);
  const SentLedger::Entry* entry(std::size_t index) const;

 private:
  struct Transfer {
    bool open = false;
    bool waiting = false;  ///< for the answer to its offer
    wire::RecordType type = wire::RecordType::envelope;
    Lane lane = Lane::receipts;
    std::uint32_t id = 0;
    std::uint32_t offset = 0;
    base::Bytes payload;
    SentLedger::Entry entry;
  };
  const Transfer* next() const;
  Transfer& begin(Lane lane, base::Bytes payload, const SentLedger::Entry& entry);
  void end(Transfer& transfer);

  std::array<Transfer, kMax> transfers_;
  std::size_t open_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint32_t next_id_ = 1;
};

}  // namespace chaski::mesh_router
