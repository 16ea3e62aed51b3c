// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/introduction_post.hpp"
#include "node/keeping.hpp"

namespace chaski::node {

/// Introductions that contacts make for this person.
///
/// Rules: (1) nobody becomes a contact before the person said yes, and then the one whom the first
/// meeting names; all that comes later is dropped. (2) the inviter waits under the tag of what they
/// made, and it opens from that one identity. (3) the acceptor's answer leaves a drawn time after
/// the meeting came, and not when there is something to write with already: who introduces could
/// else lead what is written to an old friend into a session that nobody has. (4) name, trust and
/// pin of somebody known stay. (5) secrets are wiped when it ends.
class Introducee {
 public:
  /// The person has so long to say something.
  static constexpr base::Duration kOpenFor = std::chrono::hours(28 * 24);
  /// From then on: the longest that the other's consent, the meeting and the answer may take.
  static constexpr base::Duration kAcceptedFor = std::chrono::hours(56 * 24);
  static constexpr base::Duration kShownFor = std::chrono::hours(28 * 24);

  Introducee(Context& context, ContactBook& contacts, IntroductionPost& post, Healing& healing,
             const std::optional<Owner>& owner, IntroductionBook& book)
      : context_(context),
        contacts_(contacts),
        post_(post),
        healing_(healing),
        owner_(owner),
        book_(book) {}

  /// Takes up what is waited for after a start.
  void load(std::vector<wire::DeliveryTag>& fresh);

  void take_offer(const e2ee::PersonId& by, const e2ee::IntroductionId& id,
                  const e2ee::IntroductionOffer& offer, base::Time now);
  void take_meet(const e2ee::PersonId& by, const e2ee::IntroductionId& id,
                 const e2ee::IntroductionMeet& meet, base::Time now,
                 std::vector<wire::DeliveryTag>& fresh);
  /// `name`: what the person wants to call them; empty: what the offer says. Errors:
  /// unknown_introduction, introduction_over, bad_name, name_taken, contact_blocked,
  /// contact_changed, needs_meeting, store_full.
  base::Expected<void, PersonError> accept(std::uint32_t number, std::string_view name,
                                           mesh_router::Router& router, base::Time now,
                                           std::vector<wire::DeliveryTag>& fresh);
  /// Also after a yes, until the meeting came. Errors: unknown_introduction, introduction_over,
  /// store_full.
  base::Expected<void, PersonError> decline(std::uint32_t number, mesh_router::Router& router,
                                            base::Time now, std::vector<wire::DeliveryTag>& fresh);

  /// The one that waits for an answer under this number; null when none does.
  TheirIntroduction* waiting(std::uint32_t number);
  /// An answer under its tag; false when it does not open, and then nothing has changed.
  bool open_answer(TheirIntroduction& one, base::ByteView body, base::Time now,
                   std::vector<wire::DeliveryTag>& fresh);
  /// True when something of ours was in this envelope.
  bool was_carried(const wire::EnvelopeId& envelope, IntroductionWord::State end);

  std::optional<base::Time> next_wakeup() const;
  void wake(mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh);

 private:
  TheirIntroduction* find(const e2ee::PersonId& by, const e2ee::IntroductionId& id);
  TheirIntroduction* find(std::uint32_t number);
  bool has_room(const e2ee::PersonId& by);
  bool make(TheirIntroduction& one);
  void listen(TheirIntroduction& one, base::Time now, std::vector<wire::DeliveryTag>& fresh);
  void prepare_answer(TheirIntroduction& one, const e2ee::IntroductionMeet& meet, base::Time now);
  void answer(TheirIntroduction& one, mesh_router::Router& router, base::Time now,
              std::vector<wire::DeliveryTag>& fresh);
  bool may_answer(const TheirIntroduction& one, IntroductionState& why_not) const;
  void meet(TheirIntroduction& one, HeldSession session, std::string_view own_name, base::Time now,
            std::vector<wire::DeliveryTag>& fresh);
  void close(TheirIntroduction& one, IntroductionState state, base::Time now);
  void wipe(TheirIntroduction& one);
  void changed(const TheirIntroduction& one);
  void touch() { context_.dirty = book_.changed = true; }

  Context& context_;
  ContactBook& contacts_;
  IntroductionPost& post_;
  Healing& healing_;
  const std::optional<Owner>& owner_;
  IntroductionBook& book_;
};

}  // namespace chaski::node
