// SPDX-License-Identifier: Apache-2.0
// Weeks among three to five people of whom some introduce others: links break, envelopes come days
// late, twice and through others, and nodes start again at any moment. CHASKI_SEED=n replays one.
#include <cstdlib>
#include <set>

#include "introduction_world.hpp"

namespace chaski::node {
namespace {

using State = IntroductionState;

struct IntroductionHistory {
  using Two = std::pair<std::size_t, std::size_t>;
  static Two two(std::size_t a, std::size_t b) { return {std::min(a, b), std::max(a, b)}; }

  explicit IntroductionHistory(std::uint64_t seed)
      : random(seed * 17 + 3), count(3 + random.below(3)), world(seed, names(count)) {
    // A tree: everybody is reached, and most do not know each other.
    for (std::size_t i = 1; i < count; ++i) befriend(random.below(i), i);
  }
  static std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> all{"anna", "ben", "cleo", "dora", "emil"};
    all.resize(count);
    return all;
  }
  void befriend(std::size_t i, std::size_t j) {
    world.introduce(i, j);
    friends.insert(two(i, j));
  }
  bool are_friends(std::size_t i, std::size_t j) const { return friends.contains(two(i, j)); }
  std::size_t anybody() { return random.below(count); }

  void introduce() {
    const std::size_t by = anybody();
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < count; ++i)
      if (i != by && world.knows(by, i)) others.push_back(i);
    if (others.size() < 2) return;
    const std::size_t first = others[random.below(others.size())];
    const std::size_t second = others[random.below(others.size())];
    if (first == second || world.knows(first, second) || world.knows(second, first)) return;
    const auto number = world.bring(by, first, second);
    if (number) made.push_back({by, *number, first, second});
  }
  /// Somebody looks at what waits for their word.
  void decide(std::size_t who) {
    for (const IntroductionInfo& one : world.list(who)) {
      if (one.ours || one.state != State::offered) continue;
      Node& node = *world.people[who].node;
      const bool yes = random.below(5) != 0;
      if (yes) {
        if (node.accept_introduction(one.number, "", world.now, world.wall(who)))
          agreed.insert({who, one.by, one.name});
      } else {
        EXPECT_TRUE(node.decline_introduction(one.number, world.now, world.wall(who)));
      }
      world.settle(who);
    }
  }
  /// Two come near each other; sometimes the link breaks in the middle.
  void meet() {
    const std::size_t i = anybody();
    const std::size_t j = anybody();
    if (i == j) return;
    const bool torn = random.below(4) == 0;
    world.meet(i, j, torn ? random.below(60) : SIZE_MAX);
  }
  /// Something that is in somebody's store comes to another by another way, and perhaps again.
  void repeat() {
    const std::size_t from = anybody();
    const std::size_t to = anybody();
    if (from == to) return;
    const auto envelopes = world.copy_disk(from).envelopes;
    if (envelopes.empty()) return;
    const auto& bytes = envelopes[random.below(envelopes.size())].second;
    if (world.people[to].node->router().holds(wire::envelope_id(bytes))) return;
    world.carry(to, bytes);
  }
  void step() {
    const std::uint64_t what = random.below(100);
    if (what < 15) {
      introduce();
    } else if (what < 35) {
      decide(anybody());
    } else if (what < 62) {
      meet();
    } else if (what < 82) {
      world.pass(std::chrono::minutes(1 + static_cast<int>(random.below(1'440))));
    } else if (what < 92) {
      world.restart(anybody());
    } else {
      repeat();
    }
    check();
  }

  /// What holds at every moment.
  void check() {
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) {
        if (i == j || are_friends(i, j)) continue;
        // Nobody has a contact, or is told who somebody is, without a yes of both.
        const bool consented = has_agreed(i, j);
        const bool both = consented && has_agreed(j, i);
        if (world.knows(i, j)) {
          EXPECT_TRUE(both) << i << " knows " << j;
        }
        if (world.was_told_of(i, j)) {
          EXPECT_TRUE(both) << i << " was told of " << j;
        }
      }
      for (const ContactRecord& contact : world.people[i].node->contacts()) {
        const auto who = std::find_if(world.people.begin(), world.people.end(),
                                      [&](const auto& p) { return p.name == contact.name; });
        ASSERT_NE(who, world.people.end()) << contact.name;
        EXPECT_EQ(contact.identity, *who->node->identity());
      }
      EXPECT_LE(world.list(i).size(),
                IntroductionBook::kOursMax + IntroductionBook::kTheirsMax);
    }
  }
  bool has_agreed(std::size_t who, std::size_t other) const {
    return std::any_of(agreed.begin(), agreed.end(), [&](const auto& one) {
      return std::get<0>(one) == who && std::get<2>(one) == world.people[other].name;
    });
  }

  void everybody_meets() {
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = i + 1; j < count; ++j) world.meet(i, j);
  }
  /// The mesh is whole for some days: what both agreed to comes about.
  void finish() {
    for (int half = 0; half < 10; ++half) {
      everybody_meets();
      for (std::size_t i = 0; half < 4 && i < count; ++i) decide(i);
      world.pass(12h);
      check();
    }
    for (const Made& one : made) {
      for (const IntroductionInfo& info : world.list(one.by)) {
        if (info.number != one.number || !info.ours) continue;
        const bool both = info.parties[0].reply == IntroductionReply::yes &&
                          info.parties[1].reply == IntroductionReply::yes;
        EXPECT_EQ(info.state == State::met, both) << to_string(info.state);
        if (!both) continue;
        ++told;
        EXPECT_TRUE(world.knows(one.first, one.second)) << one.first << " " << one.second;
        EXPECT_TRUE(world.knows(one.second, one.first)) << one.second << " " << one.first;
        write_both_ways(one.first, one.second);
      }
    }
  }
  void write_both_ways(std::size_t a, std::size_t b) {
    for (const auto& [from, to] : {Two(a, b), Two(b, a)}) {
      const std::string text = "hello " + std::to_string(written++);
      EXPECT_TRUE(world.write(from, to, text));
      world.meet(a, b);
      EXPECT_EQ(world.times_read(to, text), 1) << from << " to " << to;
    }
  }

  struct Made {
    std::size_t by;
    std::uint32_t number;
    std::size_t first;
    std::size_t second;
  };
  base::SeededRandom random;
  std::size_t count;
  IntroductionWorld world;
  std::set<Two> friends;
  std::set<std::tuple<std::size_t, std::string, std::string>> agreed;
  std::vector<Made> made;
  int written = 0;
  int told = 0;
};

/// How many of the introductions of one history came about.
int live_through(std::uint64_t seed) {
  SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
  IntroductionHistory history(seed);
  for (int i = 0; i < 80; ++i) history.step();
  history.finish();
  return history.told;
}

TEST(IntroductionHistories, who_both_agree_meet_and_nobody_else_is_told) {
  if (const char* replay = std::getenv("CHASKI_SEED")) {
    live_through(std::strtoull(replay, nullptr, 10));
    return;
  }
  int told = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    told += live_through(seed);
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GE(told, 12) << "histories in which nobody is introduced say nothing";
}

}  // namespace
}  // namespace chaski::node
