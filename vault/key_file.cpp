// SPDX-License-Identifier: Apache-2.0
#include "vault/key_file.hpp"

#include <sodium.h>

#include "base/assert.hpp"

namespace chaski::vault {
namespace {

constexpr std::string_view kMagic = "chaskivk";
constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kOpenLabel = "chaski vault v1 without passphrase";

// Where the fields are.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kProtectionAt = 9;
constexpr std::size_t kReservedAt = 10;
constexpr std::size_t kPassesAt = 12;
constexpr std::size_t kMemoryAt = 16;
constexpr std::size_t kSaltAt = 20;
constexpr std::size_t kNonceAt = 36;
constexpr std::size_t kWrappedAt = 60;
static_assert(kWrappedAt - kNonceAt == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kWrappedAt + DataKey::kSize + crypto_aead_xchacha20poly1305_ietf_ABYTES ==
              KeyFile::kSize);

void put_u32(base::MutableByteView out, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t get_u32(base::ByteView in) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | in[i];
  return value;
}

/// What anybody can make of the file: it is wrapped like the others, so that damage shows.
KeyEncryptionKey open_key(const Salt& salt) {
  KeyEncryptionKey key;
  const auto out = key.mutable_view();
  crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char*>(
                     kOpenLabel.data()), kOpenLabel.size(), salt.bytes.data(), salt.bytes.size());
  return key;
}

}  // namespace

KeyFile KeyFile::seal(const DataKey& key, base::ByteView under, Protection protection,
                      const Salt& salt, const PassphraseCost& cost, base::Random& random) {
  KeyFile file;
  const base::MutableByteView out(file.bytes_);
  std::copy(kMagic.begin(), kMagic.end(), out.begin());
  out[kVersionAt] = kVersion;
  out[kProtectionAt] = static_cast<std::uint8_t>(protection);
  put_u32(out.subspan(kPassesAt, 4), cost.passes);
  put_u32(out.subspan(kMemoryAt, 4), cost.memory_KiB);
  std::copy(salt.bytes.begin(), salt.bytes.end(), out.begin() + kSaltAt);
  random.fill(out.subspan(kNonceAt, kWrappedAt - kNonceAt));
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      out.data() + kWrappedAt, nullptr, key.view().data(), key.view().size(), out.data(), kNonceAt,
      nullptr, out.data() + kNonceAt, under.data());
  return file;
}

std::optional<DataKey> KeyFile::open(base::ByteView under) const {
  DataKey key;
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      key.mutable_view().data(), nullptr, nullptr, bytes_.data() + kWrappedAt, kSize - kWrappedAt,
      bytes_.data(), kNonceAt, bytes_.data() + kNonceAt, under.data());
  if (code != 0) return std::nullopt;
  return key;
}

KeyFile KeyFile::wrap_open(const DataKey& key, base::Random& random) {
  const auto salt = random.bytes<Salt>();
  return seal(key, open_key(salt).view(), Protection::none, salt, {.passes = 0, .memory_KiB = 0},
              random);
}

KeyFile KeyFile::wrap(const DataKey& key, const KeyEncryptionKey& passphrase_key, const Salt& salt,
                      const PassphraseCost& cost, base::Random& random) {
  CHASKI_ASSERT(cost.is_allowed());
  return seal(key, passphrase_key.view(), Protection::passphrase, salt, cost, random);
}

base::Expected<KeyFile, KeyFileError> KeyFile::decode(base::ByteView bytes) {
  const bool is_blank =
      !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
  if (is_blank) return base::unexpected(KeyFileError::destroyed);
  if (bytes.size() < kProtectionAt || !base::equal(bytes.first(8), base::as_bytes(kMagic))) {
    return base::unexpected(KeyFileError::damaged);
  }
  if (bytes[kVersionAt] > kVersion) return base::unexpected(KeyFileError::newer);
  if (bytes.size() != kSize || bytes[kVersionAt] != kVersion || bytes[kProtectionAt] > 1 ||
      bytes[kReservedAt] != 0 || bytes[kReservedAt + 1] != 0) {
    return base::unexpected(KeyFileError::damaged);
  }
  KeyFile file;
  std::copy(bytes.begin(), bytes.end(), file.bytes_.begin());
  const PassphraseCost cost = file.cost();
  const bool cost_is_good = file.protection() == Protection::passphrase
                                ? cost.is_allowed()
                                : cost == PassphraseCost{.passes = 0, .memory_KiB = 0};
  if (!cost_is_good) return base::unexpected(KeyFileError::damaged);
  return file;
}

Protection KeyFile::protection() const { return static_cast<Protection>(bytes_[kProtectionAt]); }

Salt KeyFile::salt() const {
  return *Salt::from(base::ByteView(bytes_).subspan(kSaltAt, Salt::kSize));
}

PassphraseCost KeyFile::cost() const {
  const base::ByteView in(bytes_);
  return {.passes = get_u32(in.subspan(kPassesAt, 4)),
          .memory_KiB = get_u32(in.subspan(kMemoryAt, 4))};
}

std::optional<DataKey> KeyFile::unwrap_open() const {
  if (protection() != Protection::none) return std::nullopt;
  return open(open_key(salt()).view());
}

std::optional<DataKey> KeyFile::unwrap(const KeyEncryptionKey& passphrase_key) const {
  if (protection() != Protection::passphrase) return std::nullopt;
  return open(passphrase_key.view());
}

DataKey make_data_key(base::Random& random) {
  DataKey key;
  random.fill(key.mutable_view());
  return key;
}

}  // namespace chaski::vault
