// SPDX-License-Identifier: Apache-2.0
// The small units below the router, each by itself.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "mesh-router/contact_schedule.hpp"
#include "mesh-router/custody_ledger.hpp"
#include "mesh-router/deficit_round_robin.hpp"
#include "mesh-router/event_queue.hpp"
#include "mesh-router/id_hash.hpp"
#include "mesh-router/neighbour_table.hpp"
#include "mesh-router/offers_heard.hpp"
#include "mesh-router/partial_book.hpp"
#include "mesh-router/quota_ledger.hpp"
#include "mesh-router/receipt_book.hpp"
#include "mesh-router/reconciler.hpp"
#include "mesh-router/relay_lanes.hpp"
#include "mesh-router/transfer_set.hpp"
#include "station.hpp"

namespace chaski::mesh_router::test {
namespace {

/// A table that is filled by number.
struct Filled {
  base::SeededRandom random{1};
  IdHasher hasher{random};
  EnvelopeTable table;

  Slot add(std::uint32_t number, Lane lane = Lane::normal_small) {
    EnvelopeRecord record;
    record.id = id_of(number);
    record.size = 100;
    record.hops_left = 1;
    if (lane == Lane::receipts) {
      record.kind = wire::EnvelopeKind::receipt;
    } else {
      const int at = static_cast<int>(lane) - 1;
      record.priority = static_cast<wire::Priority>(2 - at / 2);
      if (at % 2 == 1) record.size = kSmallEnvelopeMax + 1;
    }
    const Slot slot =
        table.insert(record, number, base::Time::max(), hasher(record.id), hasher(record.tag));
    table.at(slot).committed = true;
    return slot;
  }
  void erase(Slot slot) { table.erase(slot, hasher(table.at(slot).id)); }
  static wire::EnvelopeId id_of(std::uint32_t number) {
    wire::EnvelopeId id;
    for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    id.bytes[15] = 1;
    return id;
  }
};

TEST(RelayLanes, TheSumSaysWhetherTwoHoldTheSame) {
  Filled left, right;
  RelayLanes some(left.table), others(right.table);
  EXPECT_EQ(some.sum(), (std::array<std::uint64_t, 2>{}));
  const Slot one = left.add(1), two = left.add(2);
  const Slot second = right.add(2, Lane::receipts), first = right.add(1);
  some.append(one);
  some.append(two);
  others.append(second);
  EXPECT_NE(some.sum(), others.sum());
  others.append(first);
  EXPECT_EQ(some.sum(), others.sum()) << "in any order and lane";
  some.remove(one);
  others.remove(first);
  EXPECT_EQ(some.sum(), others.sum());
  some.remove(two);
  EXPECT_EQ(some.sum(), (std::array<std::uint64_t, 2>{}));
}

TEST(RelayLanes, EachNeighbourReadsEveryLaneInOrderOfArrival) {
  Filled filled;
  RelayLanes lanes(filled.table);
  LaneCursors early;
  lanes.attach(early);
  const Slot one = filled.add(1);
  const Slot two = filled.add(2);
  const Slot receipt = filled.add(3, Lane::receipts);
  for (const Slot slot : {one, two, receipt}) lanes.append(slot);
  LaneCursors late = lanes.ends();
  lanes.attach(late);
  EXPECT_EQ(lanes.peek(early, Lane::normal_small, 0), one);
  lanes.advance(early, one);
  EXPECT_EQ(lanes.peek(early, Lane::normal_small, 0), two);
  EXPECT_EQ(lanes.peek(early, Lane::receipts, 0), receipt);
  EXPECT_EQ(lanes.peek(late, Lane::normal_small, 0), kNoSlot);
  const Slot four = filled.add(4);
  lanes.append(four);
  EXPECT_EQ(lanes.peek(late, Lane::normal_small, 0), four);
  EXPECT_EQ(lanes.count_after(late), 1u);
  EXPECT_EQ(lanes.count_after(early), 3u) << "the receipt and two behind the first";
  for (std::uint32_t i = 0; i < 2'000; ++i) lanes.append(filled.add(100 + i));
  EXPECT_EQ(lanes.count_after(late), RelayLanes::kCountMax);
}

// Cursors survive whatever is erased: each reads exactly what is there behind where it was.
RC_GTEST_PROP(RelayLanes, ErasingNeverLosesOrRepeatsWhatIsLeft,
              (const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps)) {
  Filled filled;
  RelayLanes lanes(filled.table);
  LaneCursors cursors;
  lanes.attach(cursors);
  std::vector<Slot> queue;
  std::size_t read = 0;
  std::uint32_t next = 0;
  for (const auto& [action, which] : steps) {
    if (action % 3 == 0) {
      queue.push_back(filled.add(next++));
      lanes.append(queue.back());
    } else if (action % 3 == 1 && !queue.empty()) {
      const std::size_t victim = which % queue.size();
      lanes.remove(queue[victim]);
      filled.erase(queue[victim]);
      queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(victim));
      if (victim < read) --read;
    } else if (action % 3 == 2 && read < queue.size()) {
      lanes.advance(cursors, queue[read++]);
    }
    RC_ASSERT(lanes.size() == queue.size());
    RC_ASSERT(lanes.peek(cursors, Lane::normal_small, 0) ==
              (read < queue.size() ? queue[read] : kNoSlot));
  }
}

TEST(RelayLanes, DepositorsHaveQueuesOfTheirOwn) {
  Filled filled;
  RelayLanes lanes(filled.table);
  LaneCursors cursors;
  lanes.attach(cursors);
  std::vector<Slot> slots;
  for (std::uint32_t i = 0; i < 4 * kTurns; ++i) {
    slots.push_back(filled.add(i));
    filled.table.at(slots.back()).account = static_cast<std::uint16_t>(i);
    lanes.append(slots.back());
  }
  for (std::size_t round = 0; round < 4; ++round) {
    for (std::size_t turn = 0; turn < kTurns; ++turn) {
      const Slot slot = lanes.peek(cursors, Lane::normal_small, turn);
      ASSERT_EQ(slot, slots[round * kTurns + turn]);
      ASSERT_EQ(lanes.waiting(cursors, Lane::normal_small) >> turn & 1u, 1u);
      if (round == 1) lanes.remove(slot);
      if (round != 1) lanes.advance(cursors, slot);
    }
  }
  EXPECT_EQ(lanes.peek(cursors, Lane::normal_small, 3), kNoSlot);
  EXPECT_EQ(lanes.waiting(cursors, Lane::normal_small), 0u);
}

// Against the definition: queues that always have something get the same bytes, within two quanta
// and the largest size, whatever their sizes are; one that comes later gets nothing for the past.
RC_GTEST_PROP(DeficitRoundRobin, GivesTheSameBytesToAllWhoWait,
              (const std::vector<std::uint16_t>& sizes, std::uint16_t who)) {
  constexpr std::size_t kLargest = 4'096;
  constexpr int kQuantum = 1'024;
  DeficitRoundRobin turns;
  std::array<std::size_t, kTurns> got{};
  const std::uint32_t waiting = who | 1u;
  const auto waits = [waiting](std::size_t queue) { return (waiting >> queue & 1u) != 0; };
  for (std::size_t i = 0; i < 20 * (sizes.size() + 1); ++i) {
    const auto queue = turns.choose(kQuantum, waiting);
    RC_ASSERT(queue.has_value());
    RC_ASSERT(waits(*queue));
    RC_ASSERT(turns.choose(kQuantum, waiting) == queue);  // the same until it was served
    // Each has a size of its own: small ones here, large ones there.
    const std::size_t size = 1 + (sizes.empty() ? 7u : sizes[*queue % sizes.size()] % kLargest);
    got[*queue] += size;
    turns.charge(size);
    const auto behind = std::count_if(got.begin(), got.end(), [&](const std::size_t& bytes) {
      const auto at = static_cast<std::size_t>(&bytes - got.data());
      return waits(at) && bytes + kLargest + std::size_t{2} * kQuantum < got[*queue];
    });
    RC_ASSERT(behind == 0);
  }
}

TEST(DeficitRoundRobin, WhoWasEmptySavesNothing) {
  DeficitRoundRobin turns;
  EXPECT_FALSE(turns.choose(100, 0));
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(turns.choose(100, 1u << 3), 3u);
    turns.charge(100);
  }
  std::array<int, kTurns> got{};
  for (int i = 0; i < 100; ++i) {
    const auto queue = turns.choose(100, 1u << 3 | 1u << 5);
    ++got[*queue];
    turns.charge(100);
  }
  EXPECT_EQ(got[3], 50);
  EXPECT_EQ(got[5], 50);
}

TEST(NeighbourTable, ABitThatIsUsedAgainKnowsNothing) {
  Filled filled;
  NeighbourTable neighbours(filled.table);
  const Slot slot = filled.add(1);
  for (std::size_t i = 0; i < 200; ++i) {
    const auto bit = neighbours.join(name_of(i));
    ASSERT_TRUE(bit);
    EXPECT_FALSE(neighbours.knows(slot, *bit)) << i;
    neighbours.mark(slot, *bit);
    EXPECT_TRUE(neighbours.knows(slot, *bit));
    neighbours.leave(*bit);
  }
}

TEST(NeighbourTable, IsFullAt64AndSharesABitBetweenLinks) {
  Filled filled;
  NeighbourTable neighbours(filled.table);
  for (std::size_t i = 0; i < 64; ++i) ASSERT_TRUE(neighbours.join(name_of(i)));
  EXPECT_FALSE(neighbours.join(name_of(64)));
  const auto again = neighbours.join(name_of(5));
  ASSERT_TRUE(again);
  neighbours.leave(*again);
  EXPECT_FALSE(neighbours.join(name_of(64))) << "the first link is still there";
  neighbours.leave(*again);
  EXPECT_TRUE(neighbours.join(name_of(64)));
}

TEST(SentLedger, AcknowledgesInOrderAndLeavesOutWhatWasRefused) {
  SentLedger sent;
  EXPECT_FALSE(sent.was_sent(1));
  for (std::uint32_t i = 1; i <= 5; ++i) sent.push({{i, 0}, 10 * i, false, false});
  EXPECT_EQ(sent.bytes(), 150u);
  EXPECT_TRUE(sent.was_sent(5));
  EXPECT_FALSE(sent.was_sent(0));
  EXPECT_FALSE(sent.was_sent(6));
  ASSERT_NE(sent.refuse(2), nullptr);
  EXPECT_EQ(sent.refuse(2), nullptr) << "twice";
  EXPECT_EQ(sent.refuse(0), nullptr);
  EXPECT_EQ(sent.refuse(6), nullptr);
  std::vector<bool> refused;
  while (const auto entry = sent.acknowledge_next(3)) refused.push_back(entry->refused);
  EXPECT_EQ(refused, (std::vector<bool>{false, true, false}));
  EXPECT_EQ(sent.count(), 2u);
  EXPECT_EQ(sent.bytes(), 90u);
  EXPECT_EQ(sent.refuse(3), nullptr) << "acknowledged before";
  EXPECT_FALSE(sent.acknowledge_next(3));
  EXPECT_EQ(sent.sent(), 5u);
}

std::vector<wire::RecordType> types_in(base::ByteView frame) {
  std::vector<wire::RecordType> types;
  wire::RecordReader reader(frame);
  for (auto record = reader.next(); record && *record; record = reader.next()) {
    types.push_back((*record)->type);
  }
  return types;
}

TEST(ReceivedLedger, AcknowledgesOnlyWhatIsDurableAndNeverBeforeItsRefusal) {
  ReceivedLedger received;
  EXPECT_EQ(received.count_one(), 1u);
  EXPECT_EQ(received.count_one(), 2u);
  EXPECT_FALSE(received.wants_to_send());
  ASSERT_TRUE(received.refuse(2, wire::RefuseReason::quota));
  EXPECT_TRUE(received.wants_to_send());
  received.settle();
  // Room for nothing: neither a refusal nor an acknowledgement of what it covers.
  std::array<std::uint8_t, 5> tiny{};
  wire::RecordWriter small(tiny);
  received.write(small);
  EXPECT_EQ(types_in(base::ByteView(tiny).first(small.size())),
            (std::vector<wire::RecordType>{wire::RecordType::ack}))
      << "number 1 is durable and not refused";
  EXPECT_TRUE(received.wants_to_send());
  std::array<std::uint8_t, 64> frame{};
  wire::RecordWriter writer(frame);
  received.write(writer);
  EXPECT_EQ(types_in(base::ByteView(frame).first(writer.size())),
            (std::vector<wire::RecordType>{wire::RecordType::refuse, wire::RecordType::ack}));
  EXPECT_FALSE(received.wants_to_send());
}

SentLedger::Entry entry_of(std::uint32_t size) { return {{1, 0}, size, false, false}; }

TEST(TransferSet, OneALaneFourInAllAndOneKeptForReceipts) {
  TransferSet transfers;
  EXPECT_FALSE(transfers.has_piece());
  transfers.open(Lane::bulk_large, base::Bytes(10), entry_of(10));
  EXPECT_FALSE(transfers.can_open(Lane::bulk_large));
  transfers.open(Lane::bulk_small, base::Bytes(10), entry_of(10));
  transfers.open(Lane::normal_large, base::Bytes(10), entry_of(10));
  EXPECT_FALSE(transfers.can_open(Lane::urgent_small));
  EXPECT_TRUE(transfers.can_open(Lane::receipts));
  transfers.open(Lane::receipts, base::Bytes(10), entry_of(10));
  EXPECT_EQ(transfers.count(), 4u);
  EXPECT_EQ(transfers.bytes(), 40u);
  EXPECT_EQ(transfers.next_lane(), Lane::receipts);
}

TEST(TransferSet, AnOfferWaitsForItsAnswerAndGoesOnFromThere) {
  TransferSet transfers;
  base::Bytes envelope(1'000);
  for (std::size_t i = 0; i < envelope.size(); ++i) envelope[i] = static_cast<std::uint8_t>(i);
  const std::uint32_t number = transfers.offer(Lane::bulk_large, envelope, entry_of(1'000));
  EXPECT_FALSE(transfers.has_piece());
  EXPECT_FALSE(transfers.can_open(Lane::bulk_large));
  EXPECT_EQ(transfers.bytes(), 1'000u) << "in flight";
  EXPECT_FALSE(transfers.answer(number + 1, 0));
  EXPECT_FALSE(transfers.answer(number, 1'001)) << "beyond its end";
  ASSERT_TRUE(transfers.answer(number, 990));
  EXPECT_FALSE(transfers.answer(number, 990)) << "twice";
  base::Bytes frame(64);
  wire::RecordWriter writer(frame);
  std::optional<SentLedger::Entry> finished;
  ASSERT_TRUE(transfers.write_piece(writer, 1'000, finished));
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->resumed);
  wire::RecordReader reader(base::ByteView(frame).first(writer.size()));
  const auto record = reader.next();
  const auto fragment = wire::decode_fragment((*record)->payload);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->type, wire::RecordType::rest);
  EXPECT_EQ(fragment->total, 10u);
  EXPECT_EQ(fragment->data[0], static_cast<std::uint8_t>(990));
  const std::uint32_t known = transfers.offer(Lane::bulk_large, envelope, entry_of(1'000));
  ASSERT_TRUE(transfers.answer(known, 1'000)) << "it has all of it";
  EXPECT_EQ(transfers.count(), 0u);
  EXPECT_EQ(transfers.bytes(), 0u);
}

TEST(OffersHeard, AreAnsweredOnceAndBounded) {
  OffersHeard offers;
  wire::Offer offer;
  offer.id = Filled::id_of(1);
  offer.size = 20'000;
  const base::Bytes beginning(7, 1);
  for (std::uint32_t i = 0; i < OffersHeard::kMax; ++i) {
    offer.transfer = i;
    EXPECT_TRUE(offers.expect(offer, beginning, at(0s)));
  }
  std::array<std::uint8_t, 64> frame{};
  wire::RecordWriter writer(frame);
  EXPECT_FALSE(offers.decline(offer)) << "as many answers wait as may be";
  offers.write(writer);
  EXPECT_FALSE(offers.wants_to_send());
  EXPECT_EQ(types_in(base::ByteView(frame).first(writer.size())).size(), OffersHeard::kMax);
  EXPECT_FALSE(offers.decline(offer)) << "the number is taken";
  offer.transfer = 9;
  EXPECT_FALSE(offers.expect(offer, {}, at(0s))) << "as many offers wait as may be";
  ASSERT_TRUE(offers.take(0));
  EXPECT_FALSE(offers.take(0));
  EXPECT_EQ(offers.find(0), nullptr);
  EXPECT_TRUE(offers.expect(offer, {}, at(0s)));
}

TEST(PartialBook, KeepsTheLongerOfOneEnvelopeForAWhile) {
  PartialBook book(1'000);
  book.put(Filled::id_of(1), 500, 7, base::Bytes(100, 1), at(0s));
  book.put(Filled::id_of(1), 500, 8, base::Bytes(50, 2), at(1s));
  EXPECT_EQ(book.find(Filled::id_of(1), 500).size(), 100u);
  EXPECT_TRUE(book.find(Filled::id_of(1), 501).empty()) << "said to be of another size";
  book.put(Filled::id_of(1), 500, 8, base::Bytes(200, 2), at(2s));
  EXPECT_EQ(book.find(Filled::id_of(1), 500)[0], 2);
  EXPECT_EQ(book.bytes(), 200u);
  EXPECT_EQ(book.next_expiry(), at(1h + 2s));
  book.expire(at(1h + 1s));
  EXPECT_EQ(book.count(), 1u);
  book.expire(at(1h + 2s));
  EXPECT_EQ(book.count(), 0u);
  EXPECT_EQ(book.bytes(), 0u);
  EXPECT_FALSE(book.next_expiry());
}

// Who fills the book pushes out what it brought itself.
TEST(PartialBook, AFlooderPushesOutItsOwn) {
  PartialBook book(10'000);
  book.put(Filled::id_of(1), 5'000, 7, base::Bytes(400), at(0s));
  for (std::uint32_t i = 2; i < 200; ++i) {
    book.put(Filled::id_of(i), 5'000, 8, base::Bytes(500), at(1s));
    ASSERT_LE(book.bytes(), 10'000u);
  }
  EXPECT_FALSE(book.find(Filled::id_of(1), 5'000).empty());
  for (std::uint32_t i = 2; i < 1'000; ++i) {
    book.put(Filled::id_of(i), 5'000, 8, base::Bytes(501), at(2s));
    ASSERT_LE(book.count(), PartialBook::kPartialsMax);
  }
  EXPECT_FALSE(book.find(Filled::id_of(1), 5'000).empty());
  book.put(Filled::id_of(1'001), 20'000, 9, base::Bytes(10'001), at(2s));
  EXPECT_TRUE(book.find(Filled::id_of(1'001), 20'000).empty()) << "more than all there is room for";
  PartialBook none(0);
  none.put(Filled::id_of(1), 500, 7, base::Bytes(1), at(0s));
  EXPECT_EQ(none.count(), 0u);
}

// Whatever the frames are, the other end puts together what was opened here, lane by lane.
RC_GTEST_PROP(TransferSet, PiecesComeTogetherAgain,
              (const std::vector<std::uint8_t>& frame_sizes, std::uint16_t large_size)) {
  TransferSet transfers;
  wire::Reassembler reassembler;
  base::Bytes large(1u + large_size);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 7);
  const base::Bytes small(300, 9);
  transfers.open(Lane::bulk_large, large, entry_of(1));
  std::vector<base::Bytes> wholes;
  std::size_t finished_count = 0;
  for (std::size_t i = 0; transfers.has_piece(); ++i) {
    if (i == 3) transfers.open(Lane::urgent_small, small, entry_of(2));
    const std::size_t size = 64u + (i < frame_sizes.size() ? frame_sizes[i] : 200u);
    base::Bytes frame(size);
    wire::RecordWriter writer(frame);
    std::optional<SentLedger::Entry> finished;
    RC_ASSERT(transfers.write_piece(writer, 1'000, finished));
    finished_count += finished ? 1u : 0u;
    wire::RecordReader reader(base::ByteView(frame).first(writer.size()));
    const auto record = reader.next();
    const auto fragment = wire::decode_fragment((*record)->payload);
    RC_ASSERT(fragment.has_value());
    const auto whole = reassembler.add(*fragment);
    RC_ASSERT(whole.has_value());
    if (*whole) wholes.emplace_back((*whole)->payload.begin(), (*whole)->payload.end());
    RC_ASSERT(wholes.size() == finished_count);
  }
  if (wholes.size() == 2) {
    RC_ASSERT(wholes[0] == small);
    wholes.erase(wholes.begin());
  }
  RC_ASSERT(wholes.size() == 1u);
  RC_ASSERT(wholes[0] == large);
  RC_ASSERT(transfers.bytes() == 0u);
}

TEST(ContactSchedule, RarestFirstThenInOrderOfArrivalWithinALane) {
  Filled filled;
  ContactSchedule schedule;
  EXPECT_TRUE(schedule.empty());
  EXPECT_EQ(schedule.waiting(Lane::receipts), 0u);
  EXPECT_EQ(schedule.memory_used(), 0u);
  const auto put = [&](std::uint32_t number, Lane lane, std::uint64_t known_by, base::Time born) {
    const Slot slot = filled.add(number, lane);
    filled.table.at(slot).known_by = known_by;
    filled.table.at(slot).born_ms = Packed48(
        std::chrono::duration_cast<std::chrono::milliseconds>(born.time_since_epoch()).count());
    schedule.push(filled.table.ref(slot), filled.table.at(slot));
    return slot;
  };
  const Slot common = put(1, Lane::normal_small, 7, at(30s));
  const Slot old = put(2, Lane::normal_small, 1, at(10s));
  const Slot young = put(3, Lane::normal_small, 2, at(20s));
  const Slot older_than_the_clock = put(4, Lane::normal_small, 0, at(-1h));
  const Slot receipt = put(5, Lane::receipts, 63, at(0s));
  EXPECT_EQ(schedule.size(), 5u);
  EXPECT_EQ(schedule.top(Lane::receipts, 0).slot, receipt);
  for (const Slot expected : {older_than_the_clock, old, young, common}) {
    EXPECT_EQ(schedule.top(Lane::normal_small, 0).slot, expected);
    schedule.pop(Lane::normal_small, 0);
  }
  schedule.pop(Lane::receipts, 0);
  EXPECT_TRUE(schedule.empty());
  EXPECT_EQ(schedule.memory_used(), 0u) << "given back";
  filled.table.at(young).account = 21;
  schedule.push(filled.table.ref(young), filled.table.at(young));
  EXPECT_EQ(schedule.waiting(Lane::normal_small), 1u << 5);
  schedule.pop(Lane::normal_small, 5);
  EXPECT_EQ(schedule.waiting(Lane::normal_small), 0u);
}

/// Two reconcilers and a link between them that loses nothing.
struct Meeting {
  Filled a, b;
  ContactSchedule a_lacks, b_lacks;
  base::Time now = at(0s);
  std::optional<Reconciler> ours, theirs;

  void link_up() {
    ours.emplace(base::LinkRole::initiator, ShortIdSalt{}, a.table.slot_end(), now);
    theirs.emplace(base::LinkRole::responder, ShortIdSalt{}, b.table.slot_end(), now);
  }
  static bool say(Reconciler& from, Reconciler& to, std::size_t frame_size, base::Time now) {
    base::Bytes frame(frame_size);
    base::Bytes scratch;
    wire::RecordWriter writer(frame);
    from.write(writer, scratch, now);
    wire::RecordReader reader(base::ByteView(frame).first(writer.size()));
    const auto record = reader.next();
    if (!record || !*record) return false;
    EXPECT_EQ((*record)->type, wire::RecordType::reconcile);
    EXPECT_TRUE(to.receive((*record)->payload, now));
    return true;
  }
  /// Until nobody has anything to do; the one who is `late` starts last.
  void run(std::size_t frame_size = 244, bool a_is_late = false) {
    bool start_a = !a_is_late;
    for (bool more = true; more;) {
      more = theirs->work(b.table, a_lacks, now);
      more = say(*theirs, *ours, frame_size, now) || more;
      if (start_a) {
        more = ours->work(a.table, b_lacks, now) || more;
        more = say(*ours, *theirs, frame_size, now) || more;
      } else if (!more) {
        start_a = more = true;
      }
    }
  }
  static std::set<std::uint32_t> in(ContactSchedule& schedule, const EnvelopeTable& table) {
    std::set<std::uint32_t> numbers;
    while (!schedule.empty()) {
      const Slot slot = schedule.top(Lane::normal_small, 0).slot;
      numbers.insert(static_cast<std::uint32_t>(table.at(slot).key()));
      schedule.pop(Lane::normal_small, 0);
    }
    return numbers;
  }
};

TEST(Reconciler, FindsWhatEachSideLacks) {
  for (const bool late : {false, true}) {
    Meeting meeting;
    for (std::uint32_t i = 0; i < 10'000; ++i) meeting.a.add(i);
    for (std::uint32_t i = 20; i < 10'050; ++i) meeting.b.add(i);
    meeting.a.erase(30);
    meeting.a.table.at(31).committed = false;
    meeting.link_up();
    meeting.a.add(60'000);  // after link-up: it goes by itself
    meeting.run(244, late);
    EXPECT_TRUE(meeting.ours->agreed());
    EXPECT_TRUE(meeting.theirs->agreed());
    EXPECT_FALSE(meeting.ours->patience_ends());
    const auto b_lacks = Meeting::in(meeting.b_lacks, meeting.a.table);
    EXPECT_GE(b_lacks.size(), 20u);
    EXPECT_LE(b_lacks.size(), 21u) << "what came into the slot that was free may be offered";
    for (std::uint32_t i = 0; i < 20; ++i) EXPECT_TRUE(b_lacks.contains(i)) << i;
    const auto a_lacks = Meeting::in(meeting.a_lacks, meeting.b.table);
    EXPECT_EQ(a_lacks.size(), 52u);
    EXPECT_TRUE(a_lacks.contains(30) && a_lacks.contains(31) && a_lacks.contains(10'049));
    EXPECT_LT(meeting.ours->memory_used(), 2'000u) << "freed";
  }
}

TEST(Reconciler, WhatIsNoMessageMeansThatEverythingIsOffered) {
  Meeting meeting;
  for (std::uint32_t i = 0; i < 10'000; ++i) meeting.a.add(i);
  meeting.link_up();
  while (meeting.ours->work(meeting.a.table, meeting.b_lacks, meeting.now)) {
  }
  bool well = true;
  base::SeededRandom random(1);
  for (int i = 0; well && i < 1'000; ++i) {
    base::Bytes junk(200);
    random.fill(junk);
    well = meeting.ours->receive(junk, meeting.now);
    while (meeting.ours->work(meeting.a.table, meeting.b_lacks, meeting.now)) {
    }
    well = well && !meeting.ours->done();
  }
  EXPECT_TRUE(meeting.ours->done());
  EXPECT_FALSE(meeting.ours->agreed());
  EXPECT_EQ(meeting.b_lacks.size(), 10'000u);
}

TEST(Reconciler, WhatComesTooEarlyIsBounded) {
  Meeting meeting;
  for (std::uint32_t i = 0; i < 10'000; ++i) meeting.a.add(i);
  meeting.link_up();
  ASSERT_TRUE(meeting.ours->work(meeting.a.table, meeting.b_lacks, meeting.now)) << "in slices";
  const base::Bytes junk(1'000, 9);
  int taken = 0;
  while (meeting.ours->receive(junk, meeting.now)) ++taken;
  EXPECT_EQ(taken, 65);
  EXPECT_LT(meeting.ours->memory_used(), 1'000u);
  while (meeting.ours->work(meeting.a.table, meeting.b_lacks, meeting.now)) {
  }
  EXPECT_EQ(meeting.b_lacks.size(), 10'000u);
}

// A frame that takes long on its way is no reason to be at odds for ever.
TEST(Reconciler, WhatWasSaidTooLateStillMakesThemAgree) {
  Meeting meeting;
  for (std::uint32_t i = 0; i < 100; ++i) meeting.a.add(i);
  for (std::uint32_t i = 1; i < 100; ++i) meeting.b.add(i);
  meeting.link_up();
  meeting.now = at(3s);
  ASSERT_EQ(*meeting.ours->patience_ends(), at(30s)) << "nothing was said here";
  while (meeting.ours->work(meeting.a.table, meeting.b_lacks, at(0s))) {
  }
  while (Meeting::say(*meeting.ours, *meeting.theirs, 244, at(0s))) {
  }
  ASSERT_EQ(*meeting.ours->patience_ends(), at(3s));
  meeting.ours->give_up(at(3s));
  EXPECT_EQ(*meeting.ours->patience_ends(), at(30s));
  meeting.run();
  EXPECT_TRUE(meeting.ours->agreed());
  EXPECT_TRUE(meeting.theirs->agreed());
  EXPECT_EQ(meeting.b_lacks.size(), 100u);
  EXPECT_EQ(meeting.a_lacks.size(), 0u);
}

TEST(Reconciler, ASilentPeerIsNotWaitedForNorASlowOneForever) {
  Meeting meeting;
  for (std::uint32_t i = 0; i < 3'000; ++i) meeting.a.add(i);
  for (std::uint32_t i = 0; i < 20'000; ++i) meeting.b.add(10'000 + i);
  meeting.link_up();
  while (meeting.ours->work(meeting.a.table, meeting.b_lacks, at(0s))) {
  }
  EXPECT_EQ(*meeting.ours->patience_ends(), at(30s)) << "it has not spoken itself";
  while (Meeting::say(*meeting.ours, *meeting.theirs, 244, at(0s))) {
  }
  EXPECT_EQ(*meeting.ours->patience_ends(), at(3s));
  while (meeting.theirs->work(meeting.b.table, meeting.a_lacks, at(0s))) {
  }
  // A small frame from each every half second.
  base::Time now = at(0s);
  for (int i = 0; i < 58; ++i) {
    now += 500ms;
    const bool they_spoke = Meeting::say(*meeting.theirs, *meeting.ours, 64, now);
    ASSERT_TRUE(Meeting::say(*meeting.ours, *meeting.theirs, 64, now) || they_spoke);
    while (meeting.ours->work(meeting.a.table, meeting.b_lacks, now) ||
           meeting.theirs->work(meeting.b.table, meeting.a_lacks, now)) {
    }
  }
  ASSERT_FALSE(meeting.ours->done());
  EXPECT_EQ(*meeting.ours->patience_ends(), at(30s));
  meeting.ours->give_up(at(30s));
  EXPECT_FALSE(meeting.ours->patience_ends());
  while (meeting.ours->work(meeting.a.table, meeting.b_lacks, now)) {
  }
  EXPECT_GE(meeting.b_lacks.size(), 3'000u);
  EXPECT_TRUE(meeting.ours->done());
  EXPECT_TRUE(meeting.ours->receive(base::Bytes(1), now)) << "too late to matter";
}

TEST(QuotaLedger, CountsByDepositorAndForgetsEmptyAccounts) {
  QuotaLedger ledger;
  EXPECT_TRUE(ledger.allows(7, 100, 100));
  EXPECT_FALSE(ledger.allows(7, 101, 100));
  EXPECT_TRUE(ledger.allows(0, 1'000, 100)) << "this node itself";
  const auto account = ledger.charge(7, 60);
  EXPECT_EQ(ledger.charge(7, 30), account);
  EXPECT_FALSE(ledger.allows(7, 11, 100));
  EXPECT_TRUE(ledger.allows(7, 10, 100));
  EXPECT_TRUE(ledger.allows(8, 100, 100));
  ledger.release(account, 60);
  EXPECT_EQ(ledger.bytes(7), 30u);
  ledger.release(account, 30);
  EXPECT_EQ(ledger.accounts(), 0u);
  EXPECT_EQ(ledger.charge(9, 1), account) << "places are used again";
}

TEST(QuotaLedger, AccountsAreBoundedAndShareWhenAllAreTaken) {
  QuotaLedger ledger;
  base::SeededRandom random(4);
  std::vector<QuotaLedger::Account> charged;
  for (std::size_t i = 0; i < 3 * QuotaLedger::kAccountsMax; ++i) {
    const std::uint64_t depositor = random.next_u64() | 1u;
    charged.push_back(ledger.charge(depositor, 10));
    EXPECT_NE(charged.back(), QuotaLedger::kOwn);
    EXPECT_GE(ledger.bytes(depositor), 10u);
  }
  EXPECT_EQ(ledger.accounts(), QuotaLedger::kAccountsMax);
  EXPECT_LT(ledger.memory_used(), 300'000u);
  for (const QuotaLedger::Account account : charged) ledger.release(account, 10);
  EXPECT_EQ(ledger.accounts(), 0u);
  EXPECT_EQ(ledger.charge(0, 10), QuotaLedger::kOwn);
}

struct Receipts {
  Filled filled;
  ReceiptBook book{filled.table, 10};
  Slot add(std::uint32_t number, std::uint32_t target, QuotaLedger::Account account = 5,
           ReceiptTrust trust = ReceiptTrust::unverified) {
    EnvelopeRecord record;
    record.id = Filled::id_of(number);
    record.kind = wire::EnvelopeKind::receipt;
    record.commitment.bytes = Filled::id_of(target).bytes;
    const Slot slot = filled.table.insert(record, number, at(1s), filled.hasher(record.id),
                                          hash(target));
    filled.table.at(slot).account = account;
    book.set_trust(slot, trust);
    return slot;
  }
  void remove(Slot slot) {
    book.forget(slot);
    filled.erase(slot);
  }
  std::uint64_t hash(std::uint32_t target) const { return filled.hasher(Filled::id_of(target)); }
  bool knows_true_one(std::uint32_t target) const {
    return book.knows_true_one(hash(target), Filled::id_of(target));
  }
  bool allows(std::uint32_t target, QuotaLedger::Account account) const {
    return book.allows_unverified(hash(target), Filled::id_of(target), account);
  }
};

TEST(ReceiptBook, FindsWhatIsHeldForAnEnvelope) {
  Receipts receipts;
  const Slot one = receipts.add(1, 100);
  const Slot two = receipts.add(2, 100, 5, ReceiptTrust::verified);
  EXPECT_EQ(receipts.book.held_for(receipts.hash(100), Filled::id_of(100)),
            (std::vector<Slot>{one, two}));
  EXPECT_TRUE(receipts.knows_true_one(100));
  receipts.remove(two);
  EXPECT_FALSE(receipts.knows_true_one(100));
  receipts.book.set_trust(one, ReceiptTrust::verified);
  EXPECT_TRUE(receipts.knows_true_one(100));
  EXPECT_EQ(receipts.book.unverified(), 0u);
}

TEST(ReceiptBook, BoundsUnverifiedOnesByEnvelopeDepositorAndInAll) {
  Receipts receipts;
  for (std::uint32_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(receipts.allows(100, 5));
    receipts.add(i, 100, 5);
  }
  EXPECT_FALSE(receipts.allows(100, 5)) << "four for one envelope from one depositor";
  EXPECT_TRUE(receipts.allows(100, 6));
  EXPECT_TRUE(receipts.allows(100, QuotaLedger::kNone));
  receipts.add(10, 101, 5);
  EXPECT_FALSE(receipts.allows(102, 5)) << "half of all for one depositor";
  for (std::uint32_t i = 20; i < 25; ++i) {
    ASSERT_TRUE(receipts.allows(i, 6));
    receipts.add(i, i, 6);
  }
  EXPECT_FALSE(receipts.allows(200, 7)) << "the bound in all";
  const Slot loaded = receipts.add(30, 300, 8, ReceiptTrust::loaded);
  EXPECT_EQ(receipts.book.unverified(), 10u) << "loaded ones are not counted";
  EXPECT_FALSE(receipts.knows_true_one(300));
  receipts.remove(loaded);
  EXPECT_EQ(receipts.book.unverified(), 10u);
}

TEST(EventQueue, TracesPushOutTracesAndLocalOnesGoFirst) {
  EventQueue queue(3);
  const auto id = Filled::id_of;
  queue.push(DeliveredEvent{id(1), true}, true);
  for (std::uint32_t i = 10; i < 20; ++i) queue.push(DeliveredEvent{id(i), false}, false);
  EXPECT_EQ(queue.size(), 4u);
  std::vector<wire::EnvelopeId> order;
  while (const auto event = queue.pop()) order.push_back(std::get<DeliveredEvent>(*event).id);
  EXPECT_EQ(order, (std::vector<wire::EnvelopeId>{id(1), id(17), id(18), id(19)}));
}

TEST(MemoryEnvelopeStore, IsBoundedByBytesAndTellsTheOldestFirst) {
  MemoryEnvelopeStore store(100);
  EnvelopeRecord record;
  std::vector<StoreKey> keys;
  for (std::uint32_t i = 0; i < 3; ++i) {
    record.id = Filled::id_of(i);
    const auto key = store.put(record, base::Bytes(33, static_cast<std::uint8_t>(i)));
    ASSERT_TRUE(key);
    keys.push_back(*key);
  }
  EXPECT_EQ(store.put(record, base::Bytes(2)).error(), StoreError::full);
  EXPECT_EQ(store.read(keys[1])[0], 1);
  EXPECT_EQ(store.usage().bytes, 99u);
  store.erase(keys[0]);
  store.erase(keys[0]);
  EXPECT_EQ(store.usage().bytes, 66u);
  EXPECT_TRUE(store.read(keys[0]).empty());
  ASSERT_TRUE(store.put(record, base::Bytes(2)));
  std::vector<StoreKey> order;
  store.for_each([&](StoreKey key, const EnvelopeRecord&) { order.push_back(key); });
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(order.size(), 3u);
  store.set_accepts(false);
  EXPECT_EQ(store.put(record, base::Bytes(1)).error(), StoreError::full);
  store.put_tombstone(Filled::id_of(1), at(5s));
  store.put_tombstone(Filled::id_of(1), at(3s));
  store.expire_tombstones(at(4s));
  std::size_t tombstones = 0;
  store.for_each_tombstone([&](const wire::EnvelopeId&, base::Time until) {
    EXPECT_EQ(until, at(5s));
    ++tombstones;
  });
  EXPECT_EQ(tombstones, 1u);
}

TEST(Names, EveryReasonAndErrorHasOne) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(DropReason::kCount); ++i) {
    EXPECT_STRNE(to_string(static_cast<DropReason>(i)), "unknown");
  }
  EXPECT_STREQ(to_string(DropReason::kCount), "unknown");
  EXPECT_STREQ(to_string(StoreError::read_only), "read_only");
  EXPECT_STREQ(to_string(SubmitError::too_large), "too_large");
}

}  // namespace
}  // namespace chaski::mesh_router::test
