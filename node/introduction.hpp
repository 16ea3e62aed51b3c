// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "e2ee/introduction.hpp"
#include "node/invite_book.hpp"

namespace chaski::node {

/// Where an introduction stands. Of ours: offered, meeting, met, declined, refused, lapsed.
enum class IntroductionState : std::uint8_t {
  offered,   ///< ours: both were asked; theirs: the person has not said anything
  accepted,  ///< the person said yes, nothing has come of it yet
  meeting,   ///< both said yes: what makes them contacts is on its way
  met,       ///< ours: both were told; theirs: the other is a contact
  known,     ///< the other was a contact already: nothing was done
  declined,  ///< ours: one of them said no; theirs: the person did
  refused,   ///< a contact in it is blocked or changed
  lapsed,    ///< nothing came of it in time, or what was said ran out on its way
};
constexpr bool is_open(IntroductionState state) {
  return state <= IntroductionState::meeting;
}
const char* to_string(IntroductionState state);

/// One thing that is said in an introduction, and what became of its envelope.
struct IntroductionWord {
  enum class State : std::uint8_t { unsaid, due, underway, delivered, expired };
  State state = State::unsaid;
  base::Time at{};  ///< due: when it leaves; underway: when its life is over
  wire::EnvelopeId envelope{};
};
const char* to_string(IntroductionWord::State state);

enum class IntroductionReply : std::uint8_t { none, yes, no };
const char* to_string(IntroductionReply reply);

/// What both kinds have. Times are of the node's clock.
struct IntroductionBase {
  std::uint32_t number = 0;  ///< in this store, for the person
  e2ee::IntroductionId id;
  IntroductionState state = IntroductionState::offered;
  base::Time until{};  ///< open: lapses then; else: forgotten then
  std::int64_t began_unix_s = 0;
  std::string note;
};

/// One that this person makes: of the contacts the first is the acceptor, the second the inviter.
struct OurIntroduction : IntroductionBase {
  struct Party {
    e2ee::PersonId contact;
    IntroductionReply reply = IntroductionReply::none;
    IntroductionWord offer;
    IntroductionWord meet;
  };
  std::array<Party, 2> parties;
  std::optional<e2ee::StandingPublic> given{};  ///< from the inviter's consent until it was told
};

/// One that a contact makes for this person.
struct TheirIntroduction : IntroductionBase {
  e2ee::PersonId by;
  e2ee::IntroductionRole role = e2ee::IntroductionRole::acceptor;
  std::string name;    ///< of the other, as the contact says
  std::string chosen;  ///< what the person wants to call them, or empty
  IntroductionWord reply;
  IntroductionWord answer;                       ///< the acceptor's, through the mesh
  std::optional<e2ee::IdentityPublic> other{};   ///< from the meeting on
  std::optional<e2ee::StandingInvite> made{};    ///< the inviter's, from the consent on
  std::optional<e2ee::StandingPublic> given{};   ///< the acceptor's, from the meeting on
  // Not kept. What fails under the inviter's tag costs as with an invitation.
  TokenBucket failed_opens{WaitingInvite::kFailedOpensBurst, WaitingInvite::kFailedOpenEvery};
  FailedOpens failed;
};

/// All introductions of a person, in the order in which they began.
struct IntroductionBook {
  static constexpr std::size_t kOursMax = 32;
  static constexpr std::size_t kTheirsMax = 32;
  /// Of theirs, open ones that one contact makes.
  static constexpr std::size_t kByOneMax = 8;

  std::uint32_t last_number = 0;
  std::deque<OurIntroduction> ours;
  std::deque<TheirIntroduction> theirs;
  bool changed = false;  ///< since it was saved; not kept

  /// Version 1; fields in the order above, numbers little-endian, times in µs; what may be missing
  /// has a byte 0 or 1 before it.
  base::Bytes save() const;
  static std::optional<IntroductionBook> load(base::ByteView bytes);
};

/// The name under which the store keeps the book.
inline constexpr std::string_view kIntroductionsValue = "introductions";

/// An introduction as it is shown.
struct IntroductionInfo {
  struct Party {
    std::string contact;
    IntroductionReply reply = IntroductionReply::none;
    IntroductionWord::State offer = IntroductionWord::State::unsaid;
    IntroductionWord::State meet = IntroductionWord::State::unsaid;
  };
  std::uint32_t number = 0;
  bool ours = false;
  IntroductionState state = IntroductionState::offered;
  std::int64_t began_unix_s = 0;
  base::Duration left{};  ///< until an open one lapses
  std::string note;
  std::vector<Party> parties;  ///< of ours, both
  std::string by;              ///< of theirs: the contact who makes it, and what follows
  std::string name;
  IntroductionWord::State reply = IntroductionWord::State::unsaid;
  std::string contact;  ///< as which the other is known, when they are
};

}  // namespace chaski::node
