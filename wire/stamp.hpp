// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "wire/limits.hpp"

namespace chaski::wire {

/// What a stamp is for: the hash of all that must not change after the work was done. Who makes one
/// puts a secret or a challenge into it that cannot be known before (docs/decisions/0007).
using StampSubject = base::TaggedBytes<struct StampSubjectTag, 32>;

/// How much work a stamp proves: the leading zero bits of
/// BLAKE2b-256("chaski1 stamp" and 3 zero bytes || subject || nonce, 8 bytes little-endian), the
/// highest bit of the first byte first. One compression. Source: hashcash (Back, 2002).
unsigned stamp_bits(const StampSubject& subject, std::uint64_t nonce);

/// Hashes that a stamp of `bits` (0 to kStampBitsMax) takes on the average.
std::uint64_t stamp_hashes(unsigned bits);

/// Looks for a stamp in slices, so that nobody waits for it.
///
/// It has no memory: begun anew from another nonce it takes as long on the average as if it went
/// on, so nothing but the subject need survive a restart.
class StampSearch {
 public:
  /// `bits` at most kStampBitsMax; `first` should be random, so that a nonce tells nothing.
  StampSearch(const StampSubject& subject, unsigned bits, std::uint64_t first);

  /// Tries at most `hashes_max` nonces; whether the stamp is found.
  bool work(std::uint64_t hashes_max);
  const std::optional<std::uint64_t>& nonce() const { return found_; }
  std::uint64_t hashes_done() const { return done_; }
  unsigned bits() const { return bits_; }

 private:
  StampSubject subject_;
  unsigned bits_;
  std::uint64_t next_;
  std::uint64_t done_ = 0;
  std::optional<std::uint64_t> found_;
};

}  // namespace chaski::wire
