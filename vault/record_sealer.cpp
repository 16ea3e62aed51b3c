// SPDX-License-Identifier: Apache-2.0
#include "vault/record_sealer.hpp"

#include <sodium.h>

#include "base/assert.hpp"

namespace chaski::vault {
namespace {

constexpr const char* kContext = "chaskiv1";  // of crypto_kdf: 8 characters
constexpr std::size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::uint64_t kMarkKey = 100;
constexpr std::uint64_t kMaskKey = 101;
static_assert(RecordSealer::kNonceSize == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(RecordSealer::kTagSize == crypto_aead_xchacha20poly1305_ietf_ABYTES);

/// What a record is bound to: its table and its row.
using Place = std::array<std::uint8_t, 9>;
Place place_of(Table table, std::uint64_t row) {
  Place place{static_cast<std::uint8_t>(table)};
  for (std::size_t i = 0; i < 8; ++i) place[1 + i] = static_cast<std::uint8_t>(row >> (8 * i));
  return place;
}

}  // namespace

RecordSealer::RecordSealer(const DataKey& key, base::Random& random)
    : random_(random), keys_((kTables + 1) * kKeySize) {
  static_assert(DataKey::kSize == crypto_kdf_KEYBYTES);
  const base::MutableByteView out = keys_.mutable_view();
  for (std::size_t i = 0; i < kTables; ++i) {
    crypto_kdf_derive_from_key(out.data() + i * kKeySize, kKeySize, i + 1, kContext,
                               key.view().data());
  }
  crypto_kdf_derive_from_key(out.data() + kTables * kKeySize, kKeySize, kMarkKey, kContext,
                             key.view().data());
  crypto_kdf_derive_from_key(mask_key_.mutable_view().data(), MaskKey::kSize, kMaskKey, kContext,
                             key.view().data());
}

base::ByteView RecordSealer::key_of(Table table) const {
  return keys_.view().subspan((static_cast<std::size_t>(table) - 1) * kKeySize, kKeySize);
}

void RecordSealer::next_nonce(base::MutableByteView out) const {
  if (nonces_left_ == 0) {
    random_.fill(nonces_);
    nonces_left_ = kNoncesDrawn;
  }
  --nonces_left_;
  std::copy_n(nonces_.begin() + static_cast<std::ptrdiff_t>(nonces_left_ * kNonceSize), kNonceSize,
              out.begin());
}

base::Bytes RecordSealer::seal(Table table, std::uint64_t row, base::ByteView plain) const {
  base::Bytes out;
  out.reserve(sealed_size(plain.size()));
  out.resize(kNonceSize);
  out.insert(out.end(), plain.begin(), plain.end());
  out.resize(sealed_size(plain.size()));
  out[kNonceSize + plain.size()] = 0x80;  // the rest is zeros: ISO/IEC 7816-4
  const base::MutableByteView nonce(out.data(), kNonceSize);
  next_nonce(nonce);
  std::uint8_t* const text = out.data() + kNonceSize;
  const Place place = place_of(table, row);
  crypto_aead_xchacha20poly1305_ietf_encrypt(text, nullptr, text,
                                             out.size() - kNonceSize - kTagSize, place.data(),
                                             place.size(), nullptr, nonce.data(),
                                             key_of(table).data());
  return out;
}

std::optional<base::MutableByteView> RecordSealer::open(Table table, std::uint64_t row,
                                                        base::MutableByteView sealed) const {
  if (sealed.size() < sealed_size(0)) return std::nullopt;
  const base::MutableByteView body = sealed.subspan(kNonceSize);
  const Place place = place_of(table, row);
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      body.data(), nullptr, nullptr, body.data(), body.size(), place.data(), place.size(),
      sealed.data(), key_of(table).data());
  if (code != 0) return std::nullopt;
  const base::MutableByteView padded = body.first(body.size() - kTagSize);
  std::size_t size = 0;
  if (sodium_unpad(&size, padded.data(), padded.size(), kPadding) != 0) return std::nullopt;
  return padded.first(size);
}

RecordMark RecordSealer::mark(Table table, std::uint64_t row, base::ByteView sealed) const {
  CHASKI_ASSERT(sealed.size() >= kNonceSize + kTagSize);
  // The nonce says which sealing it was, the tag that it is the one with this nonce.
  std::array<std::uint8_t, sizeof(Place) + kNonceSize + kTagSize> input{};
  const Place place = place_of(table, row);
  const auto end = std::copy(place.begin(), place.end(), input.begin());
  const base::ByteView tag = sealed.last(kTagSize);
  std::copy(tag.begin(), tag.end(), std::copy_n(sealed.begin(), kNonceSize, end));
  RecordMark mark{};
  crypto_generichash(mark.data(), mark.size(), input.data(), input.size(),
                     keys_.view().data() + kTables * kKeySize, kKeySize);
  return mark;
}

}  // namespace chaski::vault
