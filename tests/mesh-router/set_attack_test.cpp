// SPDX-License-Identifier: Apache-2.0
// Attacks on what neighbours tell each other about their sets, and on what is taken twice; by name
// in docs/threat-model.md.
#include <gtest/gtest.h>

#include <algorithm>

#include "liar.hpp"

namespace chaski::mesh_router::test {
namespace {

constexpr std::size_t kHeld = 2'000;

/// What one neighbour made a router send, in bytes of payloads.
struct Heard {
  std::size_t reconcile = 0, envelopes = 0;
  std::map<wire::EnvelopeId, int> times;

  void add(Liar& liar) {
    for (const auto& [type, payload] : liar.hear()) {
      if (type == wire::RecordType::reconcile) reconcile += payload.size();
      if (type != wire::RecordType::envelope) continue;
      envelopes += payload.size();
      ++times[wire::envelope_id(wire::decode_carried(payload)->envelope)];
    }
  }
  int most_times() const {
    int most = 0;
    for (const auto& [id, count] : times) most = std::max(most, count);
    return most;
  }
};

/// The opener of one who claims `count` ids and says noise about them, in the shape that a victim
/// takes for an opener.
base::Bytes opener(base::Random& random, std::uint32_t count, std::size_t size) {
  base::Bytes bytes(size);
  random.fill(bytes);
  for (std::size_t i = 0; i < std::min<std::size_t>(3, size); ++i) {
    bytes[i] = static_cast<std::uint8_t>(count >> (8 * i));
  }
  return bytes;
}

struct Amplification : testing::Test {
  Net net;
  Station& victim = net.add();
  std::size_t held_bytes = 0;

  Amplification() {
    victim.keeps_disk = false;
    for (std::size_t i = 0; i < kHeld; ++i) {
      const Message message = make_message(net.random);
      held_bytes += message.bytes.size();
      victim.send(message, net.now);
    }
  }
  /// Each envelope at most once, and about the set no more than a list of it and what one asks for.
  /// Over a link that stands, what was only shown comes once more: `times`.
  void expect_bounded(const Heard& heard, std::size_t said, const char* what, int times = 1) {
    EXPECT_LE(heard.most_times(), times) << what;
    EXPECT_LE(heard.envelopes, static_cast<unsigned>(times) * (held_bytes + kHeld * 16)) << what;
    EXPECT_LE(heard.reconcile, kHeld * 8 + 3 * said + 1'000) << what;
  }
};

// A small request with a huge answer: whatever a neighbour says about its set, it gets each
// envelope once at most and no more about the set than a list of it takes.
TEST_F(Amplification, ANeighbourGetsEachEnvelopeOnceAndOneListAtMost) {
  for (std::uint64_t trial = 0; trial < 12; ++trial) {
    Liar liar(net, 0, trial);
    Heard heard;
    std::size_t said = 0;
    const std::uint32_t counts[] = {0, 1, kHeld, 0xFFFFFF};
    for (int message = 0; message < 40; ++message) {
      const base::Bytes noise = message == 0
                                    ? opener(net.random, counts[trial % 4], 177)
                                    : opener(net.random, 0x5E8183, 1 + net.random.below(700));
      said += noise.size();
      liar.say(wire::RecordType::reconcile, noise);
      heard.add(liar);
    }
    expect_bounded(heard, said, "noise");
    net.now += 31s;
    victim.router().wake(net.now);
    heard.add(liar);
    expect_bounded(heard, said, "noise", 2);
    EXPECT_EQ(heard.times.size(), kHeld) << "what cannot be told apart is sent";
    // It is over: whoever asks again gets nothing.
    Heard again;
    for (int i = 0; i < 20; ++i) {
      liar.say(wire::RecordType::reconcile, opener(net.random, kHeld, 177));
      again.add(liar);
    }
    EXPECT_EQ(again.reconcile + again.envelopes, 0u);
    liar.leave();
  }
}

// What one neighbour says about its set is answered to it alone, and moves nobody else to speak.
TEST_F(Amplification, ReconciliationIsNeverRelayed) {
  Liar other(net, 0, 1);
  Heard before;
  other.claim({});
  before.add(other);
  ASSERT_EQ(before.times.size(), kHeld);
  other.acknowledge(kHeld);
  Liar liar(net, 0, 2);
  Heard heard;
  for (int i = 0; i < 20; ++i) {
    liar.say(wire::RecordType::reconcile, opener(net.random, 0xFFFFFF, 177));
    Heard elsewhere;
    elsewhere.add(other);
    EXPECT_EQ(elsewhere.reconcile + elsewhere.envelopes, 0u);
    heard.add(liar);
  }
  EXPECT_GT(heard.reconcile, 0u);
}

// Records over a link that was never up, or is not any more, are answered by nothing.
TEST_F(Amplification, NothingIsAnsweredWithoutALink) {
  Liar gone(net, 0, 1);
  gone.leave();
  Heard heard;
  EXPECT_FALSE(gone.say(wire::RecordType::reconcile, opener(net.random, 1, 177)));
  heard.add(gone);
  EXPECT_EQ(heard.reconcile + heard.envelopes, 0u);
}

// Ids ground under a guessed salt: what two neighbours hold under one short id stays hidden for
// that session at most, because the next one has another salt.
TEST(GroundIds, HideAMessageForOneSessionAtMost) {
  const auto [message, twin] = ground_pair();
  ASSERT_NE(message.id, twin.id);
  ASSERT_EQ(short_id({}, message.id), short_id({}, twin.id));
  Net net;
  Station& sender = net.add();
  Station& reader = net.add();
  reader.person.tags.insert(message.tag);
  sender.send(message, net.now);
  reader.send(twin, net.now);
  net.guess_next_salt({});
  net.connect(0, 1);
  net.run(5s);
  EXPECT_FALSE(sender.delivered(message.id)) << "the pair does not collide: nothing was tested";
  net.disconnect(0, 1);
  net.connect(0, 1);
  net.run(5s);
  EXPECT_EQ(reader.person.inbox[message.id], 1);
  EXPECT_TRUE(sender.delivered(message.id));
}

// Both of a pair at one side: neither is taken for the other, both are sent.
TEST(GroundIds, TwoOfOneShortIdAtOneSideAreBothSent) {
  const auto [message, twin] = ground_pair();
  ASSERT_EQ(short_id({}, message.id), short_id({}, twin.id));
  Net net;
  Station& sender = net.add();
  Station& relay = net.add();
  sender.send(message, net.now);
  sender.send(twin, net.now);
  for (int i = 0; i < 100; ++i) sender.send(make_message(net.random), net.now);
  net.guess_next_salt({});
  net.connect(0, 1);
  net.run(5s);
  EXPECT_TRUE(relay.holds(message.id));
  EXPECT_TRUE(relay.holds(twin.id));
  EXPECT_EQ(relay.router().usage().envelopes, 102u);
}

// A replayer keeps a message and its receipt for ever: who read it does not read it again, with
// any age, over restarts, until long after it died.
TEST(Replay, OfAReadMessageIsNotReadAgainOverRestarts) {
  Net net;
  Station& reader = net.add();
  Station& relay = net.add();
  const Message message = make_message(net.random, MessageShape{160, 14 * 24 * 3'600});
  reader.person.tags.insert(message.tag);
  reader.commit(net.now);
  std::uint64_t name = 1;
  for (int day = 0; day < 40; ++day) {
    for (const std::size_t victim : {0u, 1u}) {
      Liar replayer(net, victim, name++);
      replayer.carry(message.bytes, 0, wire::kHopsMax);
      replayer.carry(make_receipt(message.id, message.token, 14 * 24 * 3'600));
      replayer.carry(message.bytes, 1, wire::kHopsMax);
      replayer.leave();
    }
    EXPECT_FALSE(reader.holds(message.id));
    EXPECT_FALSE(relay.holds(message.id)) << "a relay that met the receipt took it again";
    net.run(24h);
    net.crash(0);
  }
  EXPECT_EQ(reader.person.inbox[message.id], 1);
}

// A message encoded anew in every way that the format would let pass: its person reads one.
TEST(ReEncoding, OfAMessageIsNotReadTwice) {
  Net net;
  Station& reader = net.add();
  Liar liar(net, 0, 1);
  const Message message = make_message(net.random);
  reader.person.tags.insert(message.tag);
  liar.carry(message.bytes);
  std::size_t tried = 0;
  for (std::size_t i = 0; i < message.bytes.size(); ++i) {
    // A longer form of what may be a number or a length, and a byte more anywhere.
    base::Bytes longer = message.bytes;
    longer[i] |= 0x80;
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i) + 1, 0);
    const auto same = wire::decode_envelope(longer);
    // What is still an envelope has other contents: another body, say. Its tag is used up for
    // those who open it, and this is theirs to find out.
    if (same && same->tag == message.tag) {
      EXPECT_FALSE(std::equal(same->body.begin(), same->body.end(),
                              message.bytes.end() - static_cast<std::ptrdiff_t>(same->body.size())))
          << "byte " << i;
      continue;
    }
    ++tried;
    liar.carry(longer);
  }
  EXPECT_GT(tried, 20u);
  EXPECT_EQ(reader.person.inbox.size(), 1u);
  EXPECT_EQ(reader.person.inbox[message.id], 1);
}

// Neighbours that make a message young again wherever it comes: each router keeps it once, for the
// lifetime that it has, so it ends with the last router that has not met it.
TEST(Immortal, AMessageMadeYoungByEveryLiarEnds) {
  Net net;
  constexpr std::size_t kStations = 6;
  for (std::size_t i = 0; i < kStations; ++i) net.add().keeps_disk = false;
  const Message message = make_message(net.random, MessageShape{160, 3'600});
  std::uint64_t name = 1;
  std::array<int, kStations> hours_held{};
  for (int hour = 0; hour < 24; ++hour) {
    for (std::size_t i = 0; i < kStations; ++i) {
      Liar liar(net, i, name++);
      liar.carry(message.bytes, 0, wire::kHopsMax);
      liar.leave();
    }
    for (std::size_t i = 0; i + 1 < kStations; ++i) net.connect(i, i + 1);
    net.run(1800s);
    for (std::size_t i = 0; i < kStations; ++i) hours_held[i] += net[i].holds(message.id) ? 1 : 0;
    for (std::size_t i = 0; i + 1 < kStations; ++i) net.disconnect(i, i + 1);
    net.run(1800s);
  }
  for (const int hours : hours_held) EXPECT_EQ(hours, 1);
}

}  // namespace
}  // namespace chaski::mesh_router::test
