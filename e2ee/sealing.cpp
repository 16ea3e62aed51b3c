// SPDX-License-Identifier: Apache-2.0
#include "e2ee/sealing.hpp"

#include <sodium.h>

#include "e2ee/codec.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/x25519.hpp"

namespace chaski::e2ee {
namespace {

using Nonce = std::array<std::uint8_t, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

Nonce nonce_of(const wire::DeliveryTag& tag) {
  Nonce nonce{};
  std::copy(tag.bytes.begin(), tag.bytes.end(), nonce.begin());
  return nonce;
}

}  // namespace

Direction direction(const IdentityPublic& sender, const IdentityPublic& recipient) {
  Direction out;
  out.bytes =
      public_hash<32>(label::kDirection, {sender.agreement.view(), sender.signing.view(),
                                          recipient.agreement.view(), recipient.signing.view()});
  return out;
}

void aead_seal(base::ByteView key, const wire::DeliveryTag& tag, base::ByteView associated,
               base::MutableByteView text, base::MutableByteView mac) {
  CHASKI_ASSERT(key.size() == 32 && mac.size() == kAeadTagSize);
  const Nonce nonce = nonce_of(tag);
  crypto_aead_chacha20poly1305_ietf_encrypt_detached(
      text.data(), mac.data(), nullptr, text.data(), text.size(), associated.data(),
      associated.size(), nullptr, nonce.data(), key.data());
}

bool aead_open(base::ByteView key, const wire::DeliveryTag& tag, base::ByteView associated,
               base::ByteView sealed, base::MutableByteView out) {
  CHASKI_ASSERT(key.size() == 32 && sealed.size() == out.size() + kAeadTagSize);
  const Nonce nonce = nonce_of(tag);
  const int failed = crypto_aead_chacha20poly1305_ietf_decrypt_detached(
      out.data(), nullptr, sealed.data(), out.size(), sealed.data() + out.size(), associated.data(),
      associated.size(), nonce.data(), key.data());
  return revealed(failed) == 0;
}

Associated associated(const Direction& direction, const wire::EnvelopeFields& envelope,
                      base::ByteView encrypted_header) {
  Associated out;
  Writer(out)
      .bytes(direction.view())
      .bytes(encrypted_header)
      .bytes(envelope.tag.view())
      .bytes(envelope.commitment.view())
      .number(envelope.lifetime_s)
      .number(static_cast<std::uint8_t>(envelope.priority))
      .number(static_cast<std::uint8_t>(envelope.kind));
  return out;
}

void write_header(const Header& header, const TagAndMask& cover, base::MutableByteView out) {
  CHASKI_ASSERT(out.size() == kHeaderSize);
  Writer(out).bytes(header.ratchet.view()).number(header.previous_length);
  for (std::size_t i = 0; i < kHeaderSize; ++i) out[i] ^= cover.mask[i];
}

std::optional<Header> read_header(base::ByteView encrypted, const TagAndMask& cover) {
  CHASKI_ASSERT(encrypted.size() == kHeaderSize);
  std::array<std::uint8_t, kHeaderSize> plain;
  for (std::size_t i = 0; i < kHeaderSize; ++i) {
    plain[i] = static_cast<std::uint8_t>(encrypted[i] ^ cover.mask[i]);
  }
  Reader reader(plain);
  Header out;
  reader.fill(out.ratchet);
  out.previous_length = reader.number<std::uint32_t>();
  if (!is_acceptable_x25519(out.ratchet.view())) return std::nullopt;
  return out;
}

}  // namespace chaski::e2ee
