// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "reconcile/kernel.hpp"
#include "reconcile/items.hpp"

namespace chaski::reconcile {

/// How many syndromes a group of parts is told: `base` of each part, and of the sums of them all in
/// row r those from `base` up to base + lengths[r]. Lengths do not grow; there are at most as many
/// rows as parts.
///
/// With u parts unsolved, u rows give their syndromes as far as the u-th row goes: so the part with
/// the most differences may have base + lengths[0] of them, the next one base + lengths[1], and so
/// on. What one part does not need, another one has.
struct Shares {
  std::size_t parts = 0;
  std::size_t base = 0;
  std::vector<std::uint8_t> lengths;

  /// Syndromes of a part from `base` on that go into the rows.
  std::size_t longest() const { return lengths.empty() ? 0 : lengths.front(); }
  /// Syndromes that are known of each unsolved part when `unsolved` are left.
  std::size_t known(std::size_t unsolved) const;
  /// Whether it is as above and within the limits.
  bool valid() const;
  /// Whether these may follow `before`, which left so many unsolved: no row is shorter, and the
  /// unsolved parts learn at least kMoreMin syndromes, or all that there may be.
  bool valid_after(const Shares& before, std::size_t unsolved) const;
};

/// Sums over the parts of a group of their syndromes from shares.base on: in row r part i counts
/// (i + 1)^r times, as elements of the field. Any u rows from the first on are as good as the
/// syndromes of any u parts, since a matrix of Vandermonde is regular (the construction is that of
/// generalized concatenated codes; Blokh and Zyablov, 1974).
class SharedRows {
 public:
  explicit SharedRows(const Shares& shares);

  /// Adds shares.longest() syndromes, of part i; adding them again takes them away.
  void add(std::size_t part, std::span<const Element> syndromes);
  std::size_t size() const { return sums_.size(); }
  /// Row r, as long as it is told.
  std::span<Element> row(std::size_t r) {
    return std::span(sums_).subspan(r * stride_, lengths_[r]);
  }
  /// The syndromes `first` up to `last` (counted from shares.base on) of these parts, when all
  /// other parts are taken away: last - first for each part, one part behind the other. Rows from
  /// the first to the parts.size()-th must be at least `last` long.
  std::vector<Element> solve(std::span<const std::size_t> parts, std::size_t first,
                             std::size_t last) const;

 private:
  std::vector<std::uint8_t> lengths_;
  std::size_t stride_;
  std::vector<Element> sums_;
};

}  // namespace chaski::reconcile
