// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/introduction_post.hpp"

namespace chaski::node {

/// Introduces two contacts to each other: asks both, and tells each who the other is after both
/// said yes.
///
/// Rules: (1) nothing by which one could be found leaves before both consented. (2) a no is final,
/// whichever way it comes, and is told to nobody. (3) what tells them leaves a drawn time after the
/// second consent, each on its own. (4) somebody who was blocked or changed meanwhile is told
/// nothing, and nobody is told of them.
class Introducer {
 public:
  /// Both have so long to say yes.
  static constexpr base::Duration kOpenFor = std::chrono::hours(28 * 24);
  /// What came of it is shown so long.
  static constexpr base::Duration kShownFor = std::chrono::hours(28 * 24);

  Introducer(Context& context, ContactBook& contacts, IntroductionPost& post,
             IntroductionBook& book)
      : context_(context), contacts_(contacts), post_(post), book_(book) {}

  /// Errors: unknown_contact, same_contact, bad_note, introduction_open (of these two),
  /// too_many_introductions, contact_blocked, contact_changed, needs_meeting, store_full.
  base::Expected<std::uint32_t, PersonError> introduce(std::string_view acceptor,
                                                       std::string_view inviter,
                                                       std::string_view note,
                                                       mesh_router::Router& router, base::Time now,
                                                       std::vector<wire::DeliveryTag>& fresh);
  void take_consent(const e2ee::PersonId& from, const e2ee::IntroductionId& id,
                    const e2ee::IntroductionConsent& consent, base::Time now);
  void take_decline(const e2ee::PersonId& from, const e2ee::IntroductionId& id, base::Time now);
  /// True when something of ours was in this envelope.
  bool was_carried(const wire::EnvelopeId& envelope, IntroductionWord::State end, base::Time now);

  std::optional<base::Time> next_wakeup() const;
  void wake(mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh);

 private:
  struct Place {
    OurIntroduction* introduction = nullptr;
    std::size_t party = 0;
  };
  Place find(const e2ee::PersonId& from, const e2ee::IntroductionId& id);
  bool make_room();
  bool is_open_between(const e2ee::PersonId& a, const e2ee::PersonId& b) const;
  base::Expected<void, PersonError> offer(OurIntroduction& one, std::size_t party,
                                          mesh_router::Router& router, base::Time now,
                                          std::vector<wire::DeliveryTag>& fresh);
  void say_due(OurIntroduction& one, mesh_router::Router& router, base::Time now,
               std::vector<wire::DeliveryTag>& fresh);
  bool meets_are_refused(const OurIntroduction& one) const;
  base::Expected<void, PersonError> tell(OurIntroduction& one, std::size_t party,
                                         mesh_router::Router& router, base::Time now,
                                         std::vector<wire::DeliveryTag>& fresh);
  void close(OurIntroduction& one, IntroductionState state, base::Time now);
  void expire_words(OurIntroduction& one, base::Time now);
  void settle(OurIntroduction& one, base::Time now);
  void changed(const OurIntroduction& one);
  void touch() { context_.dirty = book_.changed = true; }

  Context& context_;
  ContactBook& contacts_;
  IntroductionPost& post_;
  IntroductionBook& book_;
};

}  // namespace chaski::node
