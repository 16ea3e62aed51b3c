// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "wire/records.hpp"

namespace chaski::wire {

/// What may be in memory of the transfers of one link direction, in bytes.
///
/// By default as much as there can be. A small board has less.
struct ReassemblyLimits {
  std::size_t envelope_max = kRecordSizeMax;   ///< a longer envelope is left out
  std::size_t bytes_max = 4 * kRecordSizeMax;  ///< of open envelopes, and as much of other records
};

/// Puts the fragments of one link direction together again.
///
/// Rules: (1) at most kTransfersMax transfers are open at once, so that small ones can pass a large
/// one; the sender never opens more, and a peer that does is in error. (2) pieces of a transfer
/// come in order, since links are ordered. (3) memory is bounded by kTransfersMax * kRecordSizeMax,
/// and grows only with bytes that came, never with what a header promised. (4) An envelope above
/// the limits is counted to its end and nothing of it is kept; another record above them is an
/// error.
class Reassembler {
 public:
  static constexpr std::size_t kTransfersMax = 4;

  explicit Reassembler(const ReassemblyLimits& limits = {}) : limits_(limits) {}

  /// Takes one piece; gives the whole payload once the last has come. The view is valid until the
  /// next call or release(). Errors: malformed (gap, overlap, changed total or type), oversized
  /// (total above kRecordSizeMax), no_room (too many open transfers, or other records than
  /// envelopes above the limits).
  base::Expected<std::optional<Record>, WireError> add(const Fragment& fragment);
  /// The size of the envelope that the last add() ended and left out: its payload is empty.
  std::optional<std::uint32_t> left_out() const { return left_out_; }
  /// What came of a transfer that is open and kept; empty when none of this number is.
  base::ByteView so_far(std::uint32_t transfer) const;
  bool is_open(std::uint32_t transfer) const;
  /// The last whole payload was read: its memory is given back.
  void release() { whole_ = base::Bytes(); }
  void clear();
  std::size_t memory_used() const;

 private:
  struct Transfer {
    std::uint32_t id = 0;
    std::uint32_t total = 0;
    RecordType type = RecordType::envelope;
    base::Bytes data;
    std::uint32_t came = 0;
    bool open = false;
    bool kept = true;
  };
  /// Whether there is memory for it; nothing when it is in error without.
  std::optional<bool> keeps(const Fragment& fragment) const;

  ReassemblyLimits limits_;
  std::array<Transfer, kTransfersMax> transfers_;
  base::Bytes whole_;
  std::optional<std::uint32_t> left_out_;
};

}  // namespace chaski::wire
