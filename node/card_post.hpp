// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "e2ee/published_card.hpp"
#include "mesh-router/router.hpp"
#include "node/context.hpp"

namespace chaski::node {

/// Publishes a card of ours: finds the stamp, then gives it to the mesh under the tag of published
/// cards, for as long as it is good, and an envelope may live.
///
/// Rules: (1) one card at a time, the last that was asked for. (2) kHashesPerSlice hashes a wake()
/// and kPause between two. (3) what is asked for is kept over restarts, the search is not: it has
/// no memory.
class CardPost {
 public:
  static constexpr std::uint64_t kHashesPerSlice = 2'048;
  static constexpr base::Duration kPause = std::chrono::milliseconds(4);
  /// A router that has no room is asked again after this.
  static constexpr base::Duration kRetry = std::chrono::seconds(3);

  /// Takes up what the store keeps.
  explicit CardPost(Context& context);

  void publish(const e2ee::Card& card);
  /// What was published is on its way for good; nothing more is.
  void withdraw();
  /// The last that was published, or is to be.
  const std::optional<e2ee::Card>& card() const { return card_; }
  /// When it left, by our wall clock; 0 while its stamp is looked for.
  std::int64_t left_unix_s() const { return left_unix_s_; }

  std::optional<base::Time> next_wakeup() const;
  void wake(mesh_router::Router& router, base::Time now);

 private:
  bool waits() const { return card_ && left_unix_s_ == 0; }
  std::uint32_t lifetime_s() const;
  void save();

  Context& context_;
  std::optional<e2ee::Card> card_;
  std::int64_t left_unix_s_ = 0;
  std::optional<wire::StampSearch> search_;
  base::Time due_{};
};

}  // namespace chaski::node
