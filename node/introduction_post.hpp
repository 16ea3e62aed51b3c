// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/healing.hpp"
#include "node/introduction.hpp"
#include "node/messenger.hpp"

namespace chaski::node {

/// Carries what is said in introductions: seals it and gives it to the router.
class IntroductionPost {
 public:
  static constexpr std::uint32_t kLifetime_s = wire::kLifetimeMax_s;
  /// What leaves by itself leaves this long after what it follows (drawn uniformly).
  static constexpr base::Duration kDelayMin = std::chrono::minutes(1);
  static constexpr base::Duration kDelayMax = std::chrono::minutes(5);
  /// When the store takes nothing, or there is no session, it is tried again after this.
  static constexpr base::Duration kRetry = std::chrono::minutes(10);

  IntroductionPost(Context& context, ContactBook& contacts, Messenger& messenger, Healing& healing)
      : context_(context), contacts_(contacts), messenger_(messenger), healing_(healing) {}

  /// Why nothing can be said to this contact, after a session was begun anew where that can be.
  std::optional<PersonError> refuses(std::uint32_t contact, mesh_router::Router& router,
                                     base::Time now, std::vector<wire::DeliveryTag>& fresh);
  /// Says one step. Errors: those of ContactBook::refuses_writing(), store_full.
  base::Expected<void, PersonError> say(std::uint32_t contact, const e2ee::Introduction& step,
                                        IntroductionWord& word, mesh_router::Router& router,
                                        base::Time now, std::vector<wire::DeliveryTag>& fresh);
  /// A moment in kDelayMin to kDelayMax from now.
  base::Time some_time_after(base::Time now);

 private:
  Context& context_;
  ContactBook& contacts_;
  Messenger& messenger_;
  Healing& healing_;
};

}  // namespace chaski::node
