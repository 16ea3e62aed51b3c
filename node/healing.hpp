// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/due_list.hpp"
#include "node/keeping.hpp"
#include "node/prekey_desk.hpp"

namespace chaski::node {

/// Sessions that went wrong begin anew: answers one of the contact's standing invitations, and
/// takes the contact's answers to ours.
///
/// Rules: (1) that is done when there is no session (kDelayMin to kDelayMax after the node finds it
/// so, or at once when the person writes); when the contact has given no sign of life in the
/// session that we write in, neither a message nor a receipt, since one that we wrote has run out,
/// which takes a day at least; and when the person says so. (2) by itself at most once a day, and
/// half as often each time while nothing is heard in the new session. (3) each invitation is
/// answered once, and which one is drawn by lot: a state from before may not know which ones went.
/// (4) an answer is taken from the very identity that was given the invitation and from nobody
/// else; neither trust nor pin changes. (5) the person is told.
class Healing {
 public:
  static constexpr base::Duration kAgainMin = std::chrono::hours(24);
  static constexpr unsigned kDoublingsMax = 5;
  static constexpr base::Duration kRetry = std::chrono::minutes(10);
  /// Messages under way that are looked through to say in their life that the session is new.
  static constexpr std::size_t kMarkedMax = 1'024;

  Healing(Context& context, ContactBook& contacts, const std::optional<Owner>& owner)
      : context_(context), contacts_(contacts), owner_(owner), prekeys_(context, contacts) {}

  PrekeyDesk& prekeys() { return prekeys_; }
  const PrekeyDesk& prekeys() const { return prekeys_; }
  /// Takes up what the contact book has read. `fresh` gets tags that are waited for from now on,
  /// here and below.
  void load(base::Time now, std::vector<wire::DeliveryTag>& fresh);
  /// What the contact book has heard of sessions and messages since.
  void settle(base::Time now);

  /// The person says so. Errors: no_identity, unknown_contact, contact_changed, contact_blocked,
  /// needs_meeting (no standing invitation of theirs is left), store_full.
  base::Expected<ContactRecord, PersonError> heal(std::string_view contact,
                                                  mesh_router::Router& router, base::Time now,
                                                  std::vector<wire::DeliveryTag>& fresh);
  /// Before something is written: a contact without a session gets one, if that can be.
  void before_writing(std::uint32_t contact, mesh_router::Router& router, base::Time now,
                      std::vector<wire::DeliveryTag>& fresh);
  /// An answer under a tag of a standing invitation that this contact was given; false when it does
  /// not open, and then nothing has changed.
  bool open_answer(std::uint32_t contact, const wire::DeliveryTag& tag, base::ByteView body,
                   base::Time now, std::vector<wire::DeliveryTag>& fresh);
  /// A session with this contact was renewed, here or in another way.
  void renewed(std::uint32_t contact, bool by_us, base::Time now);

  void on_router_event(const mesh_router::RouterEvent& event);
  std::optional<base::Time> next_wakeup() const;
  void wake(mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh);

 private:
  /// Errors: contact_changed, contact_blocked, needs_meeting, store_full.
  base::Expected<void, PersonError> renew(std::uint32_t contact, mesh_router::Router& router,
                                          base::Time now, std::vector<wire::DeliveryTag>& fresh);
  void due(std::uint32_t contact, base::Time at);
  void look_for_evidence(std::uint32_t contact, base::Time now);
  bool was_delivered_since(const Contact& contact, base::Duration ago) const;

  Context& context_;
  ContactBook& contacts_;
  const std::optional<Owner>& owner_;
  PrekeyDesk prekeys_;
  DueList due_;       ///< sessions to be renewed
  DueList evidence_;  ///< contacts whose silence is to be looked at
};

}  // namespace chaski::node
