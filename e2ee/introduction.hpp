// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "e2ee/standing.hpp"

namespace chaski::e2ee {

/// Names one introduction, for all three: random.
using IntroductionId = base::TaggedBytes<struct IntroductionIdTag, 16>;

/// Which part somebody is asked to take: the inviter makes what the acceptor answers.
enum class IntroductionRole : std::uint8_t { acceptor = 1, inviter = 2 };

/// To each of the two: whom they may come to know, as the one who introduces calls them. It says
/// nothing by which the other could be found.
struct IntroductionOffer {
  static constexpr std::size_t kNoteSizeMax = 200;
  IntroductionRole role = IntroductionRole::acceptor;
  std::string name;  ///< 1 to 32 bytes under the rules of a name
  std::string note;  ///< 0 to kNoteSizeMax bytes under the same rules
};

/// Yes. The inviter gives what the acceptor needs, made for this introduction alone.
struct IntroductionConsent {
  std::optional<StandingPublic> given;
};

/// No, or not any more.
struct IntroductionDecline {};

/// After both said yes: who the other is, and for the acceptor what the inviter gave.
struct IntroductionMeet {
  IdentityPublic identity;
  std::optional<StandingPublic> given;
};

/// The payload of ContentKind::introduction: one step of three people's.
struct Introduction {
  IntroductionId id;
  std::variant<IntroductionOffer, IntroductionConsent, IntroductionDecline, IntroductionMeet> step;
};

/// Version = 1 (1), step (1: offer 1, consent 2, decline 3, meet 4), id (16), and then of an offer
/// role (1), length of the name (1), name, length of the note (1), note; of a meet the identity
/// (64); of a meet and a consent prekey (32) and rendezvous secret (32), or neither.
base::Bytes encode_introduction(const Introduction& introduction);
/// Nothing when the bytes are not what encode_introduction() writes, or a key must be refused.
std::optional<Introduction> decode_introduction(base::ByteView payload);

}  // namespace chaski::e2ee
