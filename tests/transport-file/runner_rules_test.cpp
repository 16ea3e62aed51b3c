// SPDX-License-Identifier: Apache-2.0
// One village, one stick, one rule each.
#include <gtest/gtest.h>

#include <set>

#include "bundle/summary.hpp"
#include "world_of_sticks.hpp"

namespace chaski::transport_file::test {
namespace {

using namespace std::chrono_literals;
using mesh_router::DropReason;
using mesh_router::test::at;
using mesh_router::test::make_message;
using mesh_router::test::Message;

struct Rules : ::testing::Test {
  Message written(Village& village, std::uint32_t lifetime_s = 3'600, std::size_t size = 160) {
    const Message message = make_message(random, {.body_size = size, .lifetime_s = lifetime_s});
    village.station.send(message, now);
    village.station.settle(now);
    return message;
  }

  base::SeededRandom random{5};
  base::Time now = at(1h);
  Village anna{1}, bert{2}, cora{3};
  Stick stick;
};

using Runner = Rules;

TEST_F(Runner, AMessageAndItsReceiptGoThereAndBack) {
  const Message message = written(anna);
  bert.station.person.tags.insert(message.tag);
  EXPECT_EQ(anna.carry_out(stick, now).envelopes, 1u);
  EXPECT_EQ(bert.carry_in(stick, now).taken, 1u);
  EXPECT_EQ(bert.station.person.inbox[message.id], 1);
  bert.carry_out(stick, now);
  anna.carry_in(stick, now);
  EXPECT_TRUE(anna.station.delivered(message.id));
  EXPECT_FALSE(anna.station.holds(message.id));
  EXPECT_EQ(stick.size(), 2u);
}

TEST_F(Runner, WhatLiesOnAStickWasHandedToNobody) {
  const Message message = written(anna);
  anna.carry_out(stick, now);
  stick.clear();  // it never arrives
  EXPECT_TRUE(anna.station.holds(message.id));
  EXPECT_TRUE(anna.station.events<mesh_router::CustodyEvent>().empty());
  EXPECT_EQ(anna.carry_out(stick, now).envelopes, 1u) << "and it is written again";
}

TEST_F(Runner, OnlyWhatEveryKnownPlaceHasIsLeftOut) {
  const Message first = written(anna);
  anna.carry_out(stick, now);
  bert.carry_in(stick, now);
  bert.carry_out(stick, now);
  const Message second = written(anna);
  node::CarryCounts counts = anna.carry_out(stick, now);
  EXPECT_EQ(counts.envelopes, 1u);
  EXPECT_EQ(counts.known, 1u);
  EXPECT_EQ(counts.places, 1u);
  // cora has neither, and says so: then both go.
  cora.carry_out(stick, now);
  counts = anna.carry_out(stick, now);
  EXPECT_EQ(counts.envelopes, 2u);
  EXPECT_EQ(counts.places, 2u);
}

TEST_F(Runner, ItsOwnOldBundleIsNoPlace) {
  written(anna);
  anna.carry_out(stick, now);
  const auto counts = anna.carry_out(stick, now);
  EXPECT_EQ(counts.envelopes, 1u) << "nobody has it yet";
  EXPECT_EQ(stick.size(), 1u) << "the new one takes the place of the old";
}

TEST_F(Runner, WithMorePlacesThanAreLookedAtEverythingGoes) {
  written(anna);
  anna.carry_out(stick, now);
  const Stick fresh = stick;
  for (std::size_t i = 0; i <= mesh_router::StickListing::kPlacesMax; ++i) {
    Village place(100 + i);
    place.carry_in(fresh, now);
    place.carry_out(stick, now);
    const auto counts = anna.carry_out(stick, now);
    const bool too_many = i == mesh_router::StickListing::kPlacesMax;
    EXPECT_EQ(counts.envelopes, too_many ? 1u : 0u) << i;
    EXPECT_EQ(counts.places, too_many ? 0u : i + 1);
  }
}

TEST_F(Runner, TheTimeOnTheStickIsNotCountedAndNothingElseIsLost) {
  const Message message = written(anna);
  now += 10min;
  anna.carry_out(stick, now);
  now += 30 * 24h;  // in a drawer
  EXPECT_EQ(bert.carry_in(stick, now).taken, 1u);
  EXPECT_EQ(bert.station.router().age_ms(message.id, now), 600'000u);
  // It ends there by what was left of its life, and the same stick does not bring it back.
  now += 51min;
  bert.station.router().wake(now);
  bert.station.settle(now);
  EXPECT_FALSE(bert.station.holds(message.id));
  EXPECT_EQ(bert.carry_in(stick, now).taken, 0u);
  EXPECT_FALSE(bert.station.holds(message.id));
}

TEST_F(Runner, WhatIsTooOldOrMayNotGoFartherIsNotWritten) {
  const Message old = written(anna, 60);
  const Message message = make_message(random, {});
  anna.station.send(message, now, /*hops=*/0);
  anna.station.settle(now);
  now += 61s;
  EXPECT_EQ(anna.carry_out(stick, now).envelopes, 0u);
}

TEST_F(Runner, HopsAreCountedDownAndCopiesNotGivenAway) {
  const Message message = written(anna);
  anna.carry_out(stick, now);
  const auto on_it = envelopes_in(stick.begin()->second);
  ASSERT_EQ(on_it.size(), 1u);
  EXPECT_EQ(on_it[0].second.hops_left, 15);
  EXPECT_LE(on_it[0].second.copies, 1);
  // With the last hop it is only shown: carried on by nobody.
  bert.carry_in(stick, now);
  const Message last = make_message(random, {});
  anna.station.send(last, now, /*hops=*/1);
  anna.station.settle(now);
  Stick second;
  anna.carry_out(second, now);
  EXPECT_EQ(cora.carry_in(second, now).shown, 1u);
  EXPECT_FALSE(cora.station.holds(last.id));
}

TEST_F(Runner, NothingOnItTellsWhatWasWrittenHere) {
  // Ten that bert brought lie between ten that anna wrote.
  std::set<wire::EnvelopeId> own;
  for (int i = 0; i < 10; ++i) {
    own.insert(written(anna).id);
    written(bert);
    Stick from_bert;
    bert.carry_out(from_bert, now);
    anna.carry_in(from_bert, now);
  }
  anna.carry_out(stick, now);
  const base::Bytes& file = stick.begin()->second;
  const auto header = *bundle::decode_header(base::ByteView(file).first(bundle::kHeaderSize));
  mesh_router::ShortIdSalt salt;
  salt.bytes = header.salt.bytes;
  std::vector<std::uint64_t> order;
  for (const auto& [id, state] : envelopes_in(file)) {
    order.push_back(mesh_router::short_id(salt, id));
  }
  ASSERT_EQ(order.size(), 20u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()))
      << "the order is one of salted hashes, not of arrival";
}

TEST_F(Runner, TwoBundlesOfOneNodeHaveNothingInCommon) {
  written(anna);
  const base::Bytes one = anna.bundle_for({}, now);
  const base::Bytes two = anna.bundle_for({}, now);
  // Beyond the name of the format, no eight bytes of one are in the other.
  std::set<base::Bytes> seen;
  for (std::size_t i = 8; i + 8 <= one.size(); ++i) {
    seen.emplace(one.begin() + static_cast<std::ptrdiff_t>(i),
                 one.begin() + static_cast<std::ptrdiff_t>(i + 8));
  }
  for (std::size_t i = 8; i + 8 <= two.size(); ++i) {
    EXPECT_FALSE(seen.contains({two.begin() + static_cast<std::ptrdiff_t>(i),
                                two.begin() + static_cast<std::ptrdiff_t>(i + 8)}))
        << i;
  }
}

TEST_F(Runner, ASmallStickGetsWhatFitsAndTheUrgentFirst) {
  for (int i = 0; i < 20; ++i) written(anna, 3'600, 1'000);
  const Message urgent =
      make_message(random, {.body_size = 1'000, .priority = wire::Priority::urgent});
  anna.station.send(urgent, now);
  anna.station.settle(now);
  node::CarryCounts counts;
  const base::Bytes file = anna.bundle_for({}, now, &counts, 8'000);
  EXPECT_LE(file.size(), 8'000u);
  const auto on_it = envelopes_in(file);
  EXPECT_EQ(on_it.size(), counts.envelopes);
  EXPECT_EQ(counts.envelopes + counts.no_room, 21u);
  EXPECT_GE(counts.envelopes, 6u);
  EXPECT_EQ(on_it.front().first, urgent.id);
}

TEST_F(Runner, WhatIsTooLongForASmallStickKeepsNothingElseOff) {
  for (int i = 0; i < 5; ++i) written(anna, 3'600, 400);
  const Message urgent =
      make_message(random, {.body_size = 30'000, .priority = wire::Priority::urgent});
  anna.station.send(urgent, now);
  anna.station.settle(now);
  node::CarryCounts counts;
  const base::Bytes file = anna.bundle_for({}, now, &counts, 5'000);
  EXPECT_LE(file.size(), 5'000u);
  EXPECT_EQ(counts.envelopes, 5u);
  EXPECT_EQ(counts.no_room, 1u);
}

TEST_F(Runner, ManyEnvelopesMakeManyBlocks) {
  for (int i = 0; i < 40; ++i) written(anna, 3'600, 60'000);
  anna.carry_out(stick, now);
  EXPECT_GT(open_file(stick.begin()->second)->size(), 10u);
  EXPECT_EQ(bert.carry_in(stick, now).taken, 40u);
  EXPECT_EQ(bert.carry_in(stick, now).known, 40u);
}

using HostileStick = Rules;

TEST_F(HostileStick, AllSticksTogetherHaveTheShareOfOneNeighbour) {
  mesh_router::RouterLimits limits;
  limits.depositor_bytes_max = 20'000;
  Village village(9, limits);
  std::uint64_t turned_away = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    Village liar(1'000 + i);
    for (int j = 0; j < 5; ++j) written(liar, 3'600, 1'000);
    Stick theirs;
    liar.carry_out(theirs, now);
    turned_away += village.carry_in(theirs, now).no_room;
  }
  EXPECT_LE(village.station.router().usage().bytes, 20'000u);
  EXPECT_GT(turned_away, 70u);
  const Message own = written(village);
  EXPECT_TRUE(village.station.holds(own.id));
}

TEST_F(HostileStick, OnlyEnvelopesAreListenedTo) {
  const Message message = written(anna);
  base::Bytes frame(600);
  wire::RecordWriter writer(frame);
  base::Bytes ack(16);
  ack.resize(wire::encode_ack({9}, ack));
  for (const auto type :
       {wire::RecordType::ack, wire::RecordType::refuse, wire::RecordType::reconcile,
        wire::RecordType::fragment, wire::RecordType::offer, wire::RecordType::resume,
        wire::RecordType::want, wire::RecordType::announce}) {
    ASSERT_TRUE(writer.add(type, base::ByteView(ack)));
  }
  const auto take =
      anna.station.router().take_from_stick(base::ByteView(frame).first(writer.size()), now);
  ASSERT_TRUE(take);
  EXPECT_EQ(take->envelopes, 0u);
  EXPECT_EQ(anna.station.dropped(DropReason::unknown_record), 8u);
  EXPECT_TRUE(anna.station.holds(message.id));
  EXPECT_TRUE(anna.station.router().ready_links().empty()) << "and nothing is answered";
}

TEST_F(HostileStick, ABlockOfRubbishEnds) {
  base::Bytes rubbish(bundle::kBlockTextMax, 0);
  // Envelope records of one byte: as many lies as a block can hold.
  for (std::size_t i = 0; i + 3 <= rubbish.size(); i += 3) {
    rubbish[i] = static_cast<std::uint8_t>(wire::RecordType::envelope);
    rubbish[i + 1] = 1;
  }
  const auto take = anna.station.router().take_from_stick(rubbish, now);
  ASSERT_TRUE(take);
  EXPECT_GT(take->refused, 60'000u);
  EXPECT_EQ(take->taken, 0u);
}

TEST_F(HostileStick, ASummaryThatClaimsAllOnlyKeepsThisStickEmpty) {
  const Message message = written(anna);
  anna.carry_out(stick, now);
  // Somebody who knows the envelope says that they have it, and has not.
  bert.carry_in(stick, now);
  Stick theirs;
  bert.carry_out(theirs, now);
  EXPECT_EQ(anna.carry_out(theirs, now).envelopes, 0u);
  EXPECT_TRUE(anna.station.holds(message.id));
  Stick another;
  EXPECT_EQ(anna.carry_out(another, now).envelopes, 1u);
}

TEST_F(HostileStick, AForgedReceiptErasesNothing) {
  const Message message = written(anna);
  const base::Bytes forged =
      mesh_router::test::make_receipt(message.id, random.bytes<wire::ReceiptToken>());
  base::Bytes payload(wire::carried_size({0, 40, 0}, forged.size()));
  ASSERT_TRUE(wire::encode_carried({{0, 40, 0}, forged}, payload));
  base::Bytes records(wire::record_size(payload.size()));
  wire::RecordWriter writer(records);
  ASSERT_TRUE(writer.add(wire::RecordType::envelope, base::ByteView(payload)));
  const auto take = anna.station.router().take_from_stick(records, now);
  EXPECT_EQ(take->refused, 1u);
  EXPECT_TRUE(anna.station.holds(message.id));
}

}  // namespace
}  // namespace chaski::transport_file::test
