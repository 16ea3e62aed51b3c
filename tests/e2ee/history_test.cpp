// SPDX-License-Identifier: Apache-2.0
// Two people, a mesh that loses, repeats and reorders, and an oracle that knows only numbers.
#include <cstdlib>
#include <map>
#include <optional>

#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

/// What was sealed, in the words of the oracle: epoch and number within it, no cryptography.
struct Sealed {
  base::Bytes envelope;
  int epoch = 0;
  int number = 0;
  int previous_length = 0;
  std::string what;
};

/// The naive oracle of one direction: which (epoch, number) the recipient can open now.
///
/// Says the same as the rules of docs/protocol/e2ee.md in the plainest way: sets of numbers,
/// recomputed at every question.
class Oracle {
 public:
  bool opens(const Sealed& sealed) const {
    if (opened_.contains({sealed.epoch, sealed.number})) return false;
    if (skipped_.contains({sealed.epoch, sealed.number})) return true;
    if (sealed.epoch == epoch_) return in_sight(sealed.number, next_);
    return sealed.epoch == epoch_ + 1 && in_sight(sealed.number, 0);
  }
  void open(const Sealed& sealed) {
    opened_.insert({sealed.epoch, sealed.number});
    if (skipped_.erase({sealed.epoch, sealed.number}) > 0) return;
    if (sealed.epoch == epoch_ + 1) {
      for (int n = next_; epoch_ >= 0 && n < sealed.previous_length; ++n) skip(epoch_, n);
      epoch_ = sealed.epoch;
      next_ = 0;
    }
    for (; next_ < sealed.number; ++next_) skip(epoch_, next_);
    ++next_;
  }
  explicit Oracle(int epoch) : epoch_(epoch) {}
  bool within_limits() const { return skipped_.size() < Session::kSkippedMax; }
  int epoch() const { return epoch_; }

 private:
  void skip(int epoch, int number) { skipped_.insert({epoch, number}); }
  static bool in_sight(int number, int next) {
    if (number < next) return false;
    if (number < next + 64) return true;
    const int first_far = (next + 64 + 31) / 32 * 32;
    return number % 32 == 0 && number < first_far + 32 * 32;
  }
  int epoch_;  ///< newest epoch heard of; -1 before any
  int next_ = 0;
  std::set<std::pair<int, int>> opened_;
  std::set<std::pair<int, int>> skipped_;
};

/// One side as the oracle sees it.
struct Side {
  Person* person;
  Oracle oracle;  ///< of what this side receives
  int epoch = 0;  ///< in which this side sends
  int number = 0;
  int previous = 0;
  std::vector<Sealed> in_flight{};  ///< towards this side
};

class History {
 public:
  explicit History(std::uint64_t seed)
      : random_(seed),
        pair_(meet(random_)),
        sides_{Side{&pair_.inviter, Oracle(0)}, Side{&pair_.acceptor, Oracle(-1)}} {}

  void run(int steps) {
    // How this history behaves: how one-sided, how lossy, how patient.
    const std::uint64_t to_second = 5 + random_.below(91);
    const std::uint64_t send = 20 + random_.below(60);
    const std::uint64_t lose = random_.below(4) == 0 ? random_.below(60) : random_.below(5);
    for (int step = 0; step < steps && !::testing::Test::HasFatalFailure(); ++step) {
      const std::size_t from = random_.below(100) < to_second ? 0 : 1;
      if (random_.below(100) < send) {
        seal(from);
      } else {
        deliver(1 - from, random_.below(100) < lose);
      }
      if (random_.below(50) == 0) restart(random_.below(2));
      if (random_.below(200) == 0) burst(from);
    }
  }

 private:
  void seal(std::size_t from) {
    Side& side = sides_[from];
    Sealed sealed;
    sealed.what =
        std::to_string(from) + ':' + std::to_string(side.epoch) + ':' + std::to_string(side.number);
    sealed.envelope = side.person->seal(sealed.what, random_);
    sealed.epoch = side.epoch;
    sealed.number = side.number++;
    sealed.previous_length = side.previous;
    sides_[1 - from].in_flight.push_back(std::move(sealed));
  }
  void burst(std::size_t from) {
    const std::uint64_t count = 50 + random_.below(200);
    for (std::uint64_t i = 0; i < count; ++i) seal(from);
  }
  void deliver(std::size_t to, bool lose) {
    Side& side = sides_[to];
    if (side.in_flight.empty()) return;
    // Mostly the oldest, sometimes any; sometimes it stays, to come again.
    const std::uint64_t at = random_.below(3) == 0 ? random_.below(side.in_flight.size()) : 0;
    const auto it = side.in_flight.begin() + static_cast<std::ptrdiff_t>(at);
    const Sealed sealed = *it;
    const bool stays = random_.below(10) == 0;
    if (!stays) side.in_flight.erase(it);
    if (lose || !side.oracle.within_limits()) return;
    const bool expected = side.oracle.opens(sealed);
    const auto content = side.person->open(sealed.envelope);
    ASSERT_EQ(content.has_value(), expected) << "to " << to << ' ' << sealed.what;
    if (content) {
      ASSERT_EQ(base::as_text(content->payload), sealed.what);
      const int epoch = side.oracle.epoch();
      side.oracle.open(sealed);
      if (side.oracle.epoch() != epoch) turn(side);
    } else if (!stays) {
      side.in_flight.push_back(sealed);  // the mesh still carries it; perhaps it is in sight later
    }
    if (++delivered_ % 8 == 0) {
      ASSERT_TRUE(side.person->table.equals(side.person->session));
    }
  }
  /// A new ratchet key was heard: what this side sends next is in a new epoch.
  static void turn(Side& side) {
    ++side.epoch;
    side.previous = side.number;
    side.number = 0;
  }
  void restart(std::size_t who) {
    Person& person = *sides_[who].person;
    auto loaded = Session::load(person.session.save());
    ASSERT_TRUE(loaded.has_value());
    person.session = std::move(*loaded);
    ASSERT_TRUE(person.table.equals(person.session));
  }

  base::SeededRandom random_;
  Pair pair_;
  Side sides_[2];
  int delivered_ = 0;
};

TEST(History, EveryMessageWithinLimitsOpensExactlyOnce) {
  // CHASKI_SEED=n replays one history.
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t count = replay != nullptr ? 1 : 40;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    History(seed).run(1'500);
    if (HasFatalFailure()) return;
  }
}

TEST(History, PingPong) {
  base::SeededRandom random(21);
  Pair pair = meet(random);
  for (int i = 0; i < 500; ++i) {
    Person& from = i % 2 == 0 ? pair.inviter : pair.acceptor;
    Person& to = i % 2 == 0 ? pair.acceptor : pair.inviter;
    const auto what = std::to_string(i);
    ASSERT_TRUE(to.reads(from.seal(what, random), what)) << i;
    ASSERT_TRUE(to.table.equals(to.session));
  }
}

TEST(History, ALongRunOneWay) {
  base::SeededRandom random(22);
  Pair pair = meet(random);
  for (int i = 0; i < 20'000; ++i) {
    const auto what = std::to_string(i);
    ASSERT_TRUE(pair.acceptor.reads(pair.inviter.seal(what, random), what)) << i;
  }
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
  EXPECT_EQ(pair.acceptor.table.size(), 2u * (64 + 32));
  ASSERT_TRUE(pair.inviter.reads(pair.acceptor.seal("back", random), "back"));
}

}  // namespace
}  // namespace chaski::e2ee::test
