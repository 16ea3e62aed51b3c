// SPDX-License-Identifier: Apache-2.0
// What a router promises, as scripts over two or three stations in virtual time.
#include <gtest/gtest.h>

#include "station.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router::test {
namespace {

TEST(Router, CarriesToSomeoneWhoWasNotThere) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  Station& c = net.add();
  const Message message = make_message(net.random);
  c.person.tags.insert(message.tag);
  a.send(message, net.now);

  net.connect(0, 1);
  net.run(5s);
  EXPECT_TRUE(b.holds(message.id));
  const auto custody = a.events<CustodyEvent>();
  ASSERT_EQ(custody.size(), 1u);
  EXPECT_EQ(custody[0].neighbour, name_of(1));
  EXPECT_TRUE(custody[0].local);

  net.disconnect(0, 1);
  net.run(1h - 20min);
  net.connect(1, 2);
  net.run(5s);
  EXPECT_EQ(c.person.inbox[message.id], 1);
  EXPECT_FALSE(c.holds(message.id));
  EXPECT_FALSE(b.holds(message.id)) << "the receipt frees the space";

  net.disconnect(1, 2);
  net.connect(0, 1);
  net.run(5s);
  EXPECT_TRUE(a.delivered(message.id));
  EXPECT_FALSE(a.holds(message.id));
}

TEST(Router, NothingLeavesBeforeItIsCommitted) {
  Net net;
  net.commit_at_once = false;
  Station& a = net.add();
  Station& b = net.add();
  net.connect(0, 1);
  net.pump();
  const Message message = make_message(net.random);
  ASSERT_TRUE(a.router().submit(message.bytes, {0, 8, 0}, net.now));
  EXPECT_TRUE(a.router().dirty());
  net.pump();
  EXPECT_FALSE(b.holds(message.id)) << "an uncommitted envelope left";

  a.commit(net.now);
  net.pump();
  EXPECT_TRUE(b.holds(message.id));
  EXPECT_TRUE(b.router().dirty());
  a.drain(net.now);
  EXPECT_TRUE(a.events<CustodyEvent>().empty()) << "acknowledged before it was committed";

  b.commit(net.now);
  net.pump();
  a.drain(net.now);
  EXPECT_EQ(a.events<CustodyEvent>().size(), 1u);
}

TEST(Router, ADuplicateIsAcknowledgedAndNotStoredTwice) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  const Message message = make_message(net.random);
  a.send(message, net.now);
  b.send(message, net.now);
  net.connect(0, 1);
  // New ones go at once, so both send the same thing over the wire at the same time.
  const Message second = make_message(net.random);
  a.send(second, net.now);
  b.send(second, net.now);
  net.run(2s);
  EXPECT_EQ(a.router().usage().envelopes, 2u);
  EXPECT_EQ(b.router().usage().envelopes, 2u);
  EXPECT_EQ(a.router().neighbours()[0].unacknowledged, 0u);
  EXPECT_EQ(b.router().neighbours()[0].unacknowledged, 0u);
  EXPECT_FALSE(net.link_broken);
}

TEST(Router, WhatTheOtherListsIsNotSentAgain) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  a.keeps_disk = b.keeps_disk = false;
  for (int i = 0; i < 3'000; ++i) {
    const Message message = make_message(net.random);
    a.send(message, net.now);
    if (i % 100 != 0) b.send(message, net.now);
  }
  net.connect(0, 1);
  net.run(2s);
  EXPECT_EQ(a.router().counters().envelopes_sent, 30u);
  EXPECT_EQ(b.router().counters().envelopes_sent, 0u);
  EXPECT_EQ(b.router().usage().envelopes, 3'000u);
  EXPECT_TRUE(a.router().neighbours()[0].synchronised);
  EXPECT_EQ(a.router().neighbours()[0].queued, 0u);
}

TEST(Router, WorksOverFramesOfEverySize) {
  for (const std::size_t frame_size : {64u, 65u, 127u, 244u, 500u, 4'096u, 65'519u}) {
    Net net(frame_size);
    Station& a = net.add();
    Station& b = net.add();
    std::vector<wire::EnvelopeId> ids;
    for (const std::size_t size : {1u, 160u, 376u, 5'000u, 65'824u, 200u}) {
      const Message message = make_message(net.random, {size});
      ids.push_back(a.send(message, net.now));
    }
    net.connect(0, 1, frame_size);
    net.run(3s);
    for (const auto& id : ids) EXPECT_TRUE(b.holds(id)) << "frame size " << frame_size;
    EXPECT_EQ(a.router().neighbours()[0].unacknowledged, 0u);
    EXPECT_FALSE(net.link_broken);
  }
}

TEST(Router, ASmallOneNeverWaitsBehindAFile) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  net.connect(0, 1, 244);
  net.run(2s);
  const Message file = make_message(net.random, {65'824, 3'600, wire::Priority::normal});
  const Message note = make_message(net.random, {160, 3'600, wire::Priority::normal});
  a.send(file, net.now);
  for (int i = 0; i < 20; ++i) net.step();
  a.send(note, net.now);
  const std::uint64_t before = net.frames;
  while (!b.holds(note.id)) ASSERT_TRUE(net.step());
  EXPECT_LT(net.frames - before, 8u);
  EXPECT_FALSE(b.holds(file.id));
  net.run(1s);
  EXPECT_TRUE(b.holds(file.id));
}

TEST(Router, OrderIsReceiptsThenUrgentThenNormalThenBulk) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  net.commit_at_once = false;
  const Message bulk = make_message(net.random, {160, 3'600, wire::Priority::bulk});
  const Message normal = make_message(net.random, {160, 3'600, wire::Priority::normal});
  const Message urgent = make_message(net.random, {160, 3'600, wire::Priority::urgent});
  const Message elsewhere = make_message(net.random);
  for (const Message& message : {bulk, normal, urgent}) {
    ASSERT_TRUE(a.router().submit(message.bytes, {0, 8, 0}, net.now));
  }
  a.router().publish_receipt({elsewhere.id, elsewhere.token}, 3'600, 0, net.now);
  a.commit(net.now);
  net.connect(0, 1);
  net.run(2s);
  b.drain(net.now);
  const auto accepted = b.events<AcceptedEvent>();
  ASSERT_EQ(accepted.size(), 4u);
  EXPECT_EQ(accepted[0].id, wire::envelope_id(make_receipt(elsewhere.id, elsewhere.token)));
  EXPECT_EQ(accepted[1].id, urgent.id);
  EXPECT_EQ(accepted[2].id, normal.id);
  EXPECT_EQ(accepted[3].id, bulk.id);
}

TEST(Router, HopsAreCountedDownAndWithTheLastItIsOnlyShown) {
  Net net;
  for (int i = 0; i < 4; ++i) net.add();
  const Message message = make_message(net.random);
  net[0].send(message, net.now, 2);
  for (std::size_t i = 0; i + 1 < 4; ++i) net.connect(i, i + 1);
  net.run(5s);
  EXPECT_TRUE(net[1].holds(message.id));
  EXPECT_FALSE(net[2].holds(message.id));
  EXPECT_EQ(net[2].person.asked, 1);
  EXPECT_EQ(net[3].person.asked, 0);
  EXPECT_EQ(net[1].events<CustodyEvent>().size(), 0u);
  EXPECT_EQ(net[0].events<CustodyEvent>().size(), 1u);
  EXPECT_EQ(net[2].router().neighbours()[1].queued, 0u);
}

TEST(Router, WhatIsOnlyShownReachesItsRecipientAndIsTakenLaterFromWhoGivesIt) {
  Net net;
  for (int i = 0; i < 3; ++i) net.add();
  const Message message = make_message(net.random);
  net[0].send(message, net.now, 1);
  net.connect(0, 1);
  net.run(2s);
  EXPECT_FALSE(net[1].holds(message.id));
  net[2].send(message, net.now, 5);
  net.connect(2, 1);
  net.run(2s);
  EXPECT_TRUE(net[1].holds(message.id));
  const Message for_one = make_message(net.random);
  net[1].person.tags.insert(for_one.tag);
  net[0].send(for_one, net.now, 1);
  net.run(2s);
  EXPECT_EQ(net[1].person.inbox[for_one.id], 1);
  EXPECT_TRUE(net[0].delivered(for_one.id));
}

TEST(Router, ACopyWithMoreHopsLetsItTravelOn) {
  Net net;
  for (int i = 0; i < 3; ++i) net.add();
  const Message message = make_message(net.random);
  net[1].send(message, net.now, 0);
  net[0].send(message, net.now, 5);
  net.connect(1, 2);
  net.run(2s);
  EXPECT_FALSE(net[2].holds(message.id));
  net.connect(0, 1);
  // Node 1 listed it, so node 0 will not send it by itself; a liar or a crossing copy does.
  base::Bytes payload(wire::carried_size({0, 4, 0}, message.bytes.size()));
  ASSERT_TRUE(wire::encode_carried({{0, 4, 0}, message.bytes}, payload));
  base::Bytes frame(4'096);
  wire::RecordWriter writer(frame);
  ASSERT_TRUE(writer.add(wire::RecordType::envelope, payload));
  ASSERT_TRUE(net[1].router().receive(net.link(0, 1),
                                      base::ByteView(frame).first(writer.size()), net.now));
  net.run(2s);
  EXPECT_TRUE(net[2].holds(message.id));
}

TEST(Router, AgeGrowsByResidenceAndNeverShrinks) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  const Message message = make_message(net.random, {160, 100});
  a.send(message, net.now);
  net.run(40s);
  net.connect(0, 1);
  net.run(3s);
  EXPECT_GE(*b.router().age_ms(message.id, net.now), 43'000u);
  EXPECT_LE(*b.router().age_ms(message.id, net.now), 43'010u);
  net.disconnect(0, 1);
  net.run(50s);
  EXPECT_TRUE(b.holds(message.id));
  net.run(8s);
  EXPECT_FALSE(b.holds(message.id));
  EXPECT_FALSE(a.holds(message.id));
  EXPECT_EQ(b.events<ExpiredEvent>().size(), 1u);
  const auto expired = a.events<ExpiredEvent>();
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_TRUE(expired[0].local);
}

TEST(Router, AFullStoreRefusesAndAsksAgainWhenThereIsRoom) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  b.store.set_accepts(false);
  net.connect(0, 1);
  const Message message = make_message(net.random);
  a.send(message, net.now);
  net.run(2s);
  EXPECT_FALSE(b.holds(message.id));
  EXPECT_TRUE(a.holds(message.id));
  EXPECT_EQ(a.events<RefusedEvent>().size(), 1u);
  EXPECT_TRUE(a.router().neighbours()[0].refuses);
  b.store.set_accepts(true);
  net.run(1s);  // well before refused_retry: it was told
  EXPECT_TRUE(b.holds(message.id));
  EXPECT_FALSE(a.router().neighbours()[0].refuses);
  EXPECT_EQ(a.events<CustodyEvent>().size(), 1u);
}

TEST(Router, WhileRefusedOneEnvelopeIsTriedNowAndThen) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  b.store.set_accepts(false);
  net.connect(0, 1);
  net.run(2s);
  for (int i = 0; i < 100; ++i) a.send(make_message(net.random), net.now);
  net.run(60s);
  const std::uint64_t sent = a.router().counters().envelopes_sent;
  EXPECT_GE(sent, 100u + 15u);
  EXPECT_LE(sent, 100u + 21u);
  b.store.set_accepts(true);
  net.run(2s);
  EXPECT_EQ(b.router().usage().envelopes, 100u);
}

TEST(Router, TheRetryWorksForAPeerThatNeverSaysReady) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  net.connect(0, 1);
  net.run(2s);
  b.store.set_accepts(false);
  const Message message = make_message(net.random);
  a.send(message, net.now);
  net.pump();
  EXPECT_TRUE(a.router().neighbours()[0].refuses);
  const std::uint64_t sent = a.router().counters().envelopes_sent;
  // Only the sender's own clock moves.
  a.router().wake(net.now + 2s);
  EXPECT_EQ(a.router().counters().envelopes_sent, sent);
  b.store.set_accepts(true);
  a.router().wake(net.now + 3s);
  net.pump();
  EXPECT_TRUE(b.holds(message.id));
}

TEST(Router, SubmitSaysWhyNot) {
  Net net;
  RouterLimits limits;
  limits.envelopes_max = 2;
  Station& a = net.add(limits, 70'000);
  const Message message = make_message(net.random);
  EXPECT_EQ(a.router().submit({}, {}, net.now).error(), SubmitError::malformed);
  EXPECT_EQ(a.router().submit(base::Bytes(wire::kEnvelopeSizeMax + 1), {}, net.now).error(),
            SubmitError::too_large);
  EXPECT_EQ(a.router().submit(make_receipt(message.id, message.token), {}, net.now).error(),
            SubmitError::malformed);
  EXPECT_EQ(a.router().submit(message.bytes, {3'600'000, 8, 0}, net.now).error(),
            SubmitError::malformed);
  ASSERT_TRUE(a.router().submit(message.bytes, {0, 8, 0}, net.now));
  EXPECT_EQ(a.router().submit(message.bytes, {0, 8, 0}, net.now).error(), SubmitError::duplicate);
  const Message large = make_message(net.random, {65'824});
  ASSERT_TRUE(a.router().submit(large.bytes, {0, 8, 0}, net.now));
  EXPECT_EQ(a.router().submit(make_message(net.random).bytes, {0, 8, 0}, net.now).error(),
            SubmitError::full);
}

TEST(Router, ALocalMessageIsReportedDeliveredAlsoAfterARestart) {
  Net net;
  Station& a = net.add();
  net.add();
  const Message message = make_message(net.random);
  net[1].person.tags.insert(message.tag);
  a.send(message, net.now);
  net.crash(0);
  EXPECT_TRUE(a.holds(message.id));
  net.connect(0, 1);
  net.run(5s);
  EXPECT_TRUE(a.delivered(message.id));
}

TEST(Router, ATombstoneOutlivesARestart) {
  Net net;
  net.add();
  Station& b = net.add();
  const Message message = make_message(net.random);
  b.person.tags.insert(message.tag);
  net[0].send(message, net.now);
  net.connect(0, 1);
  net.run(5s);
  ASSERT_EQ(b.person.inbox[message.id], 1);
  net.crash(1);
  // Somebody kept the bytes and sends them again.
  Station& replayer = net.add();
  replayer.send(message, net.now);
  net.connect(1, 2);
  net.run(5s);
  EXPECT_EQ(b.person.inbox[message.id], 1);
  EXPECT_FALSE(b.holds(message.id));
}

TEST(Router, WhatWasNotAcknowledgedIsOfferedAgain) {
  Net net;
  net.commit_at_once = false;
  Station& a = net.add();
  Station& b = net.add();
  net.connect(0, 1);
  net.pump();
  const Message message = make_message(net.random);
  ASSERT_TRUE(a.router().submit(message.bytes, {0, 8, 0}, net.now));
  a.commit(net.now);
  net.pump();
  ASSERT_TRUE(b.holds(message.id));
  net.crash(1);  // before it was committed
  ASSERT_FALSE(b.holds(message.id));
  net.connect(0, 1);
  net.run(2s);
  EXPECT_TRUE(b.holds(message.id));
}

TEST(Router, WindowsBoundWhatIsInFlight) {
  Net net;
  net.commit_at_once = false;
  RouterLimits limits;
  limits.window_envelopes = 10;
  limits.window_bytes = 2'000;
  Station& a = net.add(limits);
  Station& b = net.add();
  net.connect(0, 1);
  net.pump();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(a.router().submit(make_message(net.random, {20}).bytes, {0, 8, 0}, net.now));
  }
  a.commit(net.now);
  net.pump();
  EXPECT_EQ(a.router().neighbours()[0].unacknowledged, 10u);
  EXPECT_EQ(a.router().neighbours()[0].queued, 40u);
  b.commit(net.now);
  net.pump();
  EXPECT_EQ(b.router().usage().envelopes, 20u);
  for (int i = 0; i < 5; ++i) {
    b.commit(net.now);
    net.pump();
  }
  EXPECT_EQ(b.router().usage().envelopes, 50u);

  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(a.router().submit(make_message(net.random, {900}).bytes, {0, 8, 0}, net.now));
  }
  a.commit(net.now);
  net.pump();
  EXPECT_EQ(a.router().neighbours()[0].unacknowledged, 2u) << "window_bytes";
}

TEST(Router, ASilentPeerCannotBlockWhatWasHeldBefore) {
  Net net;
  Station& a = net.add();
  const Message message = make_message(net.random);
  a.send(message, net.now);
  ASSERT_TRUE(a.router().link_up({77}, name_of(9), {4'096}, net.now));
  base::Bytes frame(4'096);
  const auto drain = [&] {
    do {
      a.router().wake(net.now);
      while (a.router().next_frame({77}, frame, net.now) != 0) {
      }
    } while (*a.router().next_wakeup() <= net.now);
    return a.router().counters().envelopes_sent;
  };
  EXPECT_EQ(drain(), 0u);
  const Message fresh = make_message(net.random);
  a.send(fresh, net.now);
  EXPECT_EQ(drain(), 1u) << "what came after link-up goes at once";
  EXPECT_EQ(*a.router().next_wakeup(), net.now + 3s);
  net.now += 3s;
  a.router().wake(net.now);
  EXPECT_EQ(drain(), 2u);
}

TEST(Router, OffersStoredEnvelopesWhoseTagBecameKnownLate) {
  Net net;
  net.add();
  Station& b = net.add();
  const Message message = make_message(net.random);
  net[0].send(message, net.now);
  net.connect(0, 1);
  net.run(2s);
  ASSERT_TRUE(b.holds(message.id));
  b.person.tags.insert(message.tag);
  const std::vector<wire::DeliveryTag> tags = {message.tag, wire::DeliveryTag{}};
  b.router().offer_stored(tags, net.now);
  b.settle(net.now);
  net.run(2s);
  EXPECT_EQ(b.person.inbox[message.id], 1);
  EXPECT_FALSE(b.holds(message.id));
  EXPECT_TRUE(net[0].delivered(message.id));
}

TEST(Router, TwoLinksToOneNeighbourShareWhatItKnows) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  net.connect(0, 1);
  net.connect(0, 1);
  net.run(2s);
  for (int i = 0; i < 100; ++i) a.send(make_message(net.random), net.now);
  net.run(1s);
  EXPECT_EQ(b.router().usage().envelopes, 100u);
  EXPECT_EQ(a.router().counters().envelopes_sent, 100u);
  net.disconnect(0, 1);
  for (int i = 0; i < 10; ++i) a.send(make_message(net.random), net.now);
  net.run(1s);
  EXPECT_EQ(b.router().usage().envelopes, 110u);
}

TEST(Router, NeighboursAreBoundedAndTheirBitsAreUsedAgain) {
  Net net;
  RouterLimits limits;
  limits.make_policy = make_epidemic;
  Station& a = net.add(limits);
  const Message message = make_message(net.random);
  a.send(message, net.now);
  for (std::uint64_t i = 1; i <= 64; ++i) {
    ASSERT_TRUE(a.router().link_up({i}, name_of(i), {1'024}, net.now));
  }
  EXPECT_FALSE(a.router().link_up({65}, name_of(65), {1'024}, net.now));
  EXPECT_FALSE(a.router().link_up({64}, name_of(66), {1'024}, net.now)) << "a link id twice";
  base::Bytes frame(1'024);
  for (std::uint64_t i = 1; i <= 300; ++i) {
    // Each of them is sent it: nothing of an earlier neighbour sticks to a bit.
    const std::uint64_t before = a.router().counters().envelopes_sent;
    for (int turn = 0; turn < 2; ++turn) {
      while (a.router().next_frame({i}, frame, net.now) != 0) {
      }
      a.router().wake(net.now += 4s);
    }
    while (a.router().next_frame({i}, frame, net.now) != 0) {
    }
    ASSERT_EQ(a.router().counters().envelopes_sent, before + 1);
    a.router().link_down({i}, net.now);
    ASSERT_TRUE(a.router().link_up({i + 64}, name_of(i + 64), {1'024}, net.now));
  }
}

TEST(Router, LocalEventsAreNotDisplacedByTraces) {
  Net net;
  RouterLimits limits;
  limits.events_max = 16;
  Station& a = net.add(limits);
  net.add();
  net.connect(0, 1);
  net.run(2s);
  const Message message = make_message(net.random, {160, 60});
  a.send(message, net.now);
  for (int i = 0; i < 100; ++i) net[1].send(make_message(net.random, {160, 60}), net.now);
  net.run(1s);
  a.log.clear();
  a.router().wake(net.now + 61s);
  std::size_t events = 0;
  bool local_expired = false;
  while (const auto event = a.router().next_event()) {
    ++events;
    const auto* expired = std::get_if<ExpiredEvent>(&*event);
    local_expired = local_expired || (expired != nullptr && expired->local);
  }
  EXPECT_TRUE(local_expired);
  EXPECT_EQ(events, 17u);
}

}  // namespace
}  // namespace chaski::mesh_router::test
