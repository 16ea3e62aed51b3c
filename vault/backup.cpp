// SPDX-License-Identifier: Apache-2.0
#include "vault/backup.hpp"

#include <sodium.h>

#include "base/assert.hpp"

namespace chaski::vault {
namespace {

constexpr std::string_view kMagic = "chaskibk";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kPassesAt = 12;
constexpr std::size_t kMemoryAt = 16;
constexpr std::size_t kSaltAt = 20;
constexpr std::size_t kNonceAt = 36;  // 15 bytes, then a zero
constexpr std::size_t kItemHeader = 5;

void put_u32(std::uint8_t* out, std::size_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t get_u32(const std::uint8_t* in) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | in[i];
  return value;
}

/// The header's 15 bytes, the number of the chunk, and whether it is the last.
using Nonce = std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES>;
Nonce nonce_of(const BackupHeader& header, std::uint64_t count, bool last) {
  Nonce nonce{};
  std::copy(header.nonce.begin(), header.nonce.end(), nonce.begin());
  for (std::size_t i = 0; i < 8; ++i) {
    nonce[header.nonce.size() + i] = static_cast<std::uint8_t>(count >> (8 * i));
  }
  nonce.back() = last ? 1 : 0;
  return nonce;
}
static_assert(kBackupTagSize == crypto_aead_xchacha20poly1305_ietf_ABYTES);
constexpr std::size_t kSealedChunkSize = kBackupChunkSize + kBackupTagSize;

}  // namespace

BackupHeader BackupHeader::make(const PassphraseCost& cost, base::Random& random) {
  BackupHeader header;
  header.cost = cost;
  header.salt = random.bytes<Salt>();
  random.fill(header.nonce);
  return header;
}

std::array<std::uint8_t, BackupHeader::kSize> BackupHeader::encode() const {
  std::array<std::uint8_t, kSize> out{};
  std::copy(kMagic.begin(), kMagic.end(), out.begin());
  out[kMagic.size()] = kVersion;
  put_u32(out.data() + kPassesAt, cost.passes);
  put_u32(out.data() + kMemoryAt, cost.memory_KiB);
  std::copy(salt.bytes.begin(), salt.bytes.end(), out.begin() + kSaltAt);
  std::copy(nonce.begin(), nonce.end(), out.begin() + kNonceAt);
  return out;
}

std::optional<BackupHeader> BackupHeader::decode(base::ByteView bytes) {
  if (bytes.size() != kSize) return std::nullopt;
  BackupHeader header;
  header.cost = {.passes = get_u32(bytes.data() + kPassesAt),
                 .memory_KiB = get_u32(bytes.data() + kMemoryAt)};
  if (!header.cost.is_allowed()) return std::nullopt;
  std::copy_n(bytes.begin() + kSaltAt, Salt::kSize, header.salt.bytes.begin());
  std::copy_n(bytes.begin() + kNonceAt, header.nonce.size(), header.nonce.begin());
  // One spelling only: everything else is zero.
  if (!base::equal(header.encode(), bytes)) return std::nullopt;
  return header;
}

BackupWriter::BackupWriter(const BackupHeader& header, KeyEncryptionKey key)
    : header_(header.encode()), fields_(header), key_(std::move(key)),
      ready_(header_.begin(), header_.end()) {}

void BackupWriter::put(BackupItemKind kind, base::ByteView bytes) {
  CHASKI_ASSERT(bytes.size() <= kBackupItemSizeMax);
  std::array<std::uint8_t, kItemHeader> head{static_cast<std::uint8_t>(kind)};
  put_u32(head.data() + 1, bytes.size());
  plain_.insert(plain_.end(), head.begin(), head.end());
  plain_.insert(plain_.end(), bytes.begin(), bytes.end());
  // The last chunk is told by its mark, so one full chunk is kept back.
  while (plain_.size() > kBackupChunkSize) seal(kBackupChunkSize, false);
}

void BackupWriter::finish() { seal(plain_.size(), true); }

void BackupWriter::seal(std::size_t size, bool last) {
  const std::size_t at = ready_.size();
  ready_.resize(at + size + kBackupTagSize);
  const Nonce nonce = nonce_of(fields_, count_++, last);
  crypto_aead_xchacha20poly1305_ietf_encrypt(ready_.data() + at, nullptr, plain_.data(), size,
                                             header_.data(), header_.size(), nullptr, nonce.data(),
                                             key_.view().data());
  sodium_memzero(plain_.data(), size);
  plain_.erase(plain_.begin(), plain_.begin() + static_cast<std::ptrdiff_t>(size));
}

BackupReader::BackupReader(const BackupHeader& header, KeyEncryptionKey key)
    : header_(header.encode()), fields_(header), key_(std::move(key)) {}

BackupError BackupReader::failure() const {
  return count_ == 0 ? BackupError::wrong_passphrase : BackupError::damaged;
}

/// Opens the first `size` bytes that wait.
bool BackupReader::open_first(std::size_t size, bool last) {
  if (size < kBackupTagSize) return false;
  const std::size_t at = plain_.size();
  plain_.resize(at + size - kBackupTagSize);
  const Nonce nonce = nonce_of(fields_, count_, last);
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      plain_.data() + at, nullptr, nullptr, sealed_.data(), size, header_.data(), header_.size(),
      nonce.data(), key_.view().data());
  if (code != 0) return false;
  ++count_;
  sealed_.erase(sealed_.begin(), sealed_.begin() + static_cast<std::ptrdiff_t>(size));
  return true;
}

base::Expected<std::vector<BackupItem>, BackupError> BackupReader::items() {
  std::vector<BackupItem> found;
  std::size_t at = 0;
  while (plain_.size() - at >= kItemHeader) {
    const std::uint8_t kind = plain_[at];
    const std::size_t size = get_u32(plain_.data() + at + 1);
    const bool is_known = kind >= static_cast<std::uint8_t>(BackupItemKind::identity) &&
                          kind <= static_cast<std::uint8_t>(BackupItemKind::standing);
    if (!is_known || size > kBackupItemSizeMax || ended_) {
      failed_ = true;
      return base::unexpected(BackupError::damaged);
    }
    if (plain_.size() - at - kItemHeader < size) break;
    const auto begin = plain_.begin() + static_cast<std::ptrdiff_t>(at + kItemHeader);
    found.push_back({static_cast<BackupItemKind>(kind),
                     base::Bytes(begin, begin + static_cast<std::ptrdiff_t>(size))});
    ended_ = found.back().kind == BackupItemKind::end;
    at += kItemHeader + size;
  }
  sodium_memzero(plain_.data(), at);
  plain_.erase(plain_.begin(), plain_.begin() + static_cast<std::ptrdiff_t>(at));
  return found;
}

base::Expected<std::vector<BackupItem>, BackupError> BackupReader::feed(base::ByteView bytes) {
  if (failed_) return base::unexpected(failure());
  sealed_.insert(sealed_.end(), bytes.begin(), bytes.end());
  while (sealed_.size() > kSealedChunkSize) {
    if (!open_first(kSealedChunkSize, false)) {
      failed_ = true;
      return base::unexpected(failure());
    }
  }
  return items();
}

base::Expected<std::vector<BackupItem>, BackupError> BackupReader::finish() {
  if (failed_) return base::unexpected(failure());
  if (!open_first(sealed_.size(), true)) {
    failed_ = true;
    return base::unexpected(failure());
  }
  auto found = items();
  if (found && (!ended_ || !plain_.empty())) return base::unexpected(BackupError::damaged);
  return found;
}

}  // namespace chaski::vault
