// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/expected.hpp"
#include "base/random.hpp"
#include "e2ee/keys.hpp"

namespace chaski::e2ee {

/// The public half of a person: 64 bytes, agreement key then signing key.
struct IdentityPublic {
  AgreementPublicKey agreement;
  SigningPublicKey signing;
  friend bool operator==(const IdentityPublic&, const IdentityPublic&) = default;
};

/// BLAKE2b-256 of the 64 bytes with label, first 16 bytes: names a contact in our own store.
using PersonId = base::TaggedBytes<struct PersonIdTag, 16>;
PersonId person_id(const IdentityPublic& identity);
/// Four groups of four characters that a person can compare at a glance (not the safety number).
std::string fingerprint(const IdentityPublic& identity);
/// 60 decimal digits in groups of five, the same for both sides whoever asks.
std::string safety_number(const IdentityPublic& a, const IdentityPublic& b);

/// A person's own long-term keys.
class Identity {
 public:
  static Identity generate(base::Random& random);
  const IdentityPublic& public_identity() const { return public_; }
  const AgreementSecret& agreement_secret() const { return agreement_; }
  const SigningSeed& signing_seed() const { return signing_; }
  base::Bytes save() const;
  static base::Expected<Identity, struct LoadFailed> load(base::ByteView bytes);

 private:
  Identity() = default;
  AgreementSecret agreement_;
  SigningSeed signing_;
  IdentityPublic public_;
};
struct LoadFailed {};

}  // namespace chaski::e2ee
