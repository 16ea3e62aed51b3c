// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/frame_filler.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/assert.hpp"
#include "mesh-router/announces.hpp"

namespace chaski::mesh_router {

namespace {

/// Pieces below this are more header than data.
constexpr std::size_t kPieceShareMin = 128;

/// What goes for one depositor before the next one's turn: a part of the largest envelope of the
/// lane, so that on a slow link nobody waits long.
std::int32_t quantum(Lane lane) {
  const bool small = lane == Lane::receipts || static_cast<int>(lane) % 2 == 1;
  const std::size_t largest = small ? kSmallEnvelopeMax : wire::kEnvelopeSizeMax;
  return static_cast<std::int32_t>(largest / DeficitRoundRobin::kQuantaPerServing);
}

/// Lanes of one priority have one rank.
int rank(Lane lane) { return (static_cast<int>(lane) + 1) / 2; }

}  // namespace

SentLedger::Entry FrameFiller::entry_of(const Candidate& candidate) const {
  const HeldEnvelope& held = holdings_.table.at(candidate.place.slot);
  SentLedger::Entry entry{holdings_.table.ref(candidate.place.slot), held.size, held.is_receipt};
  entry.shown = !held.is_receipt && candidate.state.hops_left == 0;
  entry.lent = static_cast<std::uint16_t>(held.copies - candidate.decision.kept);
  return entry;
}

std::size_t FrameFiller::fill(NeighbourSession& session, base::MutableByteView out,
                              base::Time now, std::uint64_t& envelopes_sent) {
  frame_size_ = std::min({out.size(), session.frame_size_max, wire::kFrameSizeMax});
  wire::RecordWriter frame(out.first(frame_size_));
  session.work_pending = session.reconciler.work(holdings_.table, session.backlog, now);
  session.received.write(frame);
  session.offers.write(frame);
  if (session.says_ready && frame.add(wire::RecordType::ready, base::ByteView{})) {
    session.says_ready = false;
  }
  write_ids(frame, wire::RecordType::want, session.asking);
  const bool reconcile_first = session.reconcile_first;
  if (reconcile_first) {
    session.reconciler.write(frame, scratch_, now);
    if (kAnnounces) write_ids(frame, wire::RecordType::announce, session.announcing);
  }
  write_envelopes(session, frame, now);
  if (!reconcile_first) session.reconciler.write(frame, scratch_, now);
  if (kAnnounces) write_ids(frame, wire::RecordType::announce, session.announcing);
  session.reconcile_first = !reconcile_first;
  envelopes_sent += envelopes_sent_;
  return frame.size();
}

void FrameFiller::write_envelopes(NeighbourSession& session, wire::RecordWriter& frame,
                                  base::Time now) {
  for (;;) {
    const auto candidate = choose(session, now);
    if (session.transfers.has_piece()) {
      const int piece_rank = rank(session.transfers.next_lane());
      const bool equal = candidate && rank(candidate->lane) == piece_rank;
      const bool piece_first = !candidate || piece_rank < rank(candidate->lane) ||
                               (equal && session.piece_turn);
      if (piece_first) {
        session.piece_turn = false;
        if (write_piece(session, frame, equal)) continue;
        return;
      }
    }
    if (!candidate) return;
    session.piece_turn = true;
    if (!write_candidate(session, frame, *candidate)) {
      // No room for a whole one: what is left belongs to the pieces.
      while (session.transfers.has_piece() && write_piece(session, frame, false)) {
      }
      return;
    }
  }
}

bool FrameFiller::write_piece(NeighbourSession& session, wire::RecordWriter& frame, bool share) {
  const bool half = share && frame_size_ >= 2 * kPieceShareMin;
  const std::size_t data_max =
      half ? frame_size_ / 2 : std::numeric_limits<std::size_t>::max();
  std::optional<SentLedger::Entry> finished;
  if (!session.transfers.write_piece(frame, data_max, finished)) return false;
  if (finished) {
    session.sent.push(*finished);
    trace_.finished(session, *finished);
    ++envelopes_sent_;
  }
  return true;
}

/// Whether it went into the frame or became a transfer.
bool FrameFiller::write_candidate(NeighbourSession& session, wire::RecordWriter& frame,
                                  const Candidate& candidate) {
  const std::size_t room = frame_size_ - frame.size();
  const std::size_t whole = wire::record_size(candidate.payload_size);
  if (whole > kFramesUnoffered * frame_size_ &&
      holdings_.table.at(candidate.place.slot).size > kOfferedMin) {
    return session.transfers.can_open(candidate.lane) && offer(session, frame, candidate);
  }
  if (whole > room) {
    const bool cut = whole > frame_size_ || room >= frame_size_ / 4;
    return cut && session.transfers.can_open(candidate.lane) &&
           open_transfer(session, candidate);
  }
  const base::ByteView body = holdings_.store.read(holdings_.table.at(candidate.place.slot).key());
  if (body.size() == holdings_.table.at(candidate.place.slot).size) {
    const auto place = frame.add(wire::RecordType::envelope, candidate.payload_size);
    CHASKI_ASSERT(place.has_value());
    const auto used = wire::encode_carried({candidate.state, body}, *place);
    CHASKI_ASSERT(used && *used == candidate.payload_size);
    session.sent.push(entry_of(candidate));
    trace_.sent(session, candidate.place.slot, SentEvent::Part::whole, candidate.place.backlog,
                candidate.state);
    ++envelopes_sent_;
  }
  sent_whole(session, candidate);
  return true;
}

/// A large one that takes many frames is announced first: part of it may be there.
bool FrameFiller::offer(NeighbourSession& session, wire::RecordWriter& frame,
                        const Candidate& candidate) {
  const HeldEnvelope& held = holdings_.table.at(candidate.place.slot);
  if (frame.payload_room() < wire::kOfferSizeMax) return false;
  const base::ByteView body = holdings_.store.read(held.key());
  if (body.size() == held.size) {
    const auto entry = entry_of(candidate);
    const std::uint32_t number =
        session.transfers.offer(candidate.lane, base::Bytes(body.begin(), body.end()), entry);
    std::array<std::uint8_t, wire::kOfferSizeMax> buffer{};
    const std::size_t size =
        wire::encode_offer({number, held.id, held.size, candidate.state}, buffer);
    const bool fits = frame.add(wire::RecordType::offer, base::ByteView(buffer).first(size));
    CHASKI_ASSERT(fits);
    trace_.sent(session, candidate.place.slot, SentEvent::Part::begun, candidate.place.backlog,
                candidate.state);
  }
  sent_whole(session, candidate);
  return true;
}

bool FrameFiller::open_transfer(NeighbourSession& session, const Candidate& candidate) {
  const base::ByteView body = holdings_.store.read(holdings_.table.at(candidate.place.slot).key());
  if (body.size() == holdings_.table.at(candidate.place.slot).size) {
    base::Bytes payload(candidate.payload_size);
    const auto used = wire::encode_carried({candidate.state, body}, payload);
    CHASKI_ASSERT(used && *used == candidate.payload_size);
    session.transfers.open(candidate.lane, std::move(payload),
                           entry_of(candidate));
    trace_.sent(session, candidate.place.slot, SentEvent::Part::begun, candidate.place.backlog,
                candidate.state);
  }
  sent_whole(session, candidate);
  return true;
}

/// It is on its way, or cannot be read: not offered again on this link.
void FrameFiller::sent_whole(NeighbourSession& session, const Candidate& candidate) {
  const Slot slot = candidate.place.slot;
  HeldEnvelope& held = holdings_.table.at(slot);
  held.set_copies(candidate.decision.kept);
  if (kAnnounces && session.wanted.size() > 0) session.wanted.erase(holdings_.hasher(held.id));
  if (candidate.decision.offer == Offer::push) {
    holdings_.neighbours.mark(slot, session.bit);
  } else {
    holdings_.policy->shown(held);
    offer_again_later(session, slot);
  }
  pass(session, candidate.lane, candidate.place);
  session.turns_in(candidate.lane).charge(holdings_.table.at(slot).size);
  session.large_turn = !session.large_turn;
}

void FrameFiller::offer_again_later(NeighbourSession& session, Slot slot) {
  if (session.offers_again_at) session.shown.push_back(holdings_.table.ref(slot));
}

std::optional<FrameFiller::Candidate> FrameFiller::choose(NeighbourSession& session,
                                                          base::Time now) {
  if (auto receipt = next_in(session, Lane::receipts, now)) return receipt;
  for (std::size_t lane = 1; lane < kLanes; lane += 2) {
    const std::size_t first = lane + (session.large_turn ? 1 : 0);
    const std::size_t second = lane + (session.large_turn ? 0 : 1);
    if (auto candidate = next_in(session, static_cast<Lane>(first), now)) return candidate;
    if (auto candidate = next_in(session, static_cast<Lane>(second), now)) return candidate;
  }
  return std::nullopt;
}

std::optional<FrameFiller::Candidate> FrameFiller::next_in(NeighbourSession& session, Lane lane,
                                                           base::Time now) {
  if (const auto closed = gate_.lane_closed(session, lane)) {
    if (trace_.on()) trace_closed(session, lane, *closed);
    return std::nullopt;
  }
  for (;;) {
    const Place place = next_place(session, lane, session.turns_in(lane));
    if (place.slot == kNoSlot) return std::nullopt;
    if (++scanned_ > kScanMax) {
      session.work_pending = true;
      return std::nullopt;
    }
    if (!place.alive) {
      pass(session, lane, place);
      continue;
    }
    const auto [withheld, decision] = gate_.judge(session, place.slot, now);
    if (withheld) {
      trace_.passed(session, place.slot, *withheld);
      if (*withheld == Withheld::policy) offer_again_later(session, place.slot);
      pass(session, lane, place);
      continue;
    }
    const HeldEnvelope& held = holdings_.table.at(place.slot);
    if (kAnnounces && decision.offer == Offer::announce) {
      if (!tell(session, place.slot, now)) return std::nullopt;
      session.turns_in(lane).charge(held.size);
      pass(session, lane, place);
      continue;
    }
    Candidate candidate{place, lane, 0, decision, carry_state(held, decision, now)};
    candidate.payload_size = wire::carried_size(candidate.state, held.size);
    if (const auto full = gate_.no_room(session, held, candidate.payload_size, frame_size_)) {
      trace_.stopped(session, place.slot, *full);
      return std::nullopt;
    }
    return candidate;
  }
}

/// Depositors take turns by bytes, so that one who brings much does not hold up the others. What
/// came since link-up is before the backlog: it is the youngest.
FrameFiller::Place FrameFiller::next_place(const NeighbourSession& session, Lane lane,
                                           DeficitRoundRobin& turns) const {
  const std::uint32_t waiting =
      holdings_.lanes.waiting(session.cursors, lane) | session.backlog.waiting(lane);
  const auto turn = turns.choose(quantum(lane), waiting);
  if (!turn) return {};
  const Slot slot = holdings_.lanes.peek(session.cursors, lane, *turn);
  if (slot != kNoSlot) return {slot, *turn, /*backlog=*/false, /*alive=*/true};
  const SlotRef ref = session.backlog.top(lane, *turn);
  // What was erased, or may not travel, is in no lane.
  const bool alive = holdings_.table.alive(ref) && holdings_.table.at(ref.slot).in_lane;
  return {ref.slot, *turn, /*backlog=*/true, alive};
}

/// Nobody's turn is taken by looking.
void FrameFiller::trace_closed(NeighbourSession& session, Lane lane, Withheld why) {
  DeficitRoundRobin turns = session.turns_in(lane);
  const Place first = next_place(session, lane, turns);
  if (first.alive) trace_.stopped(session, first.slot, why);
}

void FrameFiller::pass(NeighbourSession& session, Lane lane, const Place& place) {
  if (place.backlog) {
    session.backlog.pop(lane, place.turn);
  } else {
    holdings_.lanes.advance(session.cursors, place.slot);
  }
}

/// Its id goes; whether the neighbour has it or gets it from elsewhere is the neighbour's to know.
/// False: it was told enough for now.
bool FrameFiller::tell(NeighbourSession& session, Slot slot, base::Time now) {
  if (now >= session.pace_ends) {
    session.pace_ends = now + kPace;
    session.pace_left = kAnnouncedInPace;
  }
  if (session.pace_left == 0) {
    trace_.stopped(session, slot, Withheld::paced);
    return false;
  }
  --session.pace_left;
  trace_.passed(session, slot, Withheld::told);
  session.announcing.push_back(holdings_.table.at(slot).id);
  session.announced.push_back(holdings_.table.ref(slot));
  if (session.announced.size() > kAnnouncedInPace) session.announced.pop_front();
  holdings_.neighbours.mark(slot, session.bit);
  return true;
}

void FrameFiller::write_ids(wire::RecordWriter& frame, wire::RecordType type,
                            Ring<wire::EnvelopeId>& ids) {
  std::vector<wire::EnvelopeId> fitting;
  while (fitting.size() < std::min(ids.size(), wire::kIdsMax) &&
         wire::ids_size(fitting.size() + 1) <= frame.payload_room()) {
    fitting.push_back(ids[fitting.size()]);
  }
  if (fitting.empty()) return;
  const auto place = frame.add(type, wire::ids_size(fitting.size()));
  CHASKI_ASSERT(place.has_value());
  const auto used = wire::encode_ids(fitting, *place);
  CHASKI_ASSERT(used && *used == place->size());
  for (std::size_t i = 0; i < fitting.size(); ++i) ids.pop_front();
}

}  // namespace chaski::mesh_router
