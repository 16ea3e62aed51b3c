// SPDX-License-Identifier: Apache-2.0
#include "e2ee/identity.hpp"

#include <sodium.h>

#include "e2ee/base32.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/x25519.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kIdentityVersion = 1;
constexpr std::size_t kIdentityRecordSize = 1 + 32 + 32 + kSaveChecksumSize;

/// The two public keys of two secrets.
IdentityPublic public_identity_of(const AgreementSecret& agreement, const SigningSeed& signing) {
  IdentityPublic out;
  public_of(agreement.view(), out.agreement.mutable_view());
  Secret<struct SigningSecretTag, crypto_sign_SECRETKEYBYTES> expanded;
  crypto_sign_seed_keypair(out.signing.bytes.data(), expanded.mutable_view().data(),
                           signing.view().data());
  return revealed(out);
}

}  // namespace

PersonId person_id(const IdentityPublic& identity) {
  const auto full =
      public_hash<32>(label::kPerson, {identity.agreement.view(), identity.signing.view()});
  PersonId id;
  std::copy_n(full.begin(), PersonId::kSize, id.bytes.begin());
  return id;
}

std::string fingerprint(const IdentityPublic& identity) {
  const auto full =
      public_hash<32>(label::kFingerprint, {identity.agreement.view(), identity.signing.view()});
  std::string text = to_base32(base::ByteView(full).first(10));
  for (std::size_t at = 12; at > 0; at -= 4) text.insert(at, 1, ' ');
  return text;
}

Identity Identity::generate(base::Random& random) {
  Identity out;
  random.fill(out.agreement_.mutable_view());
  random.fill(out.signing_.mutable_view());
  out.public_ = public_identity_of(out.agreement_, out.signing_);
  return out;
}

base::Bytes Identity::save() const {
  base::Bytes out(kIdentityRecordSize);
  Writer(out).number(kIdentityVersion).bytes(agreement_.view()).bytes(signing_.view());
  finish_record(out);
  return out;
}

base::Expected<Identity, LoadFailed> Identity::load(base::ByteView bytes) {
  const auto record = open_record(bytes);
  if (!record) return base::unexpected(LoadFailed{});
  Reader reader(*record);
  Identity out;
  const bool known = reader.number<std::uint8_t>() == kIdentityVersion;
  reader.fill(out.agreement_);
  reader.fill(out.signing_);
  if (!known || !reader.finished()) return base::unexpected(LoadFailed{});
  out.public_ = public_identity_of(out.agreement_, out.signing_);
  return out;
}

}  // namespace chaski::e2ee
