// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "node/ended_unseen.hpp"
#include "node/introducee.hpp"
#include "node/introducer.hpp"
#include "node/meeting.hpp"

namespace chaski::node {

/// Introductions, those that the person makes and those that contacts make for them: keeps the book
/// of both, and sorts what comes.
class IntroductionDesk {
 public:
  IntroductionDesk(Context& context, ContactBook& contacts, Messenger& messenger,
                   Meeting& meeting);

  /// Takes up what the store had, after the contact book did: `fresh` gets tags that are waited
  /// for, here and below.
  void load(std::vector<wire::DeliveryTag>& fresh);
  /// Envelopes of ours whose end is waited for.
  std::vector<wire::EnvelopeId> underway() const;
  /// What became of them meanwhile.
  void take_ends(const EndedUnseen& ended, const mesh_router::Router& router, base::Time now);

  Introducer& introducer() { return introducer_; }
  Introducee& introducee() { return introducee_; }
  std::vector<IntroductionInfo> list(base::Time now) const;

  /// What a contact said; what is not a step, or none that was waited for, is left out.
  void take(std::uint32_t contact, base::ByteView payload, base::Time now,
            std::vector<wire::DeliveryTag>& fresh);
  void on_router_event(const mesh_router::RouterEvent& event, base::Time now);
  std::optional<base::Time> next_wakeup() const;
  void wake(mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh);
  /// Writes the book when it has changed.
  void save_if_changed();

 private:
  void carried(const wire::EnvelopeId& envelope, IntroductionWord::State end, base::Time now);
  std::string name_of(const e2ee::PersonId& contact) const;

  Context& context_;
  ContactBook& contacts_;
  IntroductionBook book_;
  IntroductionPost post_;
  Introducer introducer_;
  Introducee introducee_;
};

}  // namespace chaski::node
