// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "e2ee/invite.hpp"
#include "wire/stamp.hpp"

namespace chaski::e2ee {

// The answer to an invitation that has a price begins with the covered ephemeral key (32 bytes) and
// the nonce of its stamp (8, little-endian); the rest is sealed. Without the invitation nobody can
// tell it from any other body of its size, nor make or check a stamp for it.

inline constexpr std::size_t kAnswerStampAt = 32;
inline constexpr std::size_t kAnswerStampSize = 8;

/// What an answer's stamp is for: keyed by the rendezvous secret, over the body without the nonce.
/// `body` has at least 40 bytes.
wire::StampSubject answer_subject(const RendezvousSecret& rendezvous, base::ByteView body);

/// Whether this body bears what the invitation asks for: two hashes, of 376 and 56 bytes. Always so
/// when it asks for nothing; never when the body has the wrong size.
bool is_paid(const InvitePublic& invite, base::ByteView body);

/// An answer of ours that may not travel yet: its stamp has still to be found. It holds nothing by
/// which the stamp or the session could be told, beside the answer itself.
struct UnpaidAnswer {
  Answer answer;
  wire::StampSubject subject;
  std::uint8_t price_bits = 0;

  /// Begins to look for the stamp.
  wire::StampSearch search(base::Random& random) const;
  /// Writes the nonce that was found into the answer.
  void pay(std::uint64_t nonce);

  base::Bytes save() const;
  static base::Expected<UnpaidAnswer, LoadFailed> load(base::ByteView bytes);
};

}  // namespace chaski::e2ee
