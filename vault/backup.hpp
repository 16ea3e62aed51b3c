// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/expected.hpp"
#include "base/random.hpp"
#include "vault/passphrase.hpp"

namespace chaski::vault {

/// What a backup is made of; numbers are in the format.
enum class BackupItemKind : std::uint8_t {
  identity = 1,  ///< e2ee::Identity::save()
  own_name = 2,
  contact = 3,
  message = 4,
  standing = 6,  ///< with what a session with a contact is begun anew
  end = 5,       ///< the last one, empty
};

struct BackupItem {
  BackupItemKind kind;
  base::Bytes bytes;
};

/// The beginning of a backup: what its passphrase costs, salt and nonce. Read before all else.
struct BackupHeader {
  static constexpr std::size_t kSize = 52;
  PassphraseCost cost;
  Salt salt;
  std::array<std::uint8_t, 15> nonce{};

  friend bool operator==(const BackupHeader&, const BackupHeader&) = default;
  static BackupHeader make(const PassphraseCost& cost, base::Random& random);
  std::array<std::uint8_t, kSize> encode() const;
  /// Nothing when the bytes are no beginning of a backup of ours.
  static std::optional<BackupHeader> decode(base::ByteView bytes);
};

/// One sealed part of a backup. Each but the last holds kBackupChunkSize plain bytes.
inline constexpr std::size_t kBackupChunkSize = 65'536;
inline constexpr std::size_t kBackupTagSize = 16;
inline constexpr std::size_t kBackupItemSizeMax = 128u << 10;

/// Writes a backup, piece by piece: put() items, take() what is ready, finish().
///
/// Chunks are sealed with XChaCha20-Poly1305 under the passphrase's key; the nonce counts them and
/// marks the last, so that none can be left out, moved or appended (the STREAM construction of
/// Hoang, Reyhanitabar, Rogaway and Vizár, "Online authenticated-encryption and its nonce-reuse
/// misuse-resistance", 2015).
class BackupWriter {
 public:
  BackupWriter(const BackupHeader& header, KeyEncryptionKey key);
  /// At most kBackupItemSizeMax bytes.
  void put(BackupItemKind kind, base::ByteView bytes);
  void finish();
  /// Bytes for the file, as far as they are sealed.
  base::Bytes take() { return std::exchange(ready_, {}); }
  std::size_t ready() const { return ready_.size(); }

 private:
  void seal(std::size_t size, bool last);

  std::array<std::uint8_t, BackupHeader::kSize> header_;
  BackupHeader fields_;
  KeyEncryptionKey key_;
  base::Bytes plain_;
  base::Bytes ready_;
  std::uint64_t count_ = 0;
};

enum class BackupError : std::uint8_t {
  wrong_passphrase,  ///< or damaged within the first 64 KiB: one failure
  damaged,           ///< or cut off
};

/// Reads what BackupWriter wrote, in pieces of any size; the header is not part of them.
class BackupReader {
 public:
  BackupReader(const BackupHeader& header, KeyEncryptionKey key);
  /// The items that became whole. After an error nothing more comes.
  base::Expected<std::vector<BackupItem>, BackupError> feed(base::ByteView bytes);
  /// At the end of the file: the last items, when everything was there.
  base::Expected<std::vector<BackupItem>, BackupError> finish();

 private:
  bool open_first(std::size_t size, bool last);
  base::Expected<std::vector<BackupItem>, BackupError> items();
  BackupError failure() const;

  std::array<std::uint8_t, BackupHeader::kSize> header_;
  BackupHeader fields_;
  KeyEncryptionKey key_;
  base::Bytes sealed_;
  base::Bytes plain_;
  std::uint64_t count_ = 0;
  bool failed_ = false;
  bool ended_ = false;
};

}  // namespace chaski::vault
