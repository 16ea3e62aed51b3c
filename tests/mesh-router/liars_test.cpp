// SPDX-License-Identifier: Apache-2.0
// What liars cost everybody else. People meet at random for some seconds; of forty, four are liars
// in one run and honest in another, with the same meetings and the same messages between the
// others. What is compared is what was delivered within the time given.
// CHASKI_SEED=n replays one world, CHASKI_SEEDS=n runs so many.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>

#include "manners.hpp"

namespace chaski::mesh_router::test {
namespace {

constexpr std::size_t kPeople = 40;
constexpr std::size_t kMarked = kPeople / 10;  ///< those who may be liars
constexpr std::size_t kMeetingsAtOnce = 8;
constexpr int kRounds = 37;                    ///< of ten seconds: honest people read 99 %
constexpr int kRoundsOfSending = 20;
constexpr std::size_t kSentPerRound = 8;

struct Life {
  std::vector<int> read_in;  ///< by message: the round in which it was read, 0 when it was not
  std::uint64_t forged_receipts = 0;
};

using Sent = std::vector<std::pair<std::size_t, wire::EnvelopeId>>;

void send_some(Net& net, base::Random& fate, Sent& sent) {
  for (std::size_t i = 0; i < kSentPerRound; ++i) {
    const std::size_t from = kMarked + fate.below(kPeople - kMarked);
    const std::size_t to = kMarked + fate.below(kPeople - kMarked);
    if (from == to) continue;
    const Message message = make_message(fate);
    net[to].person.tags.insert(message.tag);
    sent.emplace_back(to, net[from].send(message, net.now));
  }
}

/// Eight pairs meet for three seconds of ten.
void meet(Net& net, base::Random& fate) {
  std::vector<std::size_t> order(kPeople);
  std::iota(order.begin(), order.end(), 0u);
  for (std::size_t i = kPeople; i > 1; --i) std::swap(order[i - 1], order[fate.below(i)]);
  for (std::size_t i = 0; i < kMeetingsAtOnce; ++i) net.connect(order[2 * i], order[2 * i + 1]);
  net.run(3s);
  for (std::size_t i = 0; i < kMeetingsAtOnce; ++i) net.disconnect(order[2 * i], order[2 * i + 1]);
  net.run(7s);
}

Life live(std::uint64_t seed, const std::function<void(Net&)>& corrupt) {
  Net net(seed);
  for (std::size_t i = 0; i < kPeople; ++i) net.add().keeps_disk = false;
  corrupt(net);
  base::SeededRandom fate(seed + 1);  // what liars do must not change who meets whom
  Sent sent;
  Life life;
  for (int round = 1; round <= kRounds; ++round) {
    if (round <= kRoundsOfSending) send_some(net, fate, sent);
    meet(net, fate);
    life.read_in.resize(sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const auto& inbox = net[sent[i].first].person.inbox;
      if (life.read_in[i] == 0 && inbox.contains(sent[i].second)) life.read_in[i] = round;
    }
  }
  for (std::size_t i = 0; i < kPeople; ++i) {
    life.forged_receipts += net[i].dropped(DropReason::forged_receipt);
  }
  return life;
}

struct Score {
  std::size_t sent = 0, read = 0, read_among_liars = 0;

  void add(const Life& honest, const Life& lied_to) {
    ASSERT_EQ(honest.read_in.size(), lied_to.read_in.size());
    for (std::size_t i = 0; i < honest.read_in.size(); ++i) {
      ++sent;
      read += honest.read_in[i] != 0 ? 1u : 0u;
      read_among_liars += lied_to.read_in[i] != 0 ? 1u : 0u;
    }
  }
  double loss() const {
    return 1.0 - static_cast<double>(read_among_liars) / static_cast<double>(read);
  }
};

struct Seeds {
  std::uint64_t first = 1, last = 1;

  explicit Seeds(std::uint64_t count) : last(count) {
    if (const char* more = std::getenv("CHASKI_SEEDS")) last = std::strtoull(more, nullptr, 10);
    const char* one = std::getenv("CHASKI_SEED");
    if (one != nullptr) first = last = std::strtoull(one, nullptr, 10);
  }
};

Score lie(Seeds seeds, const std::function<Manner(std::size_t liar)>& manner_of) {
  Score score;
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    const Life honest = live(seed, [](Net&) {});
    const Life lied_to = live(seed, [&](Net& net) {
      for (std::size_t i = 0; i < kMarked; ++i) turn(net[i], manner_of(i + seed), seed * 100 + i);
    });
    score.add(honest, lied_to);
  }
  return score;
}

void expect_cheap(const char* what, const Score& score) {
  std::printf("[  liars   ] %-10s %zu of %zu read, %zu among liars: %.2f %% lost\n",
              what, score.read, score.sent, score.read_among_liars, 100 * score.loss());
  EXPECT_GT(score.read, score.sent * 98 / 100) << "too little time to tell anything";
  EXPECT_LT(score.loss(), 0.02) << what;
}

TEST(Liars, TenPercentOfOneMannerCostUnderTwoPercentOfDeliveries) {
  for (int m = 1; m < static_cast<int>(Manner::kCount); ++m) {
    const auto manner = static_cast<Manner>(m);
    expect_cheap(to_string(manner), lie(Seeds(2), [=](std::size_t) { return manner; }));
  }
}

TEST(Liars, TenPercentOfAllMannersCostUnderTwoPercentOfDeliveries) {
  expect_cheap("all", lie(Seeds(3), [](std::size_t liar) {
    return static_cast<Manner>(1 + liar % (static_cast<std::size_t>(Manner::kCount) - 1));
  }));
}

// Forgers are honest otherwise: not a single message may be lost by what they forge.
TEST(Liars, ForgedReceiptsCostNoDelivery) {
  const Seeds seeds(2);
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    SCOPED_TRACE("replay with CHASKI_SEED=" + std::to_string(seed));
    const Life honest = live(seed, [](Net&) {});
    const Life forged = live(seed, [&](Net& net) {
      for (std::size_t i = 0; i < kMarked; ++i) turn(net[i], Manner::forger, seed * 100 + i);
    });
    EXPECT_EQ(honest.forged_receipts, 0u);
    EXPECT_GT(forged.forged_receipts, 1'000u);
    for (std::size_t i = 0; i < honest.read_in.size(); ++i) {
      EXPECT_TRUE(honest.read_in[i] == 0 || forged.read_in[i] != 0) << "message " << i;
    }
  }
}

}  // namespace
}  // namespace chaski::mesh_router::test
