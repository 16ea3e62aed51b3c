// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "reconcile/sketch.hpp"

namespace chaski::reconcile {

/// Makes `count` power sums from number `first` on, a bounded number of products at a time.
class SketchJob {
 public:
  SketchJob() = default;
  SketchJob(std::span<const ShortId> ids, std::size_t first, std::size_t count)
      : ids_(count == 0 ? ids.first(0) : ids), first_(first), sums_(count) {}

  bool done() const { return ids_.empty(); }
  /// A piece of it, unless done().
  void work() {
    if (done()) return;
    const auto piece = ids_.first(std::min(ids_.size(), 1 + kProducts / sums_.size()));
    add_power_sums(piece, first_, sums_);
    ids_ = ids_.subspan(piece.size());
  }
  std::vector<Element> take() { return std::move(sums_); }

 private:
  static constexpr std::size_t kProducts = 250'000;  // about 0.5 ms with carry-less multiplication

  std::span<const ShortId> ids_;
  std::size_t first_ = 0;
  std::vector<Element> sums_;
};

}  // namespace chaski::reconcile
