// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "e2ee/answer_stamp.hpp"
#include "e2ee/identity.hpp"
#include "e2ee/invite.hpp"
#include "wire/envelope.hpp"

namespace chaski::e2ee {

/// One error, whatever went wrong: a stranger learns nothing from how opening fails.
struct OpenFailed {
  /// Not 0: the message is authentic, but keys that may still be needed would have to go for it.
  /// It opens when so many others of its session have opened, or with less patience.
  std::uint32_t opens_first = 0;
};

enum class ContentKind : std::uint8_t {
  text = 1,          ///< UTF-8; with `about`: a reply to that
  reaction = 2,      ///< to the message `about`: a few characters, or none to take it back
  deletion = 3,      ///< the sender takes back their own message `about`
  read = 4,          ///< envelope ids, 16 bytes each, of messages that were read
  profile = 5,       ///< what the sender calls themselves
  file = 6,          ///< a manifest
  prekeys = 7,       ///< for this contact alone
  introduction = 8,  ///< of somebody else
};
inline constexpr ContentKind kContentKindLast = ContentKind::introduction;

/// What a person says, inside the ciphertext.
struct Content {
  ContentKind kind = ContentKind::text;
  wire::ReceiptToken token;                 ///< open() gives it, for the recipient to publish
  std::int64_t sent_at_unix_s = 0;          ///< the sender's wall clock, for display only
  std::optional<wire::EnvelopeId> about{};  ///< another message of this conversation
  std::uint32_t disappears_after_s = 0;     ///< from when it was read; 0: stays
  base::Bytes payload{};                    ///< up to kPayloadSizeMax
};
inline constexpr std::size_t kPayloadSizeMax = 65'536;

/// Tags that the owner of the tag table must add or forget: each is added once and removed once.
///
/// One call never gives the same tag in both; whoever collects over several calls adds before
/// removing. After adding, look again at the envelopes that are carried already: one that came
/// before its tag was expected is among them.
struct TagChanges {
  std::vector<wire::DeliveryTag> added;
  std::vector<wire::DeliveryTag> removed;
};

struct SealedEnvelope {
  base::Bytes envelope;  ///< encoded, ready for Router::submit()
  wire::ReceiptToken token;
  wire::ReceiptCommitment commitment;
};

/// Double Ratchet with one-time tags towards one contact; a value that can be saved and restored.
///
/// Rules in docs/protocol/e2ee.md. Bounds: kTagWindow tags ahead in the current and the next
/// receiving epoch, and beyond each the first tag of 32 blocks of 32 messages, so that a long
/// silence can be bridged; kSkippedMax skipped message keys; a message adds at most 64 bytes before
/// padding. Every change must be committed before what seal() returned leaves the node, or a crash
/// would use a message key twice.
class Session {
 public:
  static constexpr std::size_t kTagWindow = 64;
  static constexpr std::size_t kSkippedMax = 2'000;

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  Session(const Session&);
  Session& operator=(const Session&);
  ~Session();

  /// Seals for the contact: content padded to a class, tag from the sending tag chain. Asserts
  /// content.payload.size() <= kPayloadSizeMax. The token of `content` is ignored.
  SealedEnvelope seal(const Content& content, std::uint32_t lifetime_s, wire::Priority priority,
                      base::Random& random);
  /// Opens an envelope whose tag is one of expected_tags(); unchanged on failure. A new ratchet key
  /// is made when we next seal, not here.
  ///
  /// `patience`: keys that were passed over less than so long ago give way to none; a message that
  /// would need their place fails with `opens_first`. Zero: the oldest go.
  base::Expected<Content, OpenFailed> open(const wire::EnvelopeFields& envelope, base::Time now,
                                           TagChanges& changes, base::Duration patience = {});
  std::vector<wire::DeliveryTag> expected_tags() const;
  /// Forgets skipped keys kept longer than the longest lifetime.
  void expire(base::Time now, TagChanges& changes);

  base::Bytes save() const;
  static base::Expected<Session, LoadFailed> load(base::ByteView bytes);

 private:
  friend struct SessionSetup;
  struct State;
  explicit Session(State&& state);
  std::unique_ptr<State> state_;
};

/// Of two sessions between the same two people the one of the higher generation counts. The
/// acceptor gives a new one more than any that they know, and at least their wall clock, so that
/// who has forgotten all comes out above as well. An answer above this bound does not open.
inline constexpr std::uint64_t kGenerationMax = std::uint64_t{1} << 62;

/// We accept an invitation: gives the session and the answer that the inviter needs.
/// Errors: bad_key, own_invite. A name that is_valid_name() refuses is left out. Agreement: X3DH
/// over (our identity, their prekey), (our ephemeral, their identity), (our ephemeral, their
/// prekey) with the rendezvous secret, bound to both identities.
struct Accepted {
  Session session;
  Answer answer;
  /// Set when the invitation has a price: what is to be paid before the answer may go through the
  /// mesh. As a link it may be handed over at once.
  std::optional<UnpaidAnswer> unpaid;
};
base::Expected<Accepted, InviteError> accept_invite(const Identity& us, std::string_view our_name,
                                                    const InvitePublic& invite,
                                                    base::Random& random,
                                                    std::uint64_t generation = 0);
/// Our invitation was answered: gives who they are and the session. One error for everything; the
/// invitation is single use, so forget it once this succeeded. Does not look at the stamp: what
/// comes through the mesh must pass is_paid() before.
struct Answered {
  IdentityPublic identity;
  std::string name;
  Session session;
  std::uint64_t generation = 0;  ///< see kGenerationMax
};
base::Expected<Answered, OpenFailed> open_answer(const Identity& us, const PendingInvite& invite,
                                                 base::ByteView body);
/// The answer as an envelope through the mesh. No receipt will free it: it expires.
base::Bytes answer_envelope(const Answer& answer, std::uint32_t lifetime_s, base::Random& random);

}  // namespace chaski::e2ee
