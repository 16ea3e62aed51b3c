// SPDX-License-Identifier: Apache-2.0
// Routers in a world where links come and go, disks fill up, processes die, clocks leap, stations
// sleep and neighbours lie, swallow, forge, grind and flood; then the world heals, and everything
// that was accepted and has not grown old must have been read exactly once.
// CHASKI_SEED=n replays one world, CHASKI_SEEDS=n runs so many.
#include <gtest/gtest.h>

#include <cstdlib>

#include "liar.hpp"

namespace chaski::mesh_router::test {
namespace {

class Swarm {
 public:
  explicit Swarm(std::uint64_t seed) : net_(seed) {
    net_.commit_at_once = false;
    const std::size_t count = 3 + net_.random.below(5);
    for (std::size_t i = 0; i < count; ++i) {
      RouterLimits limits;
      limits.window_envelopes = 1 + net_.random.below(40);
      limits.window_bytes = 200 + net_.random.below(100'000);
      limits.depositor_bytes_max = 64u << 20;
      net_.add(limits);
    }
  }

  void live(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) do_something();
  }

  void heal() {
    net_.commit_at_once = true;
    for (std::size_t i = 0; i < net_.size(); ++i) {
      if (net_.asleep(i)) net_.resume(i);
      net_[i].store.set_accepts(true);
      net_[i].settle(net_.now);
    }
    meet_in_a_row();
    // What a liar made old may expire and come back after the first minute.
    for (const Sent& sent : sent_) {
      if (sent.made_older) return net_.run(17min);
    }
  }

  void meet_in_a_row() {
    for (std::size_t i = 0; i < net_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) net_.disconnect(i, j);
    }
    for (std::size_t i = 0; i + 1 < net_.size(); ++i) net_.connect(i, i + 1, frame_size());
    net_.run(60s);
  }

  void check() {
    EXPECT_FALSE(net_.link_broken);
    for (const Sent& sent : sent_) {
      const base::Time dies_at = sent.at + std::chrono::seconds(sent.message.lifetime_s);
      EXPECT_LE(net_[sent.to].person.inbox[sent.message.id], 1);
      if (dies_at > net_.now + (sent.made_older ? 30min : 0min)) {
        EXPECT_EQ(net_[sent.to].person.inbox[sent.message.id], 1);
        // The receipt of what was made older may be old before everybody has met it.
        EXPECT_TRUE(sent.made_older || net_[sent.from].delivered(sent.message.id));
      }
      // A copy that was made younger lives on, for a time that is bounded elsewhere.
      if (sent.made_older || (sent.made_younger && dies_at <= net_.now)) continue;
      for (std::size_t i = 0; i < net_.size(); ++i) EXPECT_FALSE(net_[i].holds(sent.message.id));
    }
    for (std::size_t i = 0; i < net_.size(); ++i) {
      for (const NeighbourStatus& status : net_[i].router().neighbours()) {
        // Forged receipts beyond the neighbour's bound are all that may wait.
        const Station& neighbour = net_[status.id.bytes[0]];
        EXPECT_TRUE(status.queued == 0 || neighbour.dropped(DropReason::quota_exceeded) > 0);
        EXPECT_EQ(status.unacknowledged, 0u);
        EXPECT_TRUE(status.synchronised);
        EXPECT_FALSE(status.refuses);
      }
    }
    EXPECT_GT(sent_.size(), 0u);
  }

 private:
  struct Sent {
    Message message;
    std::size_t from, to;
    base::Time at;
    bool made_younger = false;
    bool made_older = false;
  };

  std::size_t any() {
    for (;;) {
      const std::size_t index = net_.random.below(net_.size());
      if (!net_.asleep(index)) return index;
    }
  }
  std::size_t frame_size() {
    constexpr std::size_t kSizes[] = {64, 100, 244, 1'000, 16'384, 65'519};
    return kSizes[net_.random.below(6)];
  }

  void do_something() {
    const std::uint64_t dice = net_.random.below(100);
    if (dice < 8) return send();
    if (dice < 14) return toggle_link();
    if (dice < 16) return net_.crash(any());
    if (dice < 18) return net_[any()].store.set_accepts(net_.random.below(3) != 0);
    if (dice < 21) return lie();
    if (dice < 22) return leap();
    if (dice < 24) return sleep_or_wake();
    if (dice < 25) return swallow();
    if (dice < 26) return make_younger();
    if (dice < 27) return make_older();
    if (dice < 28) return flood();
    if (dice < 29) return grind();
    if (dice < 42) return commit();
    if (dice < 47) return pass_time();
    for (std::uint64_t i = net_.random.below(10); i > 0; --i) net_.step();
  }

  void send() {
    const std::size_t from = any();
    const std::size_t to = any();
    if (from == to) return;
    constexpr std::size_t kSizes[] = {1, 160, 376, 3'000, 9'000, 65'824};
    constexpr std::uint32_t kLifetimes_s[] = {3'600, 24 * 3'600, 14 * 24 * 3'600, 14 * 24 * 3'600};
    send(from, to,
         make_message(net_.random,
                      MessageShape{kSizes[net_.random.below(6)], kLifetimes_s[net_.random.below(4)],
                                   static_cast<wire::Priority>(net_.random.below(3))}));
  }

  void send(std::size_t from, std::size_t to, const Message& message) {
    // The tag was agreed before: also a restart knows it.
    net_[to].person.tags.insert(message.tag);
    net_[to].settle(net_.now);
    if (!net_[to].router().dirty()) net_[to].commit(net_.now);
    if (!net_[from].router().submit(message.bytes, {0, wire::kHopsMax, 0}, net_.now)) return;
    net_[from].settle(net_.now);
    sent_.push_back({message, from, to, net_.now});
  }

  void toggle_link() {
    const std::size_t a = any();
    const std::size_t b = any();
    if (a == b) return;
    if (net_.connected(a, b)) return net_.disconnect(a, b);
    if (net_.random.below(4) == 0) net_.guess_next_salt({});
    net_.connect(a, b, frame_size());
  }

  void commit() {
    Station& station = net_[any()];
    station.drain(net_.now);
    station.commit(net_.now);
  }

  void pass_time() { pass(std::chrono::milliseconds(1 + net_.random.below(4'000))); }
  /// As after a suspend of the whole machine: everything is late at once.
  void leap() { pass(std::chrono::minutes(1 + net_.random.below(40 * 60))); }
  void pass(base::Duration duration) {
    net_.now += duration;
    for (std::size_t i = 0; i < net_.size(); ++i) {
      if (net_.asleep(i)) continue;
      net_[i].router().wake(net_.now);
      net_[i].drain(net_.now);
    }
  }

  void lie() {
    Liar liar(net_, any(), liars_++);
    if (!liar.up()) return;
    std::vector<wire::EnvelopeId> ids;
    for (const Sent& sent : sent_) {
      if (net_.random.below(4) == 0) {
        liar.carry(make_receipt(sent.message.id, net_.random.bytes<wire::ReceiptToken>(),
                                14 * 24 * 3'600));
      }
      if (net_.random.below(4) == 0) ids.push_back(sent.message.id);
    }
    liar.claim(ids);
    base::Bytes junk(net_.random.below(200));
    net_.random.fill(junk);
    liar.say_frame(junk);
    liar.hear();
    liar.leave();
  }

  void sleep_or_wake() {
    const std::size_t index = net_.random.below(net_.size());
    if (net_.asleep(index)) return net_.resume(index);
    if (sleepers() + 2 < net_.size()) net_.suspend(index);
  }
  std::size_t sleepers() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < net_.size(); ++i) count += net_.asleep(i) ? 1u : 0u;
    return count;
  }

  /// A neighbour that takes custody of what it gets, and is never seen again.
  void swallow() {
    Liar hole(net_, any(), liars_++);
    if (!hole.up()) return;
    hole.claim({});
    hole.acknowledge(hole.hear_envelopes().size());
    hole.leave();
  }

  /// A neighbour that gives everybody the messages that it knows as if they were new.
  void make_younger() {
    Liar liar(net_, any(), liars_++);
    if (!liar.up()) return;
    for (Sent& sent : sent_) {
      if (net_.random.below(3) != 0) continue;
      liar.carry(sent.message.bytes, 0, wire::kHopsMax);
      sent.made_younger = true;
    }
    liar.leave();
  }

  /// A neighbour that gives everybody the messages that it knows as if they were about to end.
  void make_older() {
    Liar liar(net_, any(), liars_++);
    if (!liar.up()) return;
    for (Sent& sent : sent_) {
      if (net_.random.below(3) != 0) continue;
      const std::uint64_t left_ms = 1 + net_.random.below(net_.random.below(2) == 0 ? 50 : 900'000);
      liar.carry(sent.message.bytes, std::uint64_t{sent.message.lifetime_s} * 1'000 - left_ms);
      sent.made_older = true;
    }
    liar.leave();
  }

  /// Messages for nobody, which all have to carry.
  void flood() {
    Liar flooder(net_, any(), liars_++);
    if (!flooder.up()) return;
    for (int i = 0; i < 60; ++i) flooder.carry(make_message(net_.random).bytes);
    flooder.leave();
  }

  /// Two messages with one short id on links whose salt was guessed.
  void grind() {
    const std::size_t from = any();
    const std::size_t to = any();
    if (ground_ || from == to) return;
    ground_ = true;
    const auto [message, twin] = ground_pair();
    send(from, to, message);
    Liar grinder(net_, any(), liars_++);
    if (!grinder.up()) return;
    grinder.carry(twin.bytes);
    grinder.leave();
  }

  Net net_;
  std::vector<Sent> sent_;
  std::uint64_t liars_ = 1;
  bool ground_ = false;
};

TEST(Swarm, WhateverWasAcceptedIsReadExactlyOnce) {
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const char* more = std::getenv("CHASKI_SEEDS");
  const std::uint64_t count = more != nullptr ? std::strtoull(more, nullptr, 10) : 40;
  const std::uint64_t last = replay != nullptr ? first : count;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE("replay with CHASKI_SEED=" + std::to_string(seed));
    Swarm swarm(seed);
    swarm.live(400);
    swarm.heal();
    swarm.check();
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace chaski::mesh_router::test
