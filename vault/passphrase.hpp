// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "vault/guarded_key.hpp"

namespace chaski::vault {

/// Longest passphrase, in bytes.
inline constexpr std::size_t kPassphraseSizeMax = 1'024;

using Salt = base::TaggedBytes<struct SaltTag, 16>;

/// What turning a passphrase into a key costs: Argon2id (RFC 9106), one lane.
///
/// Bounded on both sides, so that a file of somebody else's can neither make it cheap to guess nor
/// exhaust the machine.
struct PassphraseCost {
  static constexpr std::uint32_t kPassesMin = 1;
  static constexpr std::uint32_t kPassesMax = 16;
  static constexpr std::uint32_t kMemoryMin_KiB = 8u << 10;
  static constexpr std::uint32_t kMemoryMax_KiB = 1u << 20;

  std::uint32_t passes = 3;
  std::uint32_t memory_KiB = 256u << 10;

  bool is_allowed() const;
  friend bool operator==(const PassphraseCost&, const PassphraseCost&) = default;
};

/// The key of a passphrase: Argon2id over its bytes as they are. Takes what `cost` says, so not for
/// a thread that others wait for. Nothing when there is not enough memory. The cost must be
/// allowed.
std::optional<KeyEncryptionKey> stretch(base::ByteView passphrase, const Salt& salt,
                                        const PassphraseCost& cost);

}  // namespace chaski::vault
