// SPDX-License-Identifier: Apache-2.0
// Messages that come far ahead of others: which of them wait, and for how many exactly.
#include <algorithm>
#include <cstdlib>

#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

using std::chrono::hours;

/// Opens with an hour's patience, as a node does.
base::Expected<Content, OpenFailed> open_patiently(Person& person, base::ByteView sealed,
                                                   base::Time now = {}) {
  TagChanges changes;
  const auto envelope = wire::decode_envelope(sealed);
  auto content = person.session.open(*envelope, now, changes, hours(1));
  person.table.apply(changes);
  return content;
}

struct Ahead : testing::Test {
  base::SeededRandom random{31};
  Pair pair = meet(random);
  std::vector<base::Bytes> sealed;

  void seal(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      sealed.push_back(pair.inviter.seal(std::to_string(sealed.size()), random));
  }
  auto open(std::size_t number, base::Time now = {}) {
    return open_patiently(pair.acceptor, sealed[number], now);
  }
  /// Leaves room for `room` more keys: every second message before `next` was passed over.
  std::size_t fill(std::size_t room) {
    const std::size_t next = 2 * (Session::kSkippedMax - room);
    seal(next + 1'200);
    for (std::size_t number = 1; number < next; number += 2) EXPECT_TRUE(open(number));
    return next;
  }
};

TEST_F(Ahead, WaitsForAsManyAsThereIsNoRoomFor) {
  const std::size_t next = fill(10);
  ASSERT_FALSE(open(next + 11));
  EXPECT_EQ(open(next + 11).error().opens_first, 1u);
  EXPECT_EQ(open(next + 63).error().opens_first, 53u);
  ASSERT_TRUE(open(next + 10)) << "this one just fits";
  EXPECT_EQ(open(next + 11 + 1).error().opens_first, 1u);
  ASSERT_TRUE(open(next + 11)) << "the next in order needs no room";
  ASSERT_TRUE(open(0)) << "one that was passed over makes room";
  ASSERT_TRUE(open(next + 11 + 2));
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
}

TEST_F(Ahead, WaitingChangesNothing) {
  const std::size_t next = fill(0);
  const base::Bytes before = pair.acceptor.session.save();
  ASSERT_FALSE(open(next + 1));
  EXPECT_EQ(pair.acceptor.session.save(), before);
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
}

TEST_F(Ahead, JunkUnderATagDoesNotWait) {
  const std::size_t next = fill(0);
  base::Bytes junk = sealed[next + 1];
  junk.back() ^= 1;
  const auto failed = open_patiently(pair.acceptor, junk);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().opens_first, 0u);
}

TEST_F(Ahead, KeysThatAreOldGiveWayAtOnceAndNoneBefore) {
  const std::size_t next = fill(0);
  EXPECT_FALSE(open(next + 1, base::Time(hours(1)) - base::Duration(1)));
  EXPECT_TRUE(open(next + 1, base::Time(hours(1))));
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
}

TEST_F(Ahead, TheNextEpochWaitsForTheOneBefore) {
  seal(1);
  ASSERT_TRUE(open(0));
  seal(2'999);
  ASSERT_TRUE(open_patiently(pair.inviter, pair.acceptor.seal("go on", random)));
  seal(6);
  // Of the epoch before 2,999 are missing, and five of the next are passed over.
  EXPECT_EQ(open(3'005).error().opens_first, 2'999u + 5 - Session::kSkippedMax);
  for (std::size_t number = 1; number <= 1'003; ++number) ASSERT_TRUE(open(number));
  EXPECT_EQ(open(3'005).error().opens_first, 1u);
  ASSERT_TRUE(open(1'004));
  ASSERT_TRUE(open(3'005));
  for (std::size_t number = 1'005; number < 3'005; ++number) ASSERT_TRUE(open(number)) << number;
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
}

/// A row of messages over some epochs in any order, with a store beside that looks again when the
/// session says so and never else: each opens, and each that waited at the first look.
void any_order(std::uint64_t seed) {
  base::SeededRandom random(seed);
  Pair pair = meet(random);
  std::vector<base::Bytes> left;
  for (std::uint64_t epochs = 1 + random.below(3); epochs > 0; --epochs) {
    const std::uint64_t count = 500 + random.below(4'000);
    for (std::uint64_t i = 0; i < count; ++i) left.push_back(pair.inviter.seal("text", random));
    ASSERT_TRUE(open_patiently(pair.inviter, pair.acceptor.seal("go on", random)));
  }
  for (std::size_t i = left.size(); i > 1; --i) std::swap(left[i - 1], left[random.below(i)]);
  struct Waiting {
    base::Bytes sealed;
    std::size_t due;
  };
  std::vector<Waiting> waiting;
  std::size_t opened = 0;
  const std::size_t all = left.size();
  while (opened < all) {
    const std::size_t before = opened;
    const auto look = [&](const base::Bytes& sealed) {
      if (!pair.acceptor.table.has(wire::decode_envelope(sealed)->tag)) return false;
      const auto content = open_patiently(pair.acceptor, sealed);
      if (content) ++opened;
      if (!content) {
        EXPECT_GT(content.error().opens_first, 0u);
        waiting.push_back({sealed, opened + content.error().opens_first});
      }
      return true;
    };
    std::erase_if(left, [&](const base::Bytes& sealed) {
      const bool looked = look(sealed);
      for (bool more = looked; more;) {
        const auto due = std::find_if(waiting.begin(), waiting.end(),
                                      [&](const Waiting& one) { return one.due <= opened; });
        more = due != waiting.end();
        if (!more) break;
        const Waiting one = std::move(*due);
        waiting.erase(due);
        EXPECT_TRUE(look(one.sealed)) << "a tag that was expected is forgotten";
        EXPECT_EQ(opened, one.due + 1) << "it was said when it opens";
      }
      return looked;
    });
    ASSERT_GT(opened, before) << "nothing opens any more, of " << all << ", at " << opened;
  }
  EXPECT_TRUE(waiting.empty());
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
}

TEST(Backlog, OpensInAnyOrderWhenWhatWaitsIsLookedAtAgain) {
  // CHASKI_SEED=n replays one.
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t count = replay != nullptr ? 1 : 8;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    any_order(seed);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::e2ee::test
