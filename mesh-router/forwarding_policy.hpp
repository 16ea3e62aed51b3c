// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/random.hpp"
#include "mesh-router/held_envelope.hpp"

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
  announce,  ///< its id goes; the neighbour asks for it if it does not come from elsewhere
  withhold,  ///< not now
};

/// An answer to "may this go there?".
struct Decision {
  Offer offer = Offer::push;
  std::uint16_t given = 0;  ///< copies that stand beside it
  std::uint16_t kept = 0;   ///< copies that are left here when it went
};

/// What stands beside an envelope that goes.
wire::CarryState carry_state(const HeldEnvelope& held, const Decision& decision, base::Time now);

/// Who is offered what, when, and with how many copies: the seam for strategies.
///
/// offer() is asked at the moment when an envelope could go into a frame; all others tell what
/// happens. A policy does not learn what is for whom, as a router does not know. It is bounded,
/// like everything here.
class ForwardingPolicy {
 public:
  virtual ~ForwardingPolicy() = default;

  /// It is held from now on: written here (HeldEnvelope::local), brought, or loaded at start.
  virtual void adopt(HeldEnvelope& /*held*/) {}
  /// What came since start is durable and may travel.
  virtual void committed(SlotRef /*ref*/, const HeldEnvelope& /*held*/) {}
  virtual Decision offer(SlotRef ref, const HeldEnvelope& held, const Contact& to,
                         base::Time now) = 0;
  /// It was shown to one more neighbour.
  virtual void shown(HeldEnvelope& /*held*/) {}
  /// A neighbour said or showed of itself that it has it.
  virtual void heard(SlotRef /*ref*/, unsigned /*bit*/) {}

  virtual void contact_up(const Contact& /*contact*/) {}
  virtual void contact_down(const Contact& /*contact*/, base::Time /*now*/) {}
  /// When what was shown to this neighbour or withheld from it is offered once more.
  virtual std::optional<base::Time> offers_again_at(const Contact& /*contact*/) const {
    return std::nullopt;
  }
};

/// Makes the policy of one router; `user` is what the owner gave in RouterLimits.
using PolicyMaker = std::unique_ptr<ForwardingPolicy> (*)(base::Random& random, void* user);

/// Everything that may still travel goes to everyone who lacks it.
class EpidemicPolicy final : public ForwardingPolicy {
 public:
  Decision offer(SlotRef, const HeldEnvelope& held, const Contact&, base::Time) override {
    return {Offer::push, held.copies, held.copies};
  }
};
std::unique_ptr<ForwardingPolicy> make_epidemic(base::Random& random, void* user);
/// chaski's own, which every router takes unless told otherwise: RegimePolicy.
std::unique_ptr<ForwardingPolicy> make_regimes(base::Random& random, void* user);

}  // namespace chaski::mesh_router
