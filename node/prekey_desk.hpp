// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/due_list.hpp"

namespace chaski::node {

/// Standing invitations: gives each contact ours inside the session, and keeps theirs.
///
/// Rules: (1) a list names all that we keep for the contact; it replaces the one before. (2) it
/// leaves kDelayMin to kDelayMax after there is a new session, or after the person wrote to
/// somebody who has none, and never by itself at the same moment: an automatic envelope would else
/// mark what it follows. When it is due is kept over restarts. (3) one that was answered is given
/// no more and its secrets are gone; with kLow or fewer left new ones join them. (4) the contact's
/// list counts when it came in a session of a higher generation, or with a higher serial in the
/// same.
class PrekeyDesk {
 public:
  static constexpr base::Duration kDelayMin = std::chrono::minutes(5);
  static constexpr base::Duration kDelayMax = std::chrono::minutes(60);
  /// A store that takes nothing is asked again after this.
  static constexpr base::Duration kRetry = std::chrono::minutes(10);
  static constexpr std::size_t kLow = 4;
  static constexpr std::uint32_t kListLifetime_s = wire::kLifetimeMax_s;

  PrekeyDesk(Context& context, ContactBook& contacts) : context_(context), contacts_(contacts) {}

  /// Takes up what the contact book has read; the tags of ours are appended to `fresh`.
  void load(base::Time now, std::vector<wire::DeliveryTag>& fresh);
  /// There is a new session with this contact, or the person wrote to them.
  void consider(std::uint32_t contact, bool new_session, base::Time now);
  /// The contact's list came in a session of this generation. What is not one is left out.
  void take(std::uint32_t contact, std::uint64_t generation, base::ByteView payload);
  /// The one of ours under this tag.
  const e2ee::StandingInvite* find(std::uint32_t contact, const wire::DeliveryTag& tag) const;
  /// It was answered.
  void answered(std::uint32_t contact, const wire::DeliveryTag& tag);

  /// Envelopes with lists whose receipt is waited for.
  std::vector<wire::EnvelopeId> underway() const;
  void delivered(const wire::EnvelopeId& envelope);

  std::optional<base::Time> next_wakeup() const { return due_.next(); }
  void wake(mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh);
  /// A moment in kDelayMin to kDelayMax from now.
  base::Time some_time_after(base::Time now);

 private:
  void due(std::uint32_t contact, base::Time at);
  bool give(std::uint32_t contact, mesh_router::Router& router, base::Time now,
            std::vector<wire::DeliveryTag>& fresh);
  void fill(std::uint32_t contact, std::vector<wire::DeliveryTag>& fresh);
  bool listen(std::uint32_t contact, const wire::DeliveryTag& tag);

  Context& context_;
  ContactBook& contacts_;
  DueList due_;
  std::unordered_map<wire::EnvelopeId, std::uint32_t, EnvelopeIdHash> underway_;
};

}  // namespace chaski::node
