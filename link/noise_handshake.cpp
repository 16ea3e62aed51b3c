// SPDX-License-Identifier: Apache-2.0
#include "link/noise_handshake.hpp"

#include <sodium/crypto_scalarmult.h>

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::link::noise {

namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::string_view kNameXx = "Noise_XX_25519_ChaChaPoly_SHA256";
constexpr std::string_view kNameXxPsk3 = "Noise_XXpsk3_25519_ChaChaPoly_SHA256";

using SharedSecret = SecretBytes<struct SharedSecretTag>;

}  // namespace

HandshakeState::HandshakeState(const HandshakeConfig& config)
    : role_(config.role),
      symmetric_(config.network_key ? kNameXxPsk3 : kNameXx),
      static_(config.static_key),
      ephemeral_(config.ephemeral),
      network_key_(config.network_key) {
  crypto_scalarmult_base(ephemeral_public_.data(), ephemeral_.data());
  symmetric_.mix_hash(config.prologue);
}

std::span<const HandshakeState::Token> HandshakeState::tokens(int index) {
  static constexpr std::array<Token, 1> kFirst{Token::e};
  static constexpr std::array<Token, 4> kSecond{Token::e, Token::ee, Token::s, Token::es};
  static constexpr std::array<Token, 3> kThird{Token::s, Token::se, Token::psk};
  if (index == 0) return kFirst;
  if (index == 1) return kSecond;
  return kThird;
}

std::size_t HandshakeState::overhead(int index, bool with_network_key) {
  if (index == 0) return kKeySize + (with_network_key ? kTagSize : 0);
  if (index == 1) return kKeySize + kKeySize + kTagSize + kTagSize;
  return kKeySize + kTagSize + kTagSize;
}

std::optional<std::size_t> HandshakeState::write_message(base::ByteView payload,
                                                         base::MutableByteView out) {
  CHASKI_ASSERT(!complete() && (next_ % 2 == 0) == (role_ == base::LinkRole::initiator));
  CHASKI_ASSERT(out.size() >= payload.size() + overhead(next_, network_key_.has_value()));
  std::size_t at = 0;
  for (const Token token : tokens(next_)) {
    if (token == Token::e || token == Token::s) {
      write_token(token, out, at);
    } else if (!mix_token(token)) {
      return std::nullopt;
    }
  }
  const std::size_t size = payload.size() + (symmetric_.has_key() ? kTagSize : 0);
  std::copy(payload.begin(), payload.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  symmetric_.encrypt_and_hash(out.subspan(at, size));
  ++next_;
  return at + size;
}

std::optional<base::ByteView> HandshakeState::read_message(base::MutableByteView message) {
  CHASKI_ASSERT(!complete() && (next_ % 2 == 1) == (role_ == base::LinkRole::initiator));
  if (message.size() < overhead(next_, network_key_.has_value())) return std::nullopt;
  std::size_t at = 0;
  for (const Token token : tokens(next_)) {
    const bool read = token == Token::e || token == Token::s ? read_token(token, message, at)
                                                             : mix_token(token);
    if (!read) return std::nullopt;
  }
  const std::size_t tag_size = symmetric_.has_key() ? kTagSize : 0;
  const base::MutableByteView payload = message.subspan(at);
  if (!symmetric_.decrypt_and_hash(payload)) return std::nullopt;
  ++next_;
  return payload.first(payload.size() - tag_size);
}

void HandshakeState::write_token(Token token, base::MutableByteView out, std::size_t& at) {
  if (token == Token::e) {
    std::copy(ephemeral_public_.begin(), ephemeral_public_.end(),
              out.begin() + static_cast<std::ptrdiff_t>(at));
    mix_ephemeral(ephemeral_public_);
    at += kKeySize;
    return;
  }
  const std::size_t size = kKeySize + (symmetric_.has_key() ? kTagSize : 0);
  const base::ByteView key = static_.public_key().view();
  std::copy(key.begin(), key.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  symmetric_.encrypt_and_hash(out.subspan(at, size));
  at += size;
}

bool HandshakeState::read_token(Token token, base::MutableByteView message, std::size_t& at) {
  if (token == Token::e) {
    std::copy_n(message.begin() + static_cast<std::ptrdiff_t>(at), kKeySize,
                remote_ephemeral_.begin());
    mix_ephemeral(remote_ephemeral_);
    at += kKeySize;
    return true;
  }
  const std::size_t size = kKeySize + (symmetric_.has_key() ? kTagSize : 0);
  const base::MutableByteView sealed = message.subspan(at, size);
  if (!symmetric_.decrypt_and_hash(sealed)) return false;
  std::copy_n(sealed.begin(), kKeySize, remote_static_.bytes.begin());
  at += size;
  return true;
}

bool HandshakeState::mix_token(Token token) {
  const bool initiator = role_ == base::LinkRole::initiator;
  switch (token) {
    case Token::ee: return mix_dh(ephemeral_.view(), remote_ephemeral_);
    // The first letter is the initiator's key, the second the responder's.
    case Token::es:
      return initiator ? mix_dh(ephemeral_.view(), remote_static_.view())
                       : mix_dh(static_.secret(), remote_ephemeral_);
    case Token::se:
      return initiator ? mix_dh(static_.secret(), remote_ephemeral_)
                       : mix_dh(ephemeral_.view(), remote_static_.view());
    case Token::psk:
      if (network_key_) symmetric_.mix_key_and_hash(network_key_->view());
      return true;
    case Token::e:
    case Token::s: break;
  }
  CHASKI_ASSERT(false);
  return false;
}

bool HandshakeState::mix_dh(base::ByteView secret, base::ByteView public_key) {
  SharedSecret shared;
  // Fails when the result is all zero: a point of low order adds no secret (section 12.1).
  if (crypto_scalarmult(shared.data(), secret.data(), public_key.data()) != 0) return false;
  symmetric_.mix_key(shared.view());
  return true;
}

void HandshakeState::mix_ephemeral(const PublicKeyBytes& key) {
  symmetric_.mix_hash(key);
  // In a handshake with a pre-shared key, e is key material too (section 9.2).
  if (network_key_) symmetric_.mix_key(key);
}

}  // namespace chaski::link::noise
