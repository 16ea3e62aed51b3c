// SPDX-License-Identifier: Apache-2.0
// Afraid of: a small board that misses what its neighbour lacks, or that a daemon cannot talk to.
#include "reconcile/list_exchange.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/reconcile/exchange_pair.hpp"

namespace chaski::reconcile::test {
namespace {

constexpr Role other(Role role) {
  return role == Role::teller ? Role::solver : Role::teller;
}

template <class A, class B>
bool pass(A& from, B& to, std::size_t message_max) {
  base::Bytes message(message_max);
  message.resize(from.write(message));
  if (message.empty()) return false;
  EXPECT_TRUE(to.receive(message));
  return true;
}

/// One exchange of a board with whatever the other side is, until nobody has anything to do.
template <class Other>
struct Meeting {
  ListExchange board;
  Other there;

  Meeting(Role role, const TwoSets& sets, std::size_t message_max)
      : board(role), there(other(role)) {
    for (const ShortId id : sets.a) board.add(id);
    for (const ShortId id : sets.b) there.add(id);
    board.start();
    there.start();
    for (bool more = true; more;) {
      more = board.work();
      more = there.work() || more;
      more = pass(board, there, message_max) || more;
      more = pass(there, board, message_max) || more;
    }
  }
};

std::set<std::uint32_t> set_of(std::span<const std::uint32_t> indices) {
  const std::set<std::uint32_t> out(indices.begin(), indices.end());
  EXPECT_EQ(out.size(), indices.size()) << "something is named twice";
  return out;
}

/// What takes part of `ids`: the smallest of those that are there once.
Ids listed(const Ids& ids) {
  const std::multiset<ShortId> all(ids.begin(), ids.end());
  const std::set<ShortId> each(ids.begin(), ids.end());
  Ids kept;
  for (const ShortId id : each) {
    if (kept.size() == kOpenerListMax) break;
    kept.push_back(id);
  }
  std::erase_if(kept, [&](ShortId id) { return all.count(id) > 1; });
  return kept;
}

std::set<std::uint32_t> not_in(const Ids& ids, const Ids& there) {
  const auto missing = naive_missing(ids, there);
  return {missing.begin(), missing.end()};
}

/// What a board is to offer: what they have not, and what did not take part.
std::set<std::uint32_t> offered(const Ids& ids, const Ids& there) {
  const Ids told = listed(ids);
  const std::set<ShortId> both(told.begin(), told.end()), theirs(there.begin(), there.end());
  std::set<std::uint32_t> out;
  for (std::uint32_t i = 0; i < ids.size(); ++i) {
    if (both.count(ids[i]) == 0 || theirs.count(ids[i]) == 0) out.insert(i);
  }
  return out;
}

template <class Other>
void expect_agreement(Role role, const TwoSets& sets, std::size_t message_max) {
  const Meeting<Other> meeting(role, sets, message_max);
  const Ids told = listed(sets.a);
  EXPECT_FALSE(meeting.board.failed());
  EXPECT_FALSE(meeting.there.failed());
  EXPECT_TRUE(meeting.there.finished());
  const std::set<ShortId> theirs(sets.b.begin(), sets.b.end());
  const bool all_there =
      std::all_of(told.begin(), told.end(), [&](ShortId id) { return theirs.count(id) == 1; });
  // What cannot be told from noise without more work; see the class.
  const bool waits = role == Role::solver && all_there && theirs.size() == told.size() + 36 &&
                     theirs.size() > kOpenerListMax;
  EXPECT_EQ(meeting.board.finished(), !waits);
  EXPECT_EQ(set_of(meeting.board.missing()), offered(sets.a, sets.b));
}

class ListExchangeSizes : public ::testing::TestWithParam<Role> {};

TEST_P(ListExchangeSizes, MeetsADaemon) {
  base::SeededRandom random(17);
  for (const std::size_t shared : {0u, 1u, 4u, 20u, 35u, 36u, 37u, 60u}) {
    for (const std::size_t here : {0u, 1u, 2u, 5u, 16u, 36u, 40u}) {
      for (const std::size_t there : {0u, 1u, 4u, 5u, 31u, 35u, 36u, 37u, 72u, 300u}) {
        const TwoSets sets(random, shared, here, there);
        SCOPED_TRACE(::testing::Message() << shared << " " << here << " " << there);
        expect_agreement<Exchange>(GetParam(), sets, 1 + random.below(300));
        ASSERT_FALSE(HasFailure());
      }
    }
  }
}

TEST_P(ListExchangeSizes, TellsADaemonWhatItListed) {
  base::SeededRandom random(18);
  for (int i = 0; i < 200; ++i) {
    const TwoSets sets(random, random.below(60), random.below(20), random.below(90));
    const Meeting<Exchange> meeting(GetParam(), sets, 61);
    EXPECT_EQ(set_of(meeting.there.missing()), not_in(sets.b, listed(sets.a)));
  }
}

TEST_P(ListExchangeSizes, MeetsItsLike) {
  base::SeededRandom random(19);
  for (int i = 0; i < 200; ++i) {
    const TwoSets sets(random, random.below(36), random.below(40), 0);
    const Meeting<ListExchange> meeting(GetParam(), sets, 61);
    EXPECT_TRUE(meeting.board.finished() && meeting.there.finished());
    EXPECT_EQ(set_of(meeting.board.missing()), offered(sets.a, listed(sets.b)));
    EXPECT_EQ(set_of(meeting.there.missing()), offered(sets.b, listed(sets.a)));
  }
}

TEST_P(ListExchangeSizes, LeavesOutWhatIsThereTwice) {
  base::SeededRandom random(20);
  TwoSets sets(random, 10, 3, 50);
  sets.a.push_back(sets.a[4]);
  sets.a.push_back(sets.a[4]);
  sets.a.push_back(sets.a[7]);
  expect_agreement<Exchange>(GetParam(), sets, 100);
}

INSTANTIATE_TEST_SUITE_P(Roles, ListExchangeSizes, ::testing::Values(Role::teller, Role::solver));

RC_GTEST_PROP(ListExchange, OfALiarNothingIsLearntTwice, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const TwoSets sets(random, random.below(70), 0, 0);
  ListExchange board(random.below(2) == 0 ? Role::teller : Role::solver);
  for (const ShortId id : sets.a) board.add(id);
  board.start();
  for (int i = 0; i < 20; ++i) {
    base::Bytes message(1 + random.below(120));
    random.fill(message);
    if (i == 0 && message.size() > 2) message[1] = message[2] = 0;
    (void)board.receive(message);
    for (int piece = 0; board.work(); ++piece) RC_ASSERT(piece < 3);
  }
  const auto missing = board.missing();
  const std::set<std::uint32_t> each(missing.begin(), missing.end());
  RC_ASSERT(each.size() == missing.size());
  const bool known = each.empty() || *each.rbegin() < sets.a.size();
  RC_ASSERT(known);
  RC_ASSERT(board.memory_used() < 4'096u);
}

}  // namespace
}  // namespace chaski::reconcile::test
