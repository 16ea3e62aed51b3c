// SPDX-License-Identifier: Apache-2.0
// A seeded swarm: everything goes wrong at once, then it heals, and everything must arrive once.
// CHASKI_SEED=<n> replays one seed, CHASKI_SEEDS=<n> runs so many.
#include <cstdlib>

#include "tests/scenarios/story.hpp"

namespace chaski::scenarios {
namespace {

class Swarm {
 public:
  static constexpr NodeIndex kNodes = 14;
  static constexpr int kMessages = 80;
  static constexpr std::int64_t kYear2431_s = 14'550'000'000;

  explicit Swarm(std::uint64_t seed) : world_(WorldConfig{.seed = seed}), random_(seed * 31 + 7) {
    for (NodeIndex i = 0; i < kNodes; ++i) world_.add_node();
    for (std::uint64_t i = 0; i < 2; ++i)
      liars_.push_back(world_.add_actor(std::make_unique<sim::BlackHole>(seed + i)));
    liars_.push_back(world_.add_actor(
        std::make_unique<sim::JunkSpeaker>(seed, sim::JunkSpeaker::Manner::noise)));
    for (NodeIndex i = 0; i < kNodes; ++i) world_.introduce(i, (i + 5) % kNodes);
  }

  void run() {
    for (int i = 0; i < kMessages; ++i) {
      send(i);
      if (random_.below(40) == 0) sleep_all();
      for (std::uint64_t faults = random_.below(4); faults > 0; --faults) fault();
      world_.run_for(std::chrono::milliseconds(random_.below(400)));
    }
    heal();
    world_.run_until([&] { return delivered() == sent_; }, 120s);
    check();
  }

 private:
  NodeIndex any() { return static_cast<NodeIndex>(random_.below(kNodes)); }

  void send(int number) {
    const NodeIndex from = any();
    if (!world_.powered(from)) return;
    const NodeIndex to = (from + (random_.below(2) == 0 ? 5 : kNodes - 5)) % kNodes;
    if (!world_.store(from).envelopes().accepts()) return;
    world_.send(from, to, std::to_string(number));
    ++sent_;
  }

  void fault() {
    const NodeIndex a = any();
    const NodeIndex b = random_.below(5) == 0 ? liars_[random_.below(liars_.size())] : any();
    LinkModel model{.delay = std::chrono::milliseconds(1 + random_.below(80)),
                    .bytes_per_s = random_.below(2) == 0 ? 20'000u : 0u,
                    .loss = random_.unit() * 0.3};
    if (random_.below(3) == 0) model.notice_after = LinkModel::kNever;
    if (random_.below(4) == 0) model.kind = base::TransportKind::ble;
    switch (random_.below(9)) {
      case 0:
      case 1:
      case 2:
        if (a != b) world_.connect(a, b, model);
        break;
      case 3:
        if (a != b) world_.disconnect(a, b);
        break;
      case 4:
        world_.crash_and_restart(a);
        break;
      case 5:
        world_.set_power(a, false);
        break;
      case 6:
        world_.set_power(a, true);
        break;
      case 7:
        world_.set_wall_clock(a, random_.below(2) == 0 ? 0 : kYear2431_s);
        break;
      default:
        world_.set_disk_full(a, random_.below(3) == 0);
        break;
    }
  }

  /// All are away for most of a day, and come back when their links are long dead.
  void sleep_all() {
    for (NodeIndex i = 0; i < kNodes; ++i) world_.set_power(i, false);
    world_.run_for(20h);
    for (NodeIndex i = 0; i < kNodes; ++i)
      if (random_.below(4) != 0) world_.set_power(i, true);
  }

  void heal() {
    for (NodeIndex i = 0; i < kNodes; ++i) {
      world_.set_power(i, true);
      world_.set_disk_full(i, false);
      world_.connect(i, (i + 1) % kNodes);
    }
  }

  std::size_t delivered() {
    std::size_t count = 0;
    for (NodeIndex i = 0; i < kNodes; ++i) count += inbox(world_, i).size();
    return count;
  }

  void check() {
    EXPECT_EQ(delivered(), sent_);
    for (NodeIndex i = 0; i < kNodes; ++i) {
      std::vector<std::string> texts = inbox(world_, i);
      std::sort(texts.begin(), texts.end());
      EXPECT_EQ(std::unique(texts.begin(), texts.end()), texts.end()) << "twice at node " << i;
    }
    world_.run_for(20s);
    for (NodeIndex i = 0; i < kNodes; ++i)
      for (const MessageRecord& message : messages(world_, i, Direction::outgoing))
        EXPECT_EQ(message.state, MessageState::delivered) << i << ": " << message.text;
  }

  World world_;
  base::SeededRandom random_;
  std::vector<NodeIndex> liars_;
  std::size_t sent_ = 0;
};

TEST(Swarm, delivers_everything_once_after_healing) {
  if (const char* seed = std::getenv("CHASKI_SEED")) {
    Swarm(std::strtoull(seed, nullptr, 10)).run();
    return;
  }
  const char* more = std::getenv("CHASKI_SEEDS");
  const std::uint64_t seeds = more != nullptr ? std::strtoull(more, nullptr, 10) : 25;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    Swarm(seed).run();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::scenarios
