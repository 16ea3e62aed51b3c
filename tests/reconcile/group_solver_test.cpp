// SPDX-License-Identifier: Apache-2.0
// Afraid of: a part that one more row would have solved, and of a row that is taken for another.
#include "reconcile/group_solver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/random.hpp"
#include "reconcile/field.hpp"

namespace chaski::reconcile {
namespace {

using Ids = std::vector<ShortId>;

/// What two sides have in each part of a group: nothing here but differences, half on each side.
struct Parts {
  std::vector<Ids> theirs, ours, all;

  Parts(base::Random& random, std::span<const std::size_t> sizes) {
    for (const std::size_t size : sizes) {
      Ids ids;
      while (ids.size() < size) {
        ids.push_back(1 + random.below(kFieldMask));
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
      }
      theirs.emplace_back();
      ours.emplace_back();
      for (const ShortId id : ids) (random.below(2) == 0 ? theirs : ours).back().push_back(id);
      all.push_back(std::move(ids));
    }
  }
};

std::vector<Element> syndromes(const Ids& ids, std::size_t first, std::size_t count) {
  std::vector<Element> sums(count);
  if (count > 0) add_power_sums(ids, first, sums);
  return sums;
}

/// Row r as the document defines it, product by product.
std::vector<Element> naive_row(const std::vector<Ids>& parts, const Shares& shares, std::size_t r) {
  std::vector<Element> row(shares.lengths[r]);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Element scale = 1;
    for (std::size_t times = 0; times < r; ++times) scale = multiply(scale, i + 1);
    const auto part = syndromes(parts[i], shares.base, row.size());
    for (std::size_t k = 0; k < row.size(); ++k) row[k] ^= multiply(scale, part[k]);
  }
  return row;
}

void run(GroupSolver& solver) {
  for (int steps = 0; solver.step(); ++steps) ASSERT_LT(steps, 20'000);
}

GroupSolver solved_with(const Parts& parts, const Shares& shares) {
  GroupSolver solver(shares);
  for (std::size_t i = 0; i < shares.parts; ++i) {
    solver.add_part(syndromes(parts.all[i], 0, shares.base),
                    syndromes(parts.ours[i], shares.base, shares.longest()));
  }
  for (std::size_t r = 0; r < shares.lengths.size(); ++r) {
    solver.add_row(naive_row(parts.theirs, shares, r));
  }
  run(solver);
  return solver;
}

/// Which parts the rule of the document leaves unsolved.
std::vector<std::size_t> naive_unsolved(const Parts& parts, const Shares& shares) {
  std::vector<std::size_t> left(shares.parts);
  std::iota(left.begin(), left.end(), std::size_t{0});
  for (std::size_t known = shares.base;;) {
    std::erase_if(left, [&](std::size_t i) { return parts.all[i].size() <= known; });
    const std::size_t more = shares.known(left.size());
    if (left.empty() || more <= known) return left;
    known = more;
  }
}

void expect_as_said(const GroupSolver& solver, const Parts& parts, const Shares& shares) {
  const auto left = naive_unsolved(parts, shares);
  EXPECT_TRUE(std::ranges::equal(solver.unsolved(), left));
  for (std::size_t i = 0; i < shares.parts; ++i) {
    const GroupSolver::Part& part = solver.parts()[i];
    EXPECT_EQ(part.solved, std::find(left.begin(), left.end(), i) == left.end());
    if (part.solved) EXPECT_EQ(part.ids, parts.all[i]);
    else EXPECT_EQ(part.syndromes, syndromes(parts.all[i], 0, shares.known(left.size())));
  }
}

std::vector<std::uint8_t> random_lengths(base::Random& random, std::size_t rows, std::size_t most) {
  std::vector<std::uint8_t> lengths(rows);
  for (auto& length : lengths) length = static_cast<std::uint8_t>(random.below(most + 1));
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  return lengths;
}

TEST(GroupSolver, SolvesWhatTheRowsAllowAndNoLess) {
  std::size_t whole = 0, none = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    base::SeededRandom random(seed);
    const std::size_t count = 2 + random.below(seed % 10 == 0 ? 63 : 8);
    std::vector<std::size_t> sizes(count);
    for (auto& size : sizes) size = random.below(40);
    const Parts parts(random, sizes);
    Shares shares{count, 16 + random.below(8), {}};
    shares.lengths = random_lengths(random, random.below(count + 1), 24);
    ASSERT_TRUE(shares.valid());
    const GroupSolver solver = solved_with(parts, shares);
    expect_as_said(solver, parts, shares);
    whole += solver.unsolved().empty() ? 1u : 0u;
    none += solver.unsolved().size() == count ? 1u : 0u;
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(whole, 10u);
  EXPECT_GT(none, 0u);
}

TEST(GroupSolver, GoesOnWithLongerRows) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    base::SeededRandom random(seed);
    const std::size_t count = 2 + random.below(10);
    std::vector<std::size_t> sizes(count);
    for (auto& size : sizes) size = 20 + random.below(60);
    const Parts parts(random, sizes);
    Shares shares{count, 20 + random.below(20), {}};
    shares.lengths = random_lengths(random, random.below(count + 1), 20);
    GroupSolver solver = solved_with(parts, shares);
    while (!solver.unsolved().empty()) {
      const std::size_t left = solver.unsolved().size();
      const Shares before = shares;
      shares.lengths.resize(std::max(shares.lengths.size(), left));
      for (std::size_t r = 0; r < left; ++r) {
        shares.lengths[r] = static_cast<std::uint8_t>(shares.lengths[r] + kMoreMin +
                                                      random.below(10) / 9 * 5);
      }
      std::sort(shares.lengths.begin(), shares.lengths.end(), std::greater<>());
      ASSERT_TRUE(shares.valid_after(before, left));
      solver.extend(shares.lengths);
      for (const Ids& ids : parts.ours) {
        solver.add_own(syndromes(ids, shares.base, shares.longest()));
      }
      for (std::size_t r = 0; r < shares.lengths.size(); ++r) {
        const auto row = naive_row(parts.theirs, shares, r);
        solver.add_row(std::span(row).last(solver.row_rest()));
      }
      run(solver);
      expect_as_said(solver, parts, shares);
      ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
  }
}

/// Noise in every row and part: nothing is solved, and it ends.
TEST(GroupSolver, NoiseIsNotSolved) {
  base::SeededRandom random(3);
  Shares shares{64, 64, std::vector<std::uint8_t>(64, 64)};
  const auto noise = [&](std::size_t count) {
    std::vector<Element> elements(count);
    for (Element& element : elements) element = random.below(kFieldMask);
    return elements;
  };
  GroupSolver solver(shares);
  for (int part = 0; part < 64; ++part) solver.add_part(noise(64), noise(64));
  for (int row = 0; row < 64; ++row) solver.add_row(noise(64));
  run(solver);
  EXPECT_EQ(solver.unsolved().size(), 64u);
}

TEST(Shares, LimitsAreThoseOfTheDocument) {
  EXPECT_TRUE((Shares{2, 16, {}}.valid()));
  EXPECT_TRUE((Shares{64, 16, std::vector<std::uint8_t>(64, 112)}.valid()));
  EXPECT_FALSE((Shares{1, 16, {}}.valid()));
  EXPECT_FALSE((Shares{65, 16, {}}.valid()));
  EXPECT_FALSE((Shares{2, 15, {}}.valid()));
  EXPECT_FALSE((Shares{2, 16, {1, 1, 1}}.valid()));
  EXPECT_FALSE((Shares{2, 16, {1, 2}}.valid()));
  EXPECT_FALSE((Shares{2, 16, {113}}.valid()));
  EXPECT_FALSE((Shares{2, 129, {}}.valid()));

  const Shares before{4, 20, {9, 5, 2}};
  EXPECT_EQ(before.known(1), 29u);
  EXPECT_EQ(before.known(3), 22u);
  EXPECT_EQ(before.known(4), 20u);
  EXPECT_TRUE((Shares{4, 20, {13, 5, 2}}.valid_after(before, 1)));
  EXPECT_FALSE((Shares{4, 20, {12, 5, 2}}.valid_after(before, 1)));
  EXPECT_TRUE((Shares{4, 20, {9, 5, 4, 4}}.valid_after(before, 4)));
  EXPECT_FALSE((Shares{4, 20, {9, 4, 4, 4}}.valid_after(before, 4)));
  EXPECT_FALSE((Shares{4, 20, {13, 5}}.valid_after(before, 1)));
  const Shares nearly{4, 20, {107, 5, 2}};
  EXPECT_TRUE((Shares{4, 20, {108, 5, 2}}.valid_after(nearly, 1)));
}

}  // namespace
}  // namespace chaski::reconcile
