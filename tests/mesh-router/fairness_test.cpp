// SPDX-License-Identifier: Apache-2.0
// One who brings much must not cost the others what they bring: neither room nor time.
#include <gtest/gtest.h>

#include <list>

#include "liar.hpp"

namespace chaski::mesh_router::test {
namespace {

constexpr std::size_t kHonest = 5;
constexpr std::size_t kStoreBytes = 200'000;

struct Outcome {
  std::size_t written = 0;
  std::size_t delivered = 0;
  double mean_delay_s = 0;
};

/// A relay with a small store, five neighbours that bring a little, a sink that comes for thirty
/// seconds of every ninety over a link of 24 frames of 300 bytes a second, and perhaps a flooder
/// that brings a hundred times as much as each of the five.
class SmallRelay {
 public:
  SmallRelay() {
    net_.add({}, kStoreBytes).keeps_disk = false;
    net_.add({}, std::size_t{64} << 20).keeps_disk = false;
    for (std::size_t i = 0; i < kHonest; ++i) honest_.emplace_back(net_, 0, i);
  }

  Outcome run(std::list<Liar>* flooders) {
    Outcome outcome;
    std::map<wire::EnvelopeId, base::Time> waiting;
    for (int second = 0; second < 1'350; ++second) {
      for (std::size_t i = 0; i < kHonest && second < 1'200; ++i) {
        if (static_cast<std::size_t>(second) % kHonest != i) continue;
        Liar& neighbour = *std::next(honest_.begin(), static_cast<std::ptrdiff_t>(i));
        const Message message = make_message(net_.random);
        net_[1].person.tags.insert(message.tag);
        neighbour.carry(message.bytes);
        waiting.emplace(message.id, net_.now);
        ++outcome.written;
      }
      if (flooders != nullptr) flood(*flooders);
      if (second % 90 == 60) net_.connect(0, 1, 300);
      if (second % 90 == 89) net_.disconnect(0, 1);
      for (int frame = 0; frame < 24; ++frame) net_.step();
      net_.now += 1s;
      for (std::size_t station : {0u, 1u}) {
        net_[station].router().wake(net_.now);
        net_[station].settle(net_.now);
      }
      for (const auto& [id, times] : net_[1].person.inbox) {
        const auto sent = waiting.find(id);
        if (sent == waiting.end()) continue;
        outcome.mean_delay_s += std::chrono::duration<double>(net_.now - sent->second).count();
        ++outcome.delivered;
        waiting.erase(sent);
      }
    }
    outcome.mean_delay_s /= static_cast<double>(std::max<std::size_t>(outcome.delivered, 1));
    return outcome;
  }

  Net& net() { return net_; }

 private:
  /// A hundred times what one of the five brings, and soon gone, so that there is always room for
  /// more of it.
  void flood(std::list<Liar>& flooders) {
    for (std::size_t i = 0; i < 100 / kHonest; ++i) {
      flooders.front().carry(make_message(net_.random, MessageShape{160, 90}).bytes);
      flooders.splice(flooders.end(), flooders, flooders.begin());
    }
  }

  Net net_;
  std::list<Liar> honest_;
};

void expect_little_lost(const Outcome& quiet, const Outcome& flooded) {
  ASSERT_EQ(quiet.delivered, quiet.written);
  EXPECT_GE(static_cast<double>(flooded.delivered), 0.9 * static_cast<double>(quiet.delivered));
  EXPECT_LE(flooded.mean_delay_s, 1.1 * quiet.mean_delay_s);
  testing::Test::RecordProperty("lost", std::to_string(quiet.delivered - flooded.delivered));
  testing::Test::RecordProperty("delay", std::to_string(flooded.mean_delay_s / quiet.mean_delay_s));
}

TEST(Fairness, AFlooderAtAHundredTimesCostsOthersUnderATenth) {
  const Outcome quiet = SmallRelay().run(nullptr);
  SmallRelay relay;
  std::list<Liar> flooder;
  flooder.emplace_back(relay.net(), 0, 100);
  expect_little_lost(quiet, relay.run(&flooder));
}

// Forty invented neighbours at once, from one radio.
TEST(Fairness, AnyNumberOfNeighboursOfOneOriginHaveOneShare) {
  const Outcome quiet = SmallRelay().run(nullptr);
  SmallRelay relay;
  std::list<Liar> crowd;
  for (std::uint64_t i = 0; i < 40; ++i) crowd.emplace_back(relay.net(), 0, 100 + i, 65'519, 7);
  expect_little_lost(quiet, relay.run(&crowd));
}

// A hundred invented neighbours, one after the other: together they have what one may have.
TEST(Fairness, AHundredNeighboursOfOneOriginAreOneDepositor) {
  const auto bytes_of_a_hundred = [](std::uint64_t origin) {
    Net net;
    Station& victim = net.add({}, kStoreBytes);
    victim.keeps_disk = false;
    for (std::uint64_t i = 0; i < 100; ++i) {
      Liar invented(net, 0, i, 65'519, origin);
      for (int j = 0; j < 20; ++j) invented.carry(make_message(net.random).bytes);
      invented.leave();
    }
    return victim.router().usage().bytes;
  };
  EXPECT_LE(bytes_of_a_hundred(7), kStoreBytes / 2);
  EXPECT_GT(bytes_of_a_hundred(0), kStoreBytes / 2) << "nothing tells them apart";
}

}  // namespace
}  // namespace chaski::mesh_router::test
