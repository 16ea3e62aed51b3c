// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "mesh-router/flood_memory.hpp"
#include "mesh-router/forwarding_policy.hpp"
#include "mesh-router/meeting_pace.hpp"

namespace chaski::mesh_router {

/// chaski's own strategy: one way in a crowd, another when neighbours are few.
///
/// Rules: (1) a crowd begins with kCrowdFrom neighbours and ends when there were fewer than
/// kCrowdKeeps for kCrowdEnds. (2) In a crowd what is new and small is pushed to a share of the
/// neighbours, the most useful ones, and announced to the others, who ask for it when it does not
/// come from elsewhere. What is large, and what is old and known to kElsewhere neighbours, is
/// announced to all who lack it. With kFloodAllUpTo neighbours all are pushed to. (3) Elsewhere
/// what is younger than kYoungGaps mean times between two meetings of this node goes to whom it
/// meets; what is older is shown: its recipient takes it. (4) After it was shown kPatience times in
/// vain, or when it is older than kOldGaps mean times, it is given to everyone, by whoever gets it
/// as well. (5) A link that has stood for kStandingAfter is no chance meeting: everything goes.
/// (6) Receipts are never limited. Nothing depends on who wrote an envelope, or on how far it came:
/// a number of copies that is halved on the way would name its author to the first who is given
/// some.
class RegimePolicy final : public ForwardingPolicy {
 public:
  static constexpr unsigned kCrowdFrom = 3;
  static constexpr unsigned kCrowdKeeps = 2;
  static constexpr base::Duration kCrowdEnds = std::chrono::seconds(10);
  static constexpr unsigned kFloodAllUpTo = 4;
  /// So many neighbours that have what another lacks make it likely that it comes from them.
  static constexpr int kElsewhere = 2;
  /// Of the neighbours, in percent: how many are pushed to.
  static constexpr unsigned kPushShare = 30;
  /// About fifty nodes have it by then if all meet all, and half of it was delivered before.
  static constexpr int kYoungGaps = 4;
  /// Where all meet all nearly everything was delivered by then: who still waits is hard to find.
  static constexpr int kOldGaps = 16;
  /// Copies of what is limited; 0 stands for "as many as wanted".
  static constexpr std::uint16_t kLimited = 1;
  static constexpr unsigned kPatience = 7;
  static constexpr base::Duration kStandingAfter = std::chrono::seconds(30);

  explicit RegimePolicy(base::Random& random) : random_(random) {}
  void adopt(HeldEnvelope& held) override;
  void committed(SlotRef ref, const HeldEnvelope& held) override;
  Decision offer(SlotRef ref, const HeldEnvelope& held, const Contact& to,
                 base::Time now) override;
  void shown(HeldEnvelope& held) override;
  void heard(SlotRef ref, unsigned bit) override;
  void contact_up(const Contact& contact) override;
  void contact_down(const Contact& contact, base::Time now) override;
  std::optional<base::Time> offers_again_at(const Contact& contact) const override;

  bool in_crowd() const { return crowd_; }

 private:
  /// Whether there may ever be so many neighbours that not all are pushed to.
  static constexpr bool kChooses = kNeighboursMax > kFloodAllUpTo;

  unsigned degree() const;
  bool pushes_to_all() const { return !kChooses || degree() <= kFloodAllUpTo; }
  void look_around(base::Time now);
  void choose_eager(RunningFloods::Flood& flood, std::uint64_t candidates);
  Decision offer_in_crowd(SlotRef ref, const HeldEnvelope& held, const Contact& to);

  base::Random& random_;
  bool crowd_ = false;
  base::Time few_since_{};
  std::uint64_t up_ = 0;
  std::array<std::uint16_t, kNeighboursMax> links_{};
  Usefulness usefulness_;
  RunningFloods floods_;
  MeetingPace pace_;
};

}  // namespace chaski::mesh_router
