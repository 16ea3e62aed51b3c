// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "mesh-router/custody_ledger.hpp"
#include "mesh-router/trace.hpp"

namespace chaski::mesh_router {

class Holdings;
struct NeighbourSession;

/// What each lane to one neighbour stood at last, so that standing is told once and not at every
/// frame.
struct LaneStops {
  struct Stop {
    SlotRef envelope;
    Withheld why = Withheld::kCount;
  };
  std::array<Stop, kLanes> at;
};

/// What the frame filler tells of its decisions: one comparison each while nobody listens.
class FrameTrace {
 public:
  FrameTrace(DecisionTrace& trace, const Holdings& holdings) : trace_(trace), holdings_(holdings) {}

  bool on() const { return trace_.on(); }
  /// It went whole, or its first piece is about to go.
  void sent(NeighbourSession& session, Slot slot, SentEvent::Part part, bool backlog,
            const wire::CarryState& state) {
    if (trace_.on()) tell_sent(session, slot, part, backlog, state);
  }
  /// The last piece of a transfer went.
  void finished(const NeighbourSession& session, const SentLedger::Entry& entry) {
    if (trace_.on()) tell_finished(session, entry);
  }
  /// Its turn is over, without its having gone.
  void passed(const NeighbourSession& session, Slot slot, Withheld why) {
    if (trace_.on()) tell_withheld(session, slot, why);
  }
  /// It is the first of its lane and stays so: told when that or the reason is new.
  void stopped(NeighbourSession& session, Slot slot, Withheld why) {
    if (trace_.on()) tell_stopped(session, slot, why);
  }

 private:
  void tell_sent(NeighbourSession& session, Slot slot, SentEvent::Part part, bool backlog,
                 const wire::CarryState& state);
  void tell_finished(const NeighbourSession& session, const SentLedger::Entry& entry);
  void tell_withheld(const NeighbourSession& session, Slot slot, Withheld why);
  void tell_stopped(NeighbourSession& session, Slot slot, Withheld why);

  DecisionTrace& trace_;
  const Holdings& holdings_;
};

}  // namespace chaski::mesh_router
