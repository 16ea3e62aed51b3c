// SPDX-License-Identifier: Apache-2.0
// Private to mesh-router: the conductor. Included by router_*.cpp only.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/small.hpp"
#include "mesh-router/event_queue.hpp"
#include "mesh-router/holdings.hpp"
#include "mesh-router/neighbour_session.hpp"
#include "mesh-router/partial_book.hpp"
#include "mesh-router/pull_table.hpp"
#include "mesh-router/ring.hpp"
#include "mesh-router/router.hpp"
#include "mesh-router/stick_listing.hpp"

namespace chaski::mesh_router {

/// How often a full store is looked at for the sake of those who were refused.
inline constexpr base::Duration kRoomPoll = std::chrono::milliseconds(500);
/// Work of one wake(): each erases from the store.
inline constexpr std::size_t kExpiriesPerWake = 256;
inline constexpr std::size_t kTombstonesPerWake = 1'024;
/// Receipts of this node that wait for room in the store.
inline constexpr std::size_t kWaitingReceiptsMax = 4'096;
inline constexpr std::size_t kWaitingReceiptsPerPoll = 256;
/// Receipts that one neighbour turned away and that wait until it says ready.
inline constexpr std::size_t kTurnedAwayMax = 65'536;
/// What expired here comes again only with so much of its life left: neighbours are not quite of
/// one opinion about an age, and must not hand to and fro what ends.
inline constexpr base::Duration kWorthComingBack = std::chrono::minutes(10);
/// Whom what expired is asked of at least, whether or not they are known to have had it.
inline constexpr int kAskedForExpired = 4;
/// Answered questions of one link for what its neighbour was not known to have or want.
inline constexpr std::size_t kWantsUnknownMax = 1'024;
/// Envelopes that one neighbour asked for and that wait to go to it.
inline constexpr std::size_t kWantedMax = 65'536;
/// A receipt starts with at least this many hops.
inline constexpr std::uint8_t kReceiptHopsMin = 32;

struct Router::Impl {
  Impl(const RouterLimits& limits_in, EnvelopeStore& store, Recipient* recipient_in,
       base::Random& random_in, base::Time now_in);

  /// One envelope record on its way in.
  struct Arrival {
    NeighbourSession& session;
    std::uint64_t announcers;  ///< bits of neighbours that have it as well
    std::uint64_t sequence;
    wire::EnvelopeId id;
    wire::CarryState state;
    base::ByteView bytes;
    wire::EnvelopeFields fields;
    base::Time came_first{};   ///< now, unless it was here before and expired
  };
  struct WaitingReceipt {
    wire::ReceiptBody body;
    std::uint32_t lifetime_s = 0;
    base::Time born{};
  };

  // router_links.cpp
  NeighbourSession* find(base::LinkId link);
  bool link_up(base::LinkId link, const NeighbourId& neighbour, const LinkParameters& parameters);
  void link_down(base::LinkId link);
  void forget_in_flight(NeighbourSession& session);
  void take_back(const SentLedger::Entry& entry);
  void offer_again(NeighbourSession& session, SlotRef envelope);
  void mark_ready(NeighbourSession& session);
  void mark_all_ready();
  std::size_t next_frame(base::LinkId link, base::MutableByteView out);
  std::vector<NeighbourStatus> neighbours() const;

  // router_offers.cpp
  bool take_announce(NeighbourSession& session, base::ByteView payload);
  bool take_want(NeighbourSession& session, base::ByteView payload);
  void ask(const PullTable::Ask& ask);
  void ask_for_due();
  void offer_shown_again(NeighbourSession& session);

  // router_receive.cpp
  bool receive(base::LinkId link, base::ByteView records);
  bool dispatch(NeighbourSession& session, const wire::Record& record);
  bool take_fragment(NeighbourSession& session, base::ByteView payload);
  bool take_whole(NeighbourSession& session, std::uint32_t transfer, const wire::Record& whole,
                  base::Time begun);
  bool take_envelope(NeighbourSession& session, base::ByteView payload, base::Time begun);
  bool take_left_out(NeighbourSession& session, std::uint32_t size);
  /// Adds the time on the way to an age.
  void grow_older(wire::CarryState& state, base::Time since) const;
  bool take_carried(NeighbourSession& session, std::uint64_t sequence, const wire::EnvelopeId& id,
                    const wire::CarriedEnvelope& carried);
  void take_duplicate(NeighbourSession& session, Slot slot, const wire::CarryState& state);
  /// When what expired here came first, if it may come again, younger.
  std::optional<base::Time> may_come_back(std::uint64_t hash) const;
  bool comes_back(Arrival& arrival);
  void take_younger_age(const NeighbourSession& from, Slot slot, std::uint64_t age_ms);
  bool take_new(Arrival& arrival);
  bool take_sealed(Arrival& arrival);
  bool take_receipt(Arrival& arrival);
  std::optional<Slot> store_arrival(Arrival& arrival, const wire::ReceiptCommitment& commitment,
                                    bool& link_ok);
  void take_receipts_again();
  bool refuse(Arrival& arrival, wire::RefuseReason reason, DropReason why);
  bool take_ack(NeighbourSession& session, base::ByteView payload);
  bool take_refuse(NeighbourSession& session, base::ByteView payload);
  void take_ready(NeighbourSession& session);

  // router_resume.cpp
  bool take_offer(NeighbourSession& session, base::ByteView payload);
  bool take_resume(NeighbourSession& session, base::ByteView payload);
  bool is_expected(const NeighbourSession& session, const wire::Fragment& fragment) const;
  bool take_rest(NeighbourSession& session, std::uint32_t transfer, base::ByteView rest);
  void keep_partials(NeighbourSession& session);

  // router_local.cpp
  base::Expected<wire::EnvelopeId, SubmitError> submit(base::ByteView envelope,
                                                       const wire::CarryState& state);
  void publish_receipt(const wire::ReceiptBody& receipt, std::uint32_t lifetime_s,
                       std::uint64_t age_ms);
  std::uint64_t age_of_receipt(std::uint64_t age_ms, std::uint32_t lifetime_s);
  bool store_receipt(const WaitingReceipt& receipt);
  void offer_stored(std::span<const wire::DeliveryTag> tags);
  void offer_one(Slot slot, const wire::DeliveryTag& tag);
  void person_left();

  // router_stick.cpp
  std::optional<StickTake> take_from_stick(base::ByteView records);
  bool list_for_stick(StickListing& listing);
  std::size_t next_for_stick(StickListing& listing, base::MutableByteView out);

  // router_time.cpp
  void committed();
  void wake();
  void expire();
  void expire_one(Slot slot);
  std::uint64_t who_may_have(const HeldEnvelope& held) const;
  void wake_session(NeighbourSession& session);
  void poll_room();
  /// Not on a small board, where nobody reads.
  bool receipts_wait() const { return !base::kSmall && !waiting_receipts.empty(); }
  std::optional<base::Time> next_wakeup() const;

  // router_explain.cpp
  Explanation explain(const wire::EnvelopeId& id, base::Time at);
  NeighbourExplanation explain_to(const NeighbourSession& session, Slot slot, base::Time at);
  static Withheld why_in_no_queue(const NeighbourSession& session, SlotRef envelope, Offer offer);

  /// Holdings::hold(), and says what was displaced.
  base::Expected<Slot, HoldError> hold(const EnvelopeRecord& record, base::ByteView envelope);
  void drop(DropReason reason, std::optional<wire::EnvelopeId> id = std::nullopt);
  /// Erases an envelope whose receipt is true, and says so.
  void deliver(Slot slot);

  RouterLimits limits;
  Recipient* recipient;
  base::Random& random;
  base::Time now;
  Holdings holdings;
  PartialBook partials;
  EventQueue events;
  DecisionTrace trace;
  RouterCounters counters;
  PullTable pulls;
  std::vector<std::unique_ptr<NeighbourSession>> sessions;
  std::vector<base::LinkId> ready;
  Ring<WaitingReceipt> waiting_receipts;
  base::Time room_poll_at{};
  base::Bytes scratch;
};

}  // namespace chaski::mesh_router
