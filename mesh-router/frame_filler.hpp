// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mesh-router/forwarding_gate.hpp"
#include "mesh-router/frame_trace.hpp"
#include "mesh-router/holdings.hpp"
#include "mesh-router/neighbour_session.hpp"

namespace chaski::mesh_router {

/// Chooses, at the last moment, what goes into the next frame to one neighbour.
///
/// Rules: (1) refusals and acknowledgements first, then `ready`. (2) the reconciler and envelopes
/// take turns in being first, frame by frame. (3) envelopes by lane: receipts, urgent, normal,
/// bulk; the small and the large ones of one priority take turns, and so do pieces of a large one
/// and whole small ones; within one lane depositors take turns by bytes, and of one depositor what
/// came since link-up is before the backlog. (4) what fits an empty frame is not cut, unless a
/// quarter of a frame would stay empty. (5) what is in flight stays within window_envelopes and
/// window_bytes. (6) at most kScanMax envelopes are looked at for one frame.
class FrameFiller {
 public:
  static constexpr std::size_t kScanMax = 8'192;
  /// Larger envelopes that take more than kFramesUnoffered frames are offered first, so that they
  /// can be resumed. Where so few frames do, a broken link costs less than the round trip.
  static constexpr std::uint32_t kOfferedMin = 16'384;
  static constexpr std::size_t kFramesUnoffered = 2;
  /// Ids that one neighbour is told in one kPace: time for it to ask for them.
  static constexpr std::size_t kAnnouncedInPace = 1'024;
  static constexpr base::Duration kPace = std::chrono::seconds(1);
  FrameFiller(const RouterLimits& limits, Holdings& holdings, DecisionTrace& trace,
              base::Bytes& scratch)
      : gate_(limits, holdings), trace_(trace, holdings), holdings_(holdings), scratch_(scratch) {}

  /// Returns the size of the frame, 0 for none; adds to `envelopes_sent`.
  std::size_t fill(NeighbourSession& session, base::MutableByteView out, base::Time now,
                   std::uint64_t& envelopes_sent);

 private:
  /// Where an envelope stands: at a neighbour's cursor or at the top of its backlog.
  struct Place {
    Slot slot = kNoSlot;
    std::size_t turn = 0;
    bool backlog = false;
    bool alive = false;
  };
  struct Candidate {
    Place place;
    Lane lane = Lane::receipts;
    std::size_t payload_size = 0;
    Decision decision;
    wire::CarryState state;
  };
  void write_envelopes(NeighbourSession& session, wire::RecordWriter& frame, base::Time now);
  bool write_piece(NeighbourSession& session, wire::RecordWriter& frame, bool share);
  bool write_candidate(NeighbourSession& session, wire::RecordWriter& frame,
                       const Candidate& candidate);
  bool offer(NeighbourSession& session, wire::RecordWriter& frame, const Candidate& candidate);
  bool open_transfer(NeighbourSession& session, const Candidate& candidate);
  void sent_whole(NeighbourSession& session, const Candidate& candidate);
  std::optional<Candidate> choose(NeighbourSession& session, base::Time now);
  std::optional<Candidate> next_in(NeighbourSession& session, Lane lane, base::Time now);
  Place next_place(const NeighbourSession& session, Lane lane, DeficitRoundRobin& turns) const;
  void trace_closed(NeighbourSession& session, Lane lane, Withheld why);
  void pass(NeighbourSession& session, Lane lane, const Place& place);
  SentLedger::Entry entry_of(const Candidate& candidate) const;
  void offer_again_later(NeighbourSession& session, Slot slot);
  bool tell(NeighbourSession& session, Slot slot, base::Time now);
  void write_ids(wire::RecordWriter& frame, wire::RecordType type, Ring<wire::EnvelopeId>& ids);

  ForwardingGate gate_;
  FrameTrace trace_;
  Holdings& holdings_;
  base::Bytes& scratch_;
  std::size_t frame_size_ = 0;
  std::size_t scanned_ = 0;
  std::uint64_t envelopes_sent_ = 0;
};

}  // namespace chaski::mesh_router
