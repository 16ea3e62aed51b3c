// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "e2ee/answer_stamp.hpp"
#include "mesh-router/router.hpp"
#include "node/context.hpp"

namespace chaski::node {

/// Work that is being done for an answer to an invitation with a price.
struct StampWork {
  e2ee::PersonId contact;    ///< whose invitation it was
  unsigned price_bits = 0;
  std::uint64_t hashes_done = 0;
  std::uint64_t hashes_expected = 0;  ///< on the average, of a search that begins
  base::Duration left{};     ///< about so long until it is done, as far as can be told
};

/// Where answers wait until their stamps are found, then leave for the mesh.
///
/// Rules: (1) one search at a time, in the order in which they were added, kHashesPerSlice hashes a
/// wake() and kPause between two, so that nothing else of the node waits longer than one slice.
/// (2) An answer is saved before the work begins and until the router has it; a restart loses the
/// search, which has no memory, and nothing else. (3) It is given up when the person says so, or
/// when the contact has written: they have the answer then.
class StampDesk {
 public:
  static constexpr std::size_t kWaitingMax = 64;
  static constexpr std::uint64_t kHashesPerSlice = 2'048;
  static constexpr base::Duration kPause = std::chrono::milliseconds(4);
  /// A router that has no room is asked again after this.
  static constexpr base::Duration kRetry = std::chrono::seconds(3);
  /// How long an answer travels through the mesh.
  static constexpr std::uint32_t kAnswerLifetime_s = 14 * 24 * 3600;

  /// Takes up what the store keeps.
  explicit StampDesk(Context& context);

  bool full() const { return waiting_.size() >= kWaitingMax; }
  /// There must be room.
  void add(const e2ee::UnpaidAnswer& answer, const e2ee::PersonId& contact);
  /// Whether there was one for this contact.
  bool cancel(const e2ee::PersonId& contact);

  std::vector<StampWork> work() const;
  std::optional<base::Time> next_wakeup() const;
  void wake(mesh_router::Router& router, base::Time now);

 private:
  struct Waiting {
    e2ee::UnpaidAnswer unpaid;
    e2ee::PersonId contact;
  };
  bool try_submit(mesh_router::Router& router, base::Time now);
  void save();
  std::uint64_t hashes_per_second() const;

  Context& context_;
  std::deque<Waiting> waiting_;
  std::optional<wire::StampSearch> search_;  ///< for the first
  base::Time began_{};
  base::Time worked_at_{};
  base::Time due_{};  ///< of the next slice, if anything waits
};

}  // namespace chaski::node
