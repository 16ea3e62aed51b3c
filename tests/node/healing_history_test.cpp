// SPDX-License-Identifier: Apache-2.0
// Months in the life of two and three people whose disks die, come back from a backup or are put
// back as they once were. CHASKI_SEED=n replays one.
#include <cstdlib>

#include "healing_world.hpp"

namespace chaski::node {
namespace {

struct History {
  enum class Loss : std::uint8_t { restores, roll_backs };

  History(std::uint64_t seed, std::size_t count, Loss loss)
      : world(seed, names(count)), random(seed * 31 + 7), loss_(loss) {
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = i + 1; j < count; ++j) world.introduce(i, j);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = i + 1; j < count; ++j) world.live(i, j);
    for (std::size_t i = 0; i < count; ++i) keep(i);
  }
  static std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> all{"ana", "ben", "eve"};
    all.resize(count);
    return all;
  }

  void keep(std::size_t i) {
    world.settle(i);
    backups[i] = world.back_up(i);
    if (loss_ == Loss::roll_backs) disks.insert_or_assign(i, world.copy_disk(i));
  }
  std::size_t anybody() { return random.below(world.people.size()); }
  std::size_t other_than(std::size_t i) {
    return (i + 1 + random.below(world.people.size() - 1)) % world.people.size();
  }

  /// Until when what `from` seals now for `to` can be opened: they have the session, or they will
  /// know the answer that makes it, if it is not too old before.
  base::Time opens_until(std::size_t from, std::size_t to) {
    const auto all = world.sessions(from, to);
    const HeldSession& writing = all[*writing_index(all)];
    // Two answers to one invitation have one tag, and different generations.
    const auto theirs = world.sessions(to, from);
    if (std::any_of(theirs.begin(), theirs.end(), [&](const HeldSession& held) {
          return held.answer_tag == writing.answer_tag && held.generation == writing.generation;
        })) {
      return world.now + kDay * 13;
    }
    const wire::DeliveryTag session = writing.answer_tag;
    const auto ours = world.standing(to, from).ours;
    const bool known = std::any_of(ours.begin(), ours.end(), [&](const auto& one) {
      return one.given.answer_tag() == session;
    });
    return known ? world.standing(from, to).healed_at + kDay * 13 : base::Time{};
  }

  /// Messages written in a session whose keys an old state knows too are nobody's promise.
  bool is_tainted(std::size_t from, std::size_t to) {
    const wire::DeliveryTag session = world.writes_in(from, to);
    return std::find(tainted.begin(), tainted.end(), session) != tainted.end();
  }

  void write() {
    const std::size_t from = anybody();
    const std::size_t to = other_than(from);
    const std::string text = std::to_string(written++);
    if (!world.write(from, to, text)) return;  // needs_meeting
    if (!is_tainted(from, to)) promised[{from, to}].push_back({text, opens_until(from, to)});
  }
  void meet() {
    const std::size_t i = anybody();
    const std::size_t j = other_than(i);
    // Twice: a message of some age is only shown, and when that was before the answer that makes
    // its session it is shown again the next time.
    world.meet(i, j);
    world.meet(i, j);
    for (const auto& [from, to] : {std::pair(i, j), std::pair(j, i)}) {
      for (const auto& [text, until] : std::exchange(promised[{from, to}], {})) {
        if (until < world.now) continue;
        EXPECT_EQ(world.times_read(to, text), 1) << text << " to " << to;
        ++kept_promises;
      }
    }
  }
  void taint(std::size_t i) {
    for (std::size_t j = 0; j < world.people.size(); ++j) {
      if (j == i) continue;
      for (const HeldSession& held : world.sessions(i, j)) tainted.push_back(held.answer_tag);
      if (loss_ == Loss::restores) continue;
      for (const auto& one : world.standing(i, j).ours) tainted.push_back(one.given.answer_tag());
    }
  }
  /// What was on its way from or to them may be lost with their disk.
  void lose(std::size_t i) {
    for (auto& [pair, texts] : promised)
      if (pair.first == i || pair.second == i) texts.clear();
    // Both lives may answer one invitation, and which answer comes first is chance; an old disk
    // even has the same sessions and secrets.
    taint(i);
    if (loss_ == Loss::restores) {
      world.restore(i, backups[i]);
    } else {
      world.roll_back(i, disks.at(i));
      taint(i);
    }
    ++losses;
  }

  void step() {
    const std::uint64_t what = random.below(100);
    if (what < 40) {
      write();
    } else if (what < 70) {
      meet();
    } else if (what < 84) {
      world.pass(std::chrono::hours(1 + static_cast<int>(random.below(60))));
    } else if (what < 90) {
      world.restart(anybody());
    } else if (what < 94) {
      keep(anybody());
    } else if (what < 97) {
      const std::size_t i = anybody();
      if (world.people[i].node->heal(world.people[other_than(i)].name, world.now)) world.settle(i);
    } else {
      lose(anybody());
    }
  }

  /// Whatever happened: with some weeks of writing and meeting it is well again, or says that they
  /// have to meet, and then it is.
  void get_well(std::size_t i, std::size_t j) {
    for (int day = 0; day < 40 && !well(i, j); ++day) {
      (void)world.write(i, j, "day " + std::to_string(written++), 3'600);
      (void)world.write(j, i, "day " + std::to_string(written++), 3'600);
      world.live(i, j);
    }
    if (!well(i, j)) {
      world.introduce(i, j);
      world.live(i, j);
      ++met_again;
    }
    for (const auto& [from, to] : {std::pair(i, j), std::pair(j, i)}) {
      const std::string text = "well " + std::to_string(written++);
      EXPECT_TRUE(world.write(from, to, text));
      world.meet(i, j);
      EXPECT_EQ(world.times_read(to, text), 1);
    }
    EXPECT_EQ(world.writes_in(i, j), world.writes_in(j, i));
  }
  bool well(std::size_t i, std::size_t j) {
    for (const auto& [from, to] : {std::pair(i, j), std::pair(j, i)}) {
      const std::string text = "probe " + std::to_string(written++);
      if (!world.write(from, to, text)) return false;
      world.meet(i, j);
      if (!world.was_read(to, text)) return false;
    }
    return world.writes_in(i, j) == world.writes_in(j, i);
  }
  /// Nobody reads anything twice within what their disk remembers; with restores alone never.
  void check_once() {
    if (loss_ == Loss::roll_backs) return;
    for (const auto& one : world.people) {
      std::vector<std::string> read = one.read;
      std::sort(read.begin(), read.end());
      EXPECT_EQ(std::adjacent_find(read.begin(), read.end()), read.end());
    }
  }
  void check_pins(const std::vector<e2ee::IdentityPublic>& identities) {
    for (std::size_t i = 0; i < world.people.size(); ++i) {
      EXPECT_EQ(*world.people[i].node->identity(), identities[i]);
      EXPECT_EQ(world.people[i].node->contacts().size(), world.people.size() - 1);
      for (const ContactRecord& contact : world.people[i].node->contacts()) {
        const auto who = std::find_if(world.people.begin(), world.people.end(),
                                      [&](const auto& p) { return p.name == contact.name; });
        ASSERT_NE(who, world.people.end());
        EXPECT_EQ(contact.identity,
                  identities[static_cast<std::size_t>(who - world.people.begin())]);
      }
      EXPECT_LE(world.sessions(i, (i + 1) % world.people.size()).size(),
                ContactBook::kSessionsMax);
    }
  }

  struct Promise {
    std::string text;
    base::Time until;
  };

  HealingWorld world;
  base::SeededRandom random;
  Loss loss_;
  std::vector<wire::DeliveryTag> tainted;
  std::map<std::size_t, HealingWorld::Backup> backups;
  std::map<std::size_t, HealingWorld::Disk> disks;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Promise>> promised;
  int written = 0;
  int kept_promises = 0;
  int losses = 0;
  int met_again = 0;
};

void go_through(History::Loss loss, std::size_t people, int histories, int steps) {
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t count = replay != nullptr ? 1 : static_cast<unsigned>(histories);
  const std::uint64_t end = first + count;
  int promises = 0;
  int losses = 0;
  int met_again = 0;
  for (std::uint64_t seed = first; seed < end; ++seed) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    History history(seed, people, loss);
    std::vector<e2ee::IdentityPublic> identities;
    for (const auto& one : history.world.people) identities.push_back(*one.node->identity());
    for (int i = 0; i < steps; ++i) history.step();
    for (std::size_t i = 0; i < people; ++i)
      for (std::size_t j = i + 1; j < people; ++j) history.get_well(i, j);
    history.check_once();
    history.check_pins(identities);
    if (testing::Test::HasFailure()) return;
    promises += history.kept_promises;
    losses += history.losses;
    met_again += history.met_again;
  }
  if (replay != nullptr) return;
  EXPECT_GT(promises, histories * steps / 20);
  EXPECT_GT(losses, histories);
  EXPECT_LT(met_again, losses / 2) << "healing is the rule";
}

TEST(HealingHistory, of_two_with_backups) { go_through(History::Loss::restores, 2, 12, 120); }
TEST(HealingHistory, of_three_with_backups) { go_through(History::Loss::restores, 3, 5, 150); }
TEST(HealingHistory, of_two_whose_disks_are_put_back) {
  go_through(History::Loss::roll_backs, 2, 12, 120);
}

}  // namespace
}  // namespace chaski::node
