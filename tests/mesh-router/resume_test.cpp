// SPDX-License-Identifier: Apache-2.0
// Large envelopes over links that break: what came is not sent again, whoever sends the rest, and
// nobody can spoil it for long.
#include <gtest/gtest.h>

#include "liar.hpp"
#include "mesh-router/offers_heard.hpp"
#include "wire/offer.hpp"

namespace chaski::mesh_router::test {
namespace {

constexpr std::size_t kFileBody = 65'824;
constexpr std::size_t kBleFrame = 228;

/// Runs until about so many frames have crossed, or nothing happens any more.
void run_frames(Net& net, std::uint64_t frames) {
  const std::uint64_t end = net.frames + frames;
  while (net.frames < end) {
    if (net.step()) continue;
    bool woken = false;
    for (std::size_t i = 0; i < net.size(); ++i) {
      const auto wakeup = net[i].router().next_wakeup();
      if (!wakeup || *wakeup > net.now) continue;
      net[i].router().wake(net.now);
      woken = true;
    }
    if (!woken) return;
  }
}

std::uint64_t sent_by(Net& net, std::size_t station) {
  return net[station].router().counters().bytes_sent;
}

// Wherever the link breaks, both links together carry the file once.
TEST(Resume, GoesOnWhereverTheLinkBroke) {
  for (std::uint64_t frames = 1; frames < 330; frames += frames < 10 ? 1 : 11) {
    Net net(frames);
    Station& a = net.add();
    Station& b = net.add();
    a.keeps_disk = b.keeps_disk = false;
    const Message file = make_message(net.random, {kFileBody});
    a.send(file, net.now);
    net.connect(0, 1, kBleFrame);
    run_frames(net, frames);
    net.disconnect(0, 1);
    net.connect(0, 1, kBleFrame);
    net.run(5s);
    ASSERT_TRUE(b.holds(file.id)) << frames << " frames before it broke";
    EXPECT_LE(a.events<CustodyEvent>().size(), 1u) << "cut bytes are never acknowledged";
    EXPECT_LT(sent_by(net, 0), file.bytes.size() * 111 / 100 + 400) << frames;
    EXPECT_FALSE(net.link_broken);
  }
}

TEST(Resume, AnotherNeighbourSendsTheRest) {
  Net net;
  for (int i = 0; i < 3; ++i) net.add().keeps_disk = false;
  const Message file = make_message(net.random, {kFileBody});
  net[0].send(file, net.now);
  net[2].send(file, net.now);
  net.connect(0, 1, kBleFrame);
  run_frames(net, 250);
  net.disconnect(0, 1);
  ASSERT_FALSE(net[1].holds(file.id));
  net.connect(1, 2, kBleFrame);
  net.run(5s);
  ASSERT_TRUE(net[1].holds(file.id));
  EXPECT_LT(sent_by(net, 2), file.bytes.size() / 2);
  EXPECT_EQ(net[2].events<CustodyEvent>().size(), 1u);
  EXPECT_TRUE(net[0].events<CustodyEvent>().empty()) << "cut bytes are never acknowledged";
}

// The age goes on while the pieces are on their way.
TEST(Resume, TheTimeOnTheWayIsPartOfTheAge) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  const Message file = make_message(net.random, {kFileBody});
  a.send(file, net.now);
  net.connect(0, 1, kBleFrame);
  run_frames(net, 100);
  net.now += 40s;
  net.run(1s);
  ASSERT_TRUE(b.holds(file.id));
  EXPECT_GE(*b.router().age_ms(file.id, net.now), 41'000u);
}

// Nor does it stand still while a small one in pieces is on its way, and both ends sleep: what
// came of it would live as much longer as they slept.
TEST(Router, TheTimeBetweenThePiecesIsPartOfTheAge) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  const Message message = make_message(net.random, {160, 3'600});
  const Message old = make_message(net.random, {160, 50});
  net.connect(0, 1, 64);
  net.run(1s);
  a.send(message, net.now);
  a.send(old, net.now);
  run_frames(net, 1);
  ASSERT_FALSE(b.holds(message.id));
  net.now += 40s;
  run_frames(net, 5);
  ASSERT_TRUE(b.holds(message.id));
  EXPECT_GE(*b.router().age_ms(message.id, net.now), 40'000u);
  net.now += 40s;
  net.run(1s);
  EXPECT_FALSE(b.holds(old.id));
  EXPECT_EQ(b.events<ExpiredEvent>().size(), 0u) << "it was taken after its end";
}

TEST(Resume, ARelayThatKeepsNoPartsGetsItFromTheStart) {
  Net net;
  RouterLimits small;
  small.partial_bytes_max = 0;
  Station& a = net.add();
  Station& b = net.add(small);
  const Message file = make_message(net.random, {kFileBody});
  a.send(file, net.now);
  net.connect(0, 1, kBleFrame);
  run_frames(net, 200);
  net.disconnect(0, 1);
  net.connect(0, 1, kBleFrame);
  net.run(5s);
  EXPECT_TRUE(b.holds(file.id));
  EXPECT_GT(sent_by(net, 0), file.bytes.size() * 3 / 2);
}

TEST(Resume, WhatFitsAFrameIsNotOffered) {
  Net net;
  net.add();
  net.add();
  net.connect(0, 1);
  net.run(1s);
  const std::uint64_t before = net.frames;
  net[0].send(make_message(net.random, {30'000}), net.now);
  net.run(1s);
  EXPECT_EQ(net[1].router().usage().envelopes, 1u);
  EXPECT_EQ(net.frames - before, 2u) << "the envelope, and its acknowledgement";
}

// Where a link takes nearly all of it in one frame, no round trip holds it up: all go in one
// go, one behind the other.
TEST(Resume, WhatTakesTwoFramesIsNotOffered) {
  constexpr int kFiles = 20;
  Net net;
  Station& a = net.add();
  net.add();
  net.connect(0, 1);
  net.run(1s);
  std::uint64_t bytes = 0;
  for (int i = 0; i < kFiles; ++i) {
    const Message file = make_message(net.random, {kFileBody});
    bytes += file.bytes.size();
    a.send(file, net.now);
  }
  const std::uint64_t before = sent_by(net, 0);
  base::Bytes frame(wire::kFrameSizeMax);
  std::size_t frames = 0;
  while (a.router().next_frame(net.link(0, 1), frame, net.now) > 0) ++frames;
  EXPECT_GE(sent_by(net, 0) - before, bytes) << "nothing waits for an answer";
  EXPECT_LE(frames, bytes / wire::kFrameSizeMax + 2);
}

wire::Offer offer_of(const Message& message, std::uint32_t transfer) {
  wire::Offer offer;
  offer.transfer = transfer;
  offer.id = message.id;
  offer.size = static_cast<std::uint32_t>(message.bytes.size());
  offer.state.hops_left = 8;
  return offer;
}

bool say_offer(Liar& liar, const wire::Offer& offer) {
  std::array<std::uint8_t, wire::kOfferSizeMax> payload{};
  const std::size_t size = wire::encode_offer(offer, payload);
  return liar.say(wire::RecordType::offer, base::ByteView(payload).first(size));
}

bool say_rest(Liar& liar, std::uint32_t transfer, std::uint32_t offset, std::uint32_t total,
              base::ByteView data) {
  base::Bytes payload(data.size() + 32);
  const auto size =
      wire::encode_fragment({transfer, offset, total, wire::RecordType::rest, data}, payload);
  return liar.say(wire::RecordType::fragment, base::ByteView(payload).first(*size));
}

/// The offsets that the victim answered with.
std::vector<std::uint32_t> answers(Liar& liar) {
  std::vector<std::uint32_t> offsets;
  for (const auto& [type, payload] : liar.hear()) {
    if (type == wire::RecordType::resume) offsets.push_back(wire::decode_resume(payload)->offset);
  }
  return offsets;
}

// Where it takes a third frame, the rest is worth a round trip.
TEST(Resume, WhatTakesThreeFramesIsOffered) {
  for (const std::size_t frame_size : {std::size_t{33'100}, std::size_t{32'900}}) {
    Net net;
    Station& a = net.add();
    Liar neighbour(net, 0, 1, frame_size);
    neighbour.claim({});
    a.send(make_message(net.random, {kFileBody}), net.now);
    bool is_offered = false;
    for (const auto& [type, payload] : neighbour.hear())
      is_offered = is_offered || type == wire::RecordType::offer;
    EXPECT_EQ(is_offered, frame_size < 33'000);
  }
}

// A liar leaves half an envelope of rubbish under a true id: the one who has the true one sends
// its second half in vain, then all of it; nothing else is lost.
TEST(Attack, ARubbishPartCostsOnlyItself) {
  Net net;
  Station& victim = net.add();
  Station& honest = net.add();
  const Message file = make_message(net.random, {kFileBody});
  const Message other = make_message(net.random, {kFileBody});
  Liar liar(net, 0, 1);
  ASSERT_TRUE(say_offer(liar, offer_of(file, 1)));
  EXPECT_EQ(answers(liar), std::vector<std::uint32_t>{0});
  const auto total = static_cast<std::uint32_t>(file.bytes.size());
  ASSERT_TRUE(say_rest(liar, 1, 0, total, base::Bytes(30'000, 7)));
  liar.leave();
  honest.send(file, net.now);
  honest.send(other, net.now);
  net.connect(0, 1, kBleFrame);
  net.run(5s);
  EXPECT_TRUE(victim.holds(file.id));
  EXPECT_TRUE(victim.holds(other.id));
  EXPECT_EQ(victim.dropped(DropReason::spoiled), 1u);
  EXPECT_EQ(honest.events<CustodyEvent>().size(), 2u);
  EXPECT_FALSE(honest.router().neighbours()[0].refuses) << "it is not a store without room";
  EXPECT_FALSE(net.link_broken);
}

// And who sends rubbish from the start is told that it is invalid, once.
TEST(Attack, AWholeOfRubbishIsInvalid) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1);
  const Message file = make_message(net.random, {20'000});
  const auto total = static_cast<std::uint32_t>(file.bytes.size());
  ASSERT_TRUE(say_offer(liar, offer_of(file, 1)));
  ASSERT_TRUE(say_rest(liar, 1, 0, total, base::Bytes(total, 7)));
  EXPECT_FALSE(victim.holds(file.id));
  bool invalid = false;
  for (const auto& [type, payload] : liar.hear()) {
    if (type != wire::RecordType::refuse) continue;
    invalid = wire::decode_refuse(payload)->reason == wire::RefuseReason::invalid;
  }
  EXPECT_TRUE(invalid);
  liar.leave();
  Liar again(net, 0, 2);
  ASSERT_TRUE(say_offer(again, offer_of(file, 1)));
  EXPECT_EQ(answers(again), std::vector<std::uint32_t>{0}) << "nothing of it is kept";
}

// A neighbour that calls everything spoiled gets it again once, and not for ever.
TEST(Attack, CallingEverythingSpoiledIsNoAmplifier) {
  Net net;
  Station& victim = net.add();
  Liar liar(net, 0, 1, kBleFrame);
  liar.claim({});
  const Message file = make_message(net.random, {kFileBody});
  victim.send(file, net.now);
  std::uint64_t numbered = 0;
  for (int i = 0; i < 10; ++i) {
    for (const auto& [type, payload] : liar.hear()) {
      std::array<std::uint8_t, wire::kResumeSizeMax> answer{};
      if (type != wire::RecordType::offer) continue;
      const std::uint32_t transfer = wire::decode_offer(payload)->transfer;
      const std::size_t size = wire::encode_resume({transfer, 0}, answer);
      ASSERT_TRUE(liar.say(wire::RecordType::resume, base::ByteView(answer).first(size)));
      liar.hear();
      ASSERT_TRUE(liar.refuse(++numbered, wire::RefuseReason::spoiled));
    }
  }
  EXPECT_EQ(numbered, 1u) << "what was sent from its start cannot be spoiled: it has no room";
  EXPECT_TRUE(victim.router().neighbours()[0].refuses);
}

// An offer tells who holds an envelope, as reconciling does, and not who read it.
TEST(Attack, AnOfferFindsOutNoReader) {
  Net net;
  Station& victim = net.add();
  const Message held = make_message(net.random, {20'000});
  const Message read = make_message(net.random, {20'000});
  victim.person.tags.insert(read.tag);
  Liar liar(net, 0, 1);
  liar.carry(held.bytes);
  liar.carry(read.bytes);
  ASSERT_EQ(victim.person.inbox[read.id], 1);
  ASSERT_TRUE(say_offer(liar, offer_of(held, 1)));
  ASSERT_TRUE(say_offer(liar, offer_of(read, 2)));
  EXPECT_EQ(answers(liar),
            (std::vector<std::uint32_t>{static_cast<std::uint32_t>(held.bytes.size()), 0}));
}

TEST(Attack, OffersAndAnswersOutOfPlaceBreakTheLink) {
  Net net;
  net.add();
  const Message file = make_message(net.random, {20'000});
  const base::Bytes data(10);
  Liar unasked(net, 0, 1);
  EXPECT_FALSE(say_rest(unasked, 1, 0, 100, data)) << "never offered";
  Liar longer(net, 0, 2);
  ASSERT_TRUE(say_offer(longer, offer_of(file, 1)));
  const auto total = static_cast<std::uint32_t>(file.bytes.size());
  EXPECT_FALSE(say_rest(longer, 1, 0, total + 1, data)) << "not as offered";
  Liar many(net, 0, 3);
  for (std::uint32_t i = 0; i < OffersHeard::kMax; ++i) {
    EXPECT_TRUE(say_offer(many, offer_of(make_message(net.random, {20'000}), i)));
  }
  EXPECT_FALSE(say_offer(many, offer_of(file, 9)));
  Liar answering(net, 0, 4);
  std::array<std::uint8_t, wire::kResumeSizeMax> payload{};
  const std::size_t size = wire::encode_resume({1, 0}, payload);
  EXPECT_FALSE(answering.say(wire::RecordType::resume, base::ByteView(payload).first(size)));
  Liar bare(net, 0, 5);
  EXPECT_TRUE(bare.say(wire::RecordType::rest, data)) << "a record that is skipped";
}

// A slow link in the middle of a file: the next frame has the urgent one.
TEST(Router, AnUrgentOneGoesInTheVeryNextFrame) {
  for (const bool offered : {true, false}) {
    Net net;
    Station& a = net.add();
    net.add();
    net.connect(0, 1, kBleFrame);
    net.run(1s);
    a.send(make_message(net.random, {offered ? kFileBody : 10'000}), net.now);
    run_frames(net, 20);
    ASSERT_EQ(net[1].router().usage().envelopes, 0u);
    const Message urgent = make_message(net.random, {160, 3'600, wire::Priority::urgent});
    a.send(urgent, net.now);
    base::Bytes frame(kBleFrame);
    const std::size_t size = a.router().next_frame(net.link(0, 1), frame, net.now);
    wire::RecordReader reader(base::ByteView(frame).first(size));
    bool found = false;
    for (auto record = reader.next(); record && *record; record = reader.next()) {
      if ((*record)->type != wire::RecordType::envelope) continue;
      const auto carried = wire::decode_carried((*record)->payload);
      found = found || wire::envelope_id(carried->envelope) == urgent.id;
    }
    EXPECT_TRUE(found) << "offered " << offered;
  }
}

}  // namespace
}  // namespace chaski::mesh_router::test
