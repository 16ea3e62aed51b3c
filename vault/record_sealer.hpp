// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "vault/guarded_key.hpp"

namespace chaski::vault {

/// What a record belongs to; each has a key of its own. Numbers are in the format.
enum class Table : std::uint8_t {
  items = 1,
  contacts = 2,
  sessions = 3,
  invitations = 4,
  threads = 5,
  undelivered = 6,
  messages = 7,
  texts = 8,
  lives = 9,
  tombstones = 10,
  sums = 11,
  timers = 12,
  files = 13,
  file_marks = 14,
};
inline constexpr std::size_t kTables = 14;

/// Stands for one sealed record in a sum over all of them.
using RecordMark = std::array<std::uint8_t, 16>;

/// Seals and opens records: XChaCha20-Poly1305 under the key of their table, bound to their row.
///
/// A record that was moved to another row or table, cut or changed does not open. Plain bytes are
/// padded to a multiple of kPadding, so that lengths say little. docs/protocol/vault.md.
class RecordSealer {
 public:
  static constexpr std::size_t kPadding = 32;
  static constexpr std::size_t kNonceSize = 24;
  static constexpr std::size_t kTagSize = 16;
  static constexpr std::size_t sealed_size(std::size_t plain) {
    return kNonceSize + (plain / kPadding + 1) * kPadding + kTagSize;
  }

  RecordSealer(const DataKey& key, base::Random& random);

  base::Bytes seal(Table table, std::uint64_t row, base::ByteView plain) const;
  /// Opens in place; what it gives lies in `sealed`.
  std::optional<base::MutableByteView> open(Table table, std::uint64_t row,
                                            base::MutableByteView sealed) const;
  /// Of a record as it lies there now: another one for each time it is sealed. The exclusive or of
  /// the marks of all rows is a sum that only who has the key can make (MSet-XOR-Hash of Clarke,
  /// Devadas, van Dijk, Gassend and Suh, "Incremental multiset hash functions", 2003).
  RecordMark mark(Table table, std::uint64_t row, base::ByteView sealed) const;

  const MaskKey& mask_key() const { return mask_key_; }

 private:
  base::ByteView key_of(Table table) const;
  void next_nonce(base::MutableByteView out) const;

  /// Nonces are no secrets: many are drawn at once, because asking the kernel costs more.
  static constexpr std::size_t kNoncesDrawn = 64;

  base::Random& random_;
  mutable std::array<std::uint8_t, kNoncesDrawn * kNonceSize> nonces_{};
  mutable std::size_t nonces_left_ = 0;
  GuardedBytes keys_;  ///< of all tables, then that of marks
  MaskKey mask_key_;
};

}  // namespace chaski::vault
