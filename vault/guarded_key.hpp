// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/bytes.hpp"

namespace chaski::vault {

/// Secret bytes on pages of their own between guard pages: not swapped out and not dumped where the
/// system allows it, wiped when they go (sodium_malloc). Throws std::bad_alloc.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::size_t size);  ///< zeros
  GuardedBytes(GuardedBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  GuardedBytes& operator=(GuardedBytes&& other) noexcept;
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes();

  base::ByteView view() const { return {data_, size_}; }
  base::MutableByteView mutable_view() { return {data_, size_}; }

 private:
  std::uint8_t* data_;
  std::size_t size_;
};

/// Whether the system keeps a page of ours from being swapped out (sodium_mlock works).
bool memory_can_be_locked();

/// A key of one role; two roles do not convert into each other.
template <class Role, std::size_t N = 32>
class GuardedKey {
 public:
  static constexpr std::size_t kSize = N;
  GuardedKey() : bytes_(N) {}
  base::ByteView view() const { return bytes_.view(); }
  base::MutableByteView mutable_view() { return bytes_.mutable_view(); }

 private:
  GuardedBytes bytes_;
};

/// What all records are sealed under, by way of the keys derived from it. Random, and the same as
/// long as there is a vault.
using DataKey = GuardedKey<struct DataKeyRole>;
/// What a passphrase becomes, and what wraps a data key.
using KeyEncryptionKey = GuardedKey<struct KeyEncryptionKeyRole>;
/// What hides which of the carried envelopes are the person's own.
using MaskKey = GuardedKey<struct MaskKeyRole, 16>;

}  // namespace chaski::vault
