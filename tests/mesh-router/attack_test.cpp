// SPDX-License-Identifier: Apache-2.0
// Attacks that broke systems like this one, each by name; docs/threat-model.md lists them.
#include <gtest/gtest.h>

#include <algorithm>

#include "liar.hpp"

namespace chaski::mesh_router::test {
namespace {

// A neighbour fills the disk: byte quotas per depositor leave room for what others bring.
TEST(Attack, DiskExhaustionStopsAtTheDepositorsQuota) {
  Net net;
  RouterLimits limits;
  limits.depositor_bytes_max = 40'000;
  Station& victim = net.add(limits, 100'000);
  Liar flooder(net, 0, 1);
  for (int i = 0; i < 1'000; ++i) flooder.carry(make_message(net.random).bytes);
  EXPECT_LE(victim.router().usage().bytes, 40'000u);
  EXPECT_GT(victim.router().usage().bytes, 39'000u);
  EXPECT_GT(victim.dropped(DropReason::quota_exceeded), 799u);

  Liar honest(net, 0, 2);
  const Message message = make_message(net.random);
  EXPECT_TRUE(honest.carry(message.bytes));
  EXPECT_TRUE(victim.holds(message.id));
  EXPECT_TRUE(victim.router().submit(make_message(net.random).bytes, {0, 8, 0}, net.now));
  // Coming back over another link is no new quota: it is the same neighbour.
  flooder.leave();
  Liar again(net, 0, 1);
  again.carry(make_message(net.random).bytes);
  EXPECT_LE(victim.router().usage().bytes, 41'000u);
}

// A default quota is half of the store, and the quota is given back with the space.
TEST(Attack, TheDefaultQuotaIsHalfOfTheStoreAndComesBack) {
  Net net;
  Station& victim = net.add({}, 100'000);
  Liar flooder(net, 0, 1);
  for (int i = 0; i < 1'000; ++i) {
    flooder.carry(make_message(net.random, MessageShape{160, 60}).bytes);
  }
  EXPECT_LE(victim.router().usage().bytes, 50'000u);
  net.run(61s);
  EXPECT_EQ(victim.router().usage().bytes, 0u);
  const Message message = make_message(net.random);
  flooder.carry(message.bytes);
  EXPECT_TRUE(victim.holds(message.id));
}

// A replay window by wall clock: here what expired stays known, so a replay around expiry, with
// any age the replayer likes, is not taken again.
TEST(Attack, ReplayAroundExpiryIsNotTakenAgain) {
  Net net;
  Station& victim = net.add();
  Liar replayer(net, 0, 1);
  const Message message = make_message(net.random, MessageShape{160, 100});
  replayer.carry(message.bytes);
  net.run(99s);
  EXPECT_TRUE(victim.holds(message.id));
  replayer.carry(message.bytes, 0);
  EXPECT_EQ(*victim.router().age_ms(message.id, net.now), 99'000u) << "age shrank";
  net.run(2s);
  EXPECT_FALSE(victim.holds(message.id));
  for (const std::uint64_t age : {0u, 99'999u, 100'000u, 100'001u}) {
    replayer.carry(message.bytes, age);
    EXPECT_FALSE(victim.holds(message.id)) << "age " << age;
  }
}

// A forged deduplication key hides a message: the id is the hash of the bytes, so an envelope that
// shares everything but its body, sent before, hides nothing.
TEST(Attack, APreSentLookAlikeHidesNothing) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  const Message message = make_message(net.random);
  auto fields = wire::decode_envelope(message.bytes);
  ASSERT_TRUE(fields);
  base::Bytes body(fields->body.begin(), fields->body.end());
  body.back() ^= 1;
  fields->body = body;
  liar.carry(wire::encode_envelope(*fields));
  const std::vector<wire::EnvelopeId> claimed = {message.id};
  liar.claim(claimed);  // nor does claiming to hold it
  Liar honest(net, 0, 2);
  honest.carry(message.bytes);
  EXPECT_TRUE(victim.holds(message.id));
}

// A refused or too old copy must not make the true one a duplicate.
TEST(Attack, ACopyWithALiedAgeDoesNotKeepTheTrueOneOut) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  const Message message = make_message(net.random, MessageShape{160, 3'600});
  liar.carry(message.bytes, 3'600'000);
  liar.carry(message.bytes, ~std::uint64_t{0});
  EXPECT_EQ(victim.dropped(DropReason::expired), 1u);
  EXPECT_EQ(victim.dropped(DropReason::age_implausible), 1u);
  Liar honest(net, 0, 2);
  honest.carry(message.bytes, 10);
  EXPECT_TRUE(victim.holds(message.id));
}

// Memory grows with an attacker's strings: a hundred thousand junk ids, claimed by each of many
// neighbours, leave nothing behind.
TEST(Attack, JunkIdsLeaveNothingBehind) {
  Net net;
  Station& victim = net.add();
  const Message message = make_message(net.random);
  victim.send(message, net.now);
  victim.log.clear();
  std::vector<reconcile::ShortId> ids(100'000);
  for (std::uint64_t i = 0; i < 3; ++i) {
    for (auto& id : ids) id = 1 + net.random.below(reconcile::kFieldMask);
    Liar liar(net, 0, i);
    liar.claim_short(ids);
    EXPECT_EQ(liar.hear_envelopes(), std::vector<wire::EnvelopeId>{message.id});
  }
  EXPECT_EQ(victim.router().usage().envelopes, 1u);
  EXPECT_FALSE(victim.router().dirty());
  EXPECT_LE(victim.log.size(), 3u) << "at most an event for each liar";
}

// Identity by re-encoding: another encoding of the same content is refused, and an envelope that
// merely means the same is another envelope.
TEST(Attack, AReEncodedEnvelopeIsMalformed) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  const Message message = make_message(net.random);
  liar.carry(message.bytes);
  ASSERT_TRUE(victim.holds(message.id));
  base::Bytes longer = message.bytes;
  longer[1] = 0x81;  // version 1 as a two-byte varint
  longer.insert(longer.begin() + 2, 0x00);
  base::Bytes trailing = message.bytes;
  trailing.push_back(0);
  liar.carry(longer);
  liar.carry(trailing);
  EXPECT_EQ(victim.router().usage().envelopes, 1u);
  EXPECT_EQ(victim.dropped(DropReason::malformed_envelope), 2u);
}

// Forged acknowledgements erase messages: only the preimage of the commitment does.
TEST(Attack, AFloodOfForgedReceiptsErasesNothing) {
  Net net;
  Station& victim = net.add();
  std::vector<Message> messages;
  for (int i = 0; i < 100; ++i) {
    messages.push_back(make_message(net.random));
    victim.send(messages.back(), net.now);
  }
  Liar liar(net, 0, 1);
  for (int i = 0; i < 10'000; ++i) {
    const Message& message = messages[net.random.below(messages.size())];
    liar.carry(make_receipt(message.id, net.random.bytes<wire::ReceiptToken>()));
  }
  EXPECT_EQ(victim.router().usage().envelopes, 100u);
  EXPECT_EQ(victim.dropped(DropReason::forged_receipt), 10'000u);
  EXPECT_TRUE(victim.events<DeliveredEvent>().empty());
}

// A receipt comes before its envelope: the true one kills it, forged ones neither kill it nor keep
// the true one out.
TEST(Attack, EarlyReceiptsTrueAndForged) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  Liar honest(net, 0, 2);
  const Message read = make_message(net.random);
  const Message unread = make_message(net.random);
  for (int i = 0; i < 100; ++i) {
    liar.carry(make_receipt(read.id, net.random.bytes<wire::ReceiptToken>()));
    liar.carry(make_receipt(unread.id, net.random.bytes<wire::ReceiptToken>()));
  }
  EXPECT_EQ(victim.router().usage().envelopes, 8u) << "four for one envelope from one depositor";
  honest.carry(make_receipt(read.id, read.token));
  EXPECT_EQ(victim.router().usage().envelopes, 9u);

  honest.carry(read.bytes);
  honest.carry(unread.bytes);
  EXPECT_FALSE(victim.holds(read.id));
  EXPECT_TRUE(victim.holds(unread.id));
  EXPECT_EQ(victim.dropped(DropReason::already_delivered), 1u);
  EXPECT_EQ(victim.router().usage().envelopes, 2u) << "the true receipt and the unread envelope";
  EXPECT_EQ(victim.person.asked, 1) << "the person was asked about an envelope already read";
}

TEST(Attack, UnknownReceiptsAreBounded) {
  Net net;
  RouterLimits limits;
  limits.unverified_receipts_max = 100;
  Station& victim = net.add(limits);
  Liar liar(net, 0, 1);
  for (int i = 0; i < 1'000; ++i) {
    liar.carry(make_receipt(net.random.bytes<wire::EnvelopeId>(),
                            net.random.bytes<wire::ReceiptToken>()));
  }
  EXPECT_EQ(victim.router().usage().envelopes, 50u);
  // Half is left for others.
  Liar honest(net, 0, 2);
  const Message message = make_message(net.random);
  honest.carry(make_receipt(message.id, message.token));
  EXPECT_EQ(victim.router().usage().envelopes, 51u);
}

// A receipt for a receipt, and for itself as far as that goes, does nothing.
TEST(Attack, AReceiptForAReceiptIsForged) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  const Message message = make_message(net.random);
  const base::Bytes receipt = make_receipt(message.id, message.token);
  liar.carry(receipt);
  liar.carry(make_receipt(wire::envelope_id(receipt), message.token));
  EXPECT_TRUE(victim.holds(wire::envelope_id(receipt)));
  EXPECT_EQ(victim.dropped(DropReason::forged_receipt), 1u);
}

// Digest poisoning: a liar that claims to hold everything only keeps itself from getting it.
TEST(Attack, AFalseClaimHarmsOnlyTheLiar) {
  Net net;
  Station& victim = net.add();
  std::vector<wire::EnvelopeId> ids;
  for (int i = 0; i < 500; ++i) ids.push_back(victim.send(make_message(net.random), net.now));
  Liar liar(net, 0, 1);
  liar.claim(ids);
  EXPECT_TRUE(liar.hear_envelopes().empty());
  Station& honest = net.add();
  net.connect(0, 1);
  net.run(2s);
  for (const auto& id : ids) ASSERT_TRUE(honest.holds(id));
  for (const auto& id : ids) ASSERT_TRUE(victim.holds(id)) << "a claim made a node drop something";
  EXPECT_TRUE(victim.events<CustodyEvent>().size() == 500u) << "a claim is not custody";
}

// Immortal messages: ages that are lied down are bounded by the local cap of residence, and every
// node takes an envelope once.
TEST(Attack, AnImmortalMessageDies) {
  Net net;
  RouterLimits limits;
  limits.residence_max = 24h;
  Station& victim = net.add(limits);
  Station& other = net.add(limits);
  net.connect(0, 1);
  Liar liar(net, 0, 1);
  const Message message = make_message(net.random, MessageShape{160, 14 * 24 * 3'600});
  std::uint64_t held_hours = 0;
  for (int hour = 0; hour < 24 * 20; ++hour) {
    liar.carry(message.bytes, 0);
    net.run(1h);
    if (victim.holds(message.id)) ++held_hours;
  }
  EXPECT_LE(held_hours, 24u);
  EXPECT_FALSE(other.holds(message.id));
}

TEST(Attack, AcknowledgingWhatWasNeverSentBreaksTheLink) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  EXPECT_TRUE(liar.acknowledge(0));
  EXPECT_FALSE(liar.acknowledge(1));
  EXPECT_FALSE(liar.refuse(7, wire::RefuseReason::storage_full));
  EXPECT_EQ(victim.dropped(DropReason::unexpected_ack), 2u);
  victim.send(make_message(net.random), net.now);
  ASSERT_EQ(liar.hear_envelopes().size(), 1u);
  EXPECT_FALSE(liar.acknowledge(~std::uint64_t{0}));
  EXPECT_TRUE(liar.acknowledge(1));
  EXPECT_TRUE(liar.acknowledge(1)) << "the same again is harmless";
  EXPECT_TRUE(liar.refuse(1, wire::RefuseReason::storage_full)) << "too late to matter";
  EXPECT_EQ(victim.events<CustodyEvent>().size(), 1u);
  EXPECT_TRUE(victim.events<RefusedEvent>().empty());
}

// Refuse and ready in turns, to make the victim send or scan without end.
TEST(Attack, RefuseAndReadyInTurnsIsNoAmplifier) {
  Net net;
  Station& victim = net.add();
  for (int i = 0; i < 100; ++i) victim.send(make_message(net.random), net.now);
  Liar liar(net, 0, 1);
  liar.claim({});
  EXPECT_EQ(liar.hear_envelopes().size(), 100u);
  for (std::uint64_t i = 1; i <= 100; ++i) liar.refuse(i, wire::RefuseReason::quota);
  EXPECT_TRUE(liar.hear_envelopes().empty()) << "it refuses";
  liar.say(wire::RecordType::ready, {});
  EXPECT_EQ(liar.hear_envelopes().size(), 100u);
  // 200 in flight now; saying ready alone brings nothing more.
  for (int i = 0; i < 100; ++i) liar.say(wire::RecordType::ready, {});
  EXPECT_TRUE(liar.hear_envelopes().empty());
}

TEST(Attack, APermanentRefusalIsNotOfferedAgain) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  liar.claim({});
  victim.send(make_message(net.random), net.now);
  EXPECT_EQ(liar.hear_envelopes().size(), 1u);
  liar.refuse(1, wire::RefuseReason::too_large);
  liar.acknowledge(1);
  net.run(10s);
  EXPECT_TRUE(liar.hear_envelopes().empty());
  victim.send(make_message(net.random), net.now);
  EXPECT_EQ(liar.hear_envelopes().size(), 1u) << "others still go";
  EXPECT_EQ(victim.events<CustodyEvent>().size(), 0u);
}

// A neighbour that never reads its refusals is broken, not a memory leak.
TEST(Attack, UnreadRefusalsAreBounded) {
  Net net;
  Station& victim = net.add();
  victim.store.set_accepts(false);
  Liar liar(net, 0, 1);
  const base::Bytes junk(1);
  bool ok = true;
  int said = 0;
  for (; ok && said < 70'000; ++said) ok = liar.say(wire::RecordType::envelope, junk);
  EXPECT_FALSE(ok);
  EXPECT_EQ(said, 65'537);
}

TEST(Attack, JunkFramesAreCountedAndHarmNobody) {
  Net net;
  Station& victim = net.add();
  const Message message = make_message(net.random);
  victim.send(message, net.now);
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    Liar liar(net, 0, i);
    base::Bytes frame(net.random.below(300));
    net.random.fill(frame);
    if (!frame.empty() && i % 2 == 0) {
      frame[0] = static_cast<std::uint8_t>(16 + net.random.below(6));
      if (frame.size() > 2) frame[1] = static_cast<std::uint8_t>(frame.size() - 2) & 0x7F;
    }
    liar.say_frame(frame);
    liar.hear();
    liar.leave();
  }
  EXPECT_TRUE(victim.holds(message.id));
  EXPECT_EQ(victim.router().usage().envelopes, 1u);
  EXPECT_GT(victim.dropped(DropReason::malformed_frame), 100u);
  EXPECT_GT(victim.dropped(DropReason::malformed_envelope), 10u);
  EXPECT_GT(victim.dropped(DropReason::unknown_record), 10u);
}

TEST(Attack, BrokenFragmentsBreakTheLink) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  const base::Bytes data(10);
  base::Bytes payload(64);
  const auto first = wire::encode_fragment({1, 0, 30, wire::RecordType::envelope, data}, payload);
  ASSERT_TRUE(first);
  EXPECT_TRUE(liar.say(wire::RecordType::fragment, base::ByteView(payload).first(*first)));
  const auto gap = wire::encode_fragment({1, 20, 30, wire::RecordType::envelope, data}, payload);
  EXPECT_FALSE(liar.say(wire::RecordType::fragment, base::ByteView(payload).first(*gap)));
  EXPECT_EQ(victim.dropped(DropReason::reassembly), 1u);
}

// Many envelopes that copy one delivery tag: the person is asked about a bounded number, the oldest
// first, so that the true one is among them.
TEST(Attack, CopiesOfOneTagDoNotHideTheTrueEnvelope) {
  Net net;
  Station& victim = net.add();
  victim.keeps_disk = false;
  Liar liar(net, 0, 1);
  const Message message = make_message(net.random);
  liar.carry(message.bytes);
  for (int i = 0; i < 3'000; ++i) {
    liar.carry(make_message_for(net.random, message.tag).bytes);
  }
  victim.person.asked = 0;
  victim.person.tags.insert(message.tag);
  const std::vector<wire::DeliveryTag> tags = {message.tag};
  victim.router().offer_stored(tags, net.now);
  EXPECT_EQ(victim.person.asked, 1'024);
  EXPECT_EQ(victim.person.inbox[message.id], 1);
}

}  // namespace
}  // namespace chaski::mesh_router::test
