// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <unordered_set>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/conversation.hpp"
#include "node/file_receiver.hpp"
#include "node/held_back.hpp"
#include "node/introduction_desk.hpp"
#include "node/meeting.hpp"
#include "node/messenger.hpp"

namespace chaski::node {

/// Sorts what arrives: ours by its tag, everything else is carried.
///
/// Rules:
///  1. One look-up in the tag table an envelope; no trial decryption.
///  2. What bears one of our tags and does not open is carried like any other: nobody sees a
///     difference. Each failure costs a token of its contact or invitation.
///  3. Without a token an envelope is carried unopened, and offered again when there is one.
///  4. What comes so far ahead of others of its session that keys would have to go is held back:
///     carried unopened, until the others have come or patience ends. See HeldBack.
///  5. When the store takes nothing, nothing is consumed: the router refuses it and it comes again.
///  6. An answer to an invitation with a price is looked at only when it bears its stamp: two
///     hashes, and no token.
///  7. What a blocked contact sends is carried unopened: it gets no receipt, and they see no
///     difference from one who is far away.
///  8. An answer to a card of ours is never opened twice: see CardDesk.
///  9. A published card is looked at and carried on: see CardCache.
/// 10. Receipts are published, and stored envelopes with new tags are offered, after the router has
///     returned: see settle().
class Inbox final : public mesh_router::Recipient {
 public:
  static constexpr std::size_t kDeferredTagsMax = 1'024;
  /// Rounds of settle(): each opened message may make known tags of others that are held.
  static constexpr std::size_t kSettleRoundsMax = 4'096;

  Inbox(Context& context, ContactBook& contacts, Messenger& messenger, Conversation& conversation,
        Meeting& meeting, FileReceiver& files, IntroductionDesk& introductions)
      : context_(context),
        contacts_(contacts),
        messenger_(messenger),
        conversation_(conversation),
        meeting_(meeting),
        files_(files),
        introductions_(introductions) {}

  mesh_router::Claim on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                                 const wire::CarryState& state, base::Time now) override;

  /// Tags that became known; messages under them may be held already.
  void learn(const std::vector<wire::DeliveryTag>& tags);
  /// Publishes receipts and offers what is held until nothing new comes of it.
  void settle(mesh_router::Router& router, base::Time now);

  std::optional<base::Time> next_wakeup() const;
  void wake(mesh_router::Router& router, base::Time now);

 private:
  mesh_router::Claim on_answer(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                               base::Time now);
  mesh_router::Claim on_card_answer(const wire::EnvelopeId& id,
                                    const wire::EnvelopeFields& envelope, base::Time now);
  mesh_router::Claim on_standing(const TagOwner& owner, const wire::EnvelopeId& id,
                                 const wire::EnvelopeFields& envelope, base::Time now);
  mesh_router::Claim on_message(const TagOwner& owner, const wire::EnvelopeId& id,
                                const wire::EnvelopeFields& envelope, const wire::CarryState& state,
                                base::Time now);
  mesh_router::Claim on_chunk(const TagOwner& owner, const wire::EnvelopeId& id,
                              const wire::EnvelopeFields& envelope, const wire::CarryState& state,
                              base::Time now);
  mesh_router::Claim on_introduction(const TagOwner& owner, const wire::EnvelopeId& id,
                                     const wire::EnvelopeFields& envelope, base::Time now);
  void defer(const wire::DeliveryTag& tag, base::Time until);
  void retry(mesh_router::Router& router, base::Time now);

  Context& context_;
  ContactBook& contacts_;
  Messenger& messenger_;
  Conversation& conversation_;
  Meeting& meeting_;
  FileReceiver& files_;
  IntroductionDesk& introductions_;
  std::vector<PendingReceipt> receipts_;
  std::vector<wire::DeliveryTag> fresh_;
  std::vector<wire::DeliveryTag> deferred_;
  std::optional<base::Time> retry_at_;
  HeldBack held_back_;
};

}  // namespace chaski::node
