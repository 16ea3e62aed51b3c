// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/expected.hpp"
#include "base/random.hpp"
#include "vault/passphrase.hpp"

namespace chaski::vault {

/// What stands between the key file and the data key.
enum class Protection : std::uint8_t {
  none = 0,        ///< whoever has the file has the key: only when the person said so
  passphrase = 1,
};

enum class KeyFileError : std::uint8_t {
  damaged,    ///< no key file of ours, or with numbers that none has
  newer,      ///< of a version that is not known here
  destroyed,  ///< overwritten by a panic that did not get to its end
};

/// The key file: a data key, wrapped. docs/protocol/vault.md has every byte.
///
/// A wrong passphrase and a damaged wrapped key are one and the same failure.
class KeyFile {
 public:
  static constexpr std::size_t kSize = 108;

  /// Wraps a key. `cost` and `passphrase_key` count with Protection::passphrase only.
  static KeyFile wrap_open(const DataKey& key, base::Random& random);
  static KeyFile wrap(const DataKey& key, const KeyEncryptionKey& passphrase_key, const Salt& salt,
                      const PassphraseCost& cost, base::Random& random);
  static base::Expected<KeyFile, KeyFileError> decode(base::ByteView bytes);

  base::ByteView bytes() const { return bytes_; }
  Protection protection() const;
  Salt salt() const;
  PassphraseCost cost() const;

  /// The data key of a file without a passphrase; nothing when it is damaged.
  std::optional<DataKey> unwrap_open() const;
  std::optional<DataKey> unwrap(const KeyEncryptionKey& passphrase_key) const;

 private:
  KeyFile() = default;
  static KeyFile seal(const DataKey& key, base::ByteView under, Protection protection,
                      const Salt& salt, const PassphraseCost& cost, base::Random& random);
  std::optional<DataKey> open(base::ByteView under) const;

  std::array<std::uint8_t, kSize> bytes_{};
};

/// A new random data key.
DataKey make_data_key(base::Random& random);

}  // namespace chaski::vault
