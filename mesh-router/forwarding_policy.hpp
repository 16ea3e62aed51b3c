// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "base/random.hpp"
#include "mesh-router/held_envelope.hpp"
#include "wire/envelope.hpp"

namespace chaski::mesh_router {

/// One neighbour, as a policy sees it.
struct Contact {
  unsigned bit = 0;     ///< its bit in HeldEnvelope::known_by; used again after it left
  NeighbourId id;
  base::Time since{};   ///< link-up
};

/// What becomes of one envelope and one neighbour who is not known to have it.
enum class Offer : std::uint8_t {
  push,      ///< it goes, to be carried on
  show,      ///< it goes with no hops left: its recipient keeps it, nobody else does
  withhold,  ///< not now; asked again when the neighbour's queue is gone through anew
};

/// Who is offered what, when, and with how many hops and copies: the seam for strategies.
///
/// offer() is asked at the moment when an envelope could go into a frame; then hand_over() what
/// would stand beside it; then sent() tells that it went. The others tell what else happens. A
/// policy does not learn what is for whom, as a router does not know. It is bounded, like
/// everything here.
class ForwardingPolicy {
 public:
  virtual ~ForwardingPolicy() = default;

  /// Whether it may travel at all; asked when it was committed.
  virtual bool may_travel(const HeldEnvelope& held) const { return held.hops_left > 0; }
  /// It is held from now on: written here (HeldEnvelope::local), brought, or loaded at start.
  virtual void adopt(HeldEnvelope& /*held*/) {}
  virtual Offer offer(SlotRef ref, HeldEnvelope& held, const Contact& to, base::Time now) = 0;
  /// What stands beside it as it goes: only after offer() said push or show.
  virtual wire::CarryState hand_over(const HeldEnvelope& held, Offer how,
                                     base::Time now) const = 0;
  /// It went with that state: copies that were handed over are not here any more.
  virtual void sent(HeldEnvelope& /*held*/, Offer /*how*/, const wire::CarryState& /*state*/) {}

  virtual void contact_up(const Contact& /*contact*/) {}
  virtual void contact_down(const Contact& /*contact*/) {}
};

/// Makes the policy of one router; `user` is what the owner gave in RouterLimits.
using PolicyMaker = std::unique_ptr<ForwardingPolicy> (*)(base::Random& random, void* user);

/// Everything that may still travel goes to everyone who lacks it.
class EpidemicPolicy final : public ForwardingPolicy {
 public:
  Offer offer(SlotRef, HeldEnvelope&, const Contact&, base::Time) override { return Offer::push; }
  wire::CarryState hand_over(const HeldEnvelope& held, Offer how, base::Time now) const override;
};
std::unique_ptr<ForwardingPolicy> make_epidemic(base::Random& random, void* user);

}  // namespace chaski::mesh_router
