// SPDX-License-Identifier: Apache-2.0
// Afraid of: a neighbour that tells from age and hops whether who gave it a message also wrote it.
#include <gtest/gtest.h>

#include "node/origin.hpp"
#include "tests/mesh-router/liar.hpp"

namespace chaski::scenarios {
namespace {

using namespace mesh_router::test;

constexpr int kTrials = 1'500;  ///< of each sort
constexpr double kMarginMax = 0.08;

struct Seen {
  wire::CarryState state;
  bool written_there = false;  ///< by the neighbour that handed it over
};

/// What an observer beside B sees of messages that B wrote and of those that its neighbour A wrote.
std::vector<Seen> observe(std::uint64_t seed) {
  Net net(seed);
  net.add().keeps_disk = false;
  net.add().keeps_disk = false;
  net.connect(0, 1);
  Liar observer(net, 1, 1);
  observer.claim({});
  std::uint64_t heard = 0;
  std::vector<Seen> seen;
  for (int trial = 0; trial < 2 * kTrials; ++trial) {
    const bool written_there = net.random.below(2) == 0;
    const Message message = make_message(net.random);
    const auto state = node::initial_carry_state(net.random);
    EXPECT_TRUE(net[written_there ? 1 : 0].router().submit(message.bytes, state, net.now));
    net[0].settle(net.now);
    net[1].settle(net.now);
    net.run(50ms);
    for (const auto& [type, payload] : observer.hear()) {
      if (type != wire::RecordType::envelope) continue;
      seen.push_back({wire::decode_carried(payload)->state, written_there});
      observer.acknowledge(++heard);
    }
  }
  return seen;
}

struct Rule {
  std::uint8_t hops_min = 0;
  std::uint64_t age_max_ms = ~std::uint64_t{0};

  bool says_written_there(const wire::CarryState& state) const {
    return state.hops_left >= hops_min && state.age_ms <= age_max_ms;
  }
  double right(const std::vector<Seen>& seen) const {
    const auto hits = std::count_if(seen.begin(), seen.end(), [this](const Seen& one) {
      return says_written_there(one.state) == one.written_there;
    });
    return static_cast<double>(hits) / static_cast<double>(seen.size());
  }
};

/// The rule that guesses best where the truth is known.
Rule learn(const std::vector<Seen>& seen) {
  Rule best;
  for (std::uint8_t hops = 0; hops <= wire::kHopsMax; ++hops) {
    for (std::uint64_t age_ms = 1'000; age_ms <= 61'000; age_ms += 1'000) {
      const Rule rule{hops, age_ms};
      if (rule.right(seen) > best.right(seen)) best = rule;
    }
  }
  return best;
}

TEST(Author, is_guessed_from_hops_and_age_hardly_better_than_by_chance) {
  const std::vector<Seen> known = observe(1);
  const std::vector<Seen> unknown = observe(2);
  ASSERT_EQ(known.size(), 2u * kTrials);
  ASSERT_EQ(unknown.size(), 2u * kTrials);
  const double right = learn(known).right(unknown);
  RecordProperty("right_percent", std::to_string(100 * right));
  std::printf("[  author  ] guessed right in %.1f %% of cases\n", 100 * right);
  EXPECT_LT(right, 0.5 + kMarginMax);
}

}  // namespace
}  // namespace chaski::scenarios
