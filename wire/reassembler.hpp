// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "wire/records.hpp"

namespace chaski::wire {

/// Puts the fragments of one link direction together again.
///
/// Rules: (1) at most kTransfersMax transfers are open at once, so that small ones can pass a large
/// one; the sender never opens more, and a peer that does is in error. (2) pieces of a transfer
/// come in order, since links are ordered. (3) memory is bounded by kTransfersMax * kRecordSizeMax,
/// and grows only with bytes that came, never with what a header promised.
class Reassembler {
 public:
  static constexpr std::size_t kTransfersMax = 4;

  /// Takes one piece; gives the whole payload once the last has come. The view is valid until the
  /// next call or release(). Errors: malformed (gap, overlap, changed total or type), oversized
  /// (total above kRecordSizeMax), no_room (too many open transfers).
  base::Expected<std::optional<Record>, WireError> add(const Fragment& fragment);
  /// What came of a transfer that is open; empty when none of this number is.
  base::ByteView so_far(std::uint32_t transfer) const;
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
    bool open = false;
  };
  std::array<Transfer, kTransfersMax> transfers_;
  base::Bytes whole_;
};

}  // namespace chaski::wire
