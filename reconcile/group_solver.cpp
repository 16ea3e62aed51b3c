// SPDX-License-Identifier: Apache-2.0
#include "reconcile/group_solver.hpp"

#include <algorithm>
#include <utility>

#include "reconcile/sketch_with.hpp"

namespace chaski::reconcile {

namespace {

/// Parts that one step looks at before one of them is solved; to refuse one takes a tenth of what
/// it takes to solve one, and only what it was told since.
constexpr int kTries = 8;
/// How often a part may be tried with no syndrome to spare, in the mean: more than an honest group
/// needs, and a bound for one in which every row solves just one part.
constexpr std::size_t kLastTries = 4;

}  // namespace

GroupSolver::GroupSolver(Shares shares)
    : shares_(std::move(shares)),
      rows_(shares_),
      known_(shares_.base),
      last_tries_left_(kLastTries * shares_.parts) {}

void GroupSolver::add_part(std::vector<Element> difference, std::span<const Element> own) {
  const std::size_t part = parts_.size();
  rows_.add(part, own);
  parts_.push_back({std::move(difference), {}, false, std::nullopt});
  if (!try_to_solve(part, known_ - 1)) unsolved_.push_back(part);
  next_ = unsolved_.size();
}

void GroupSolver::wait() {
  rows_ = SharedRows(Shares{});
  for (Part& part : parts_) part.locator.reset();  // it is for more when it goes on
}

void GroupSolver::extend(std::vector<std::uint8_t> lengths) {
  wait();
  shares_.lengths = std::move(lengths);
  rows_ = SharedRows(shares_);
  rows_added_ = own_added_ = 0;
  next_ = unsolved_.size();
  last_try_ = false;
  last_tries_left_ += unsolved_.size();
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    if (parts_[part].solved) take_out(part);
  }
}

std::size_t GroupSolver::row_rest() const {
  const std::size_t before = rows_added_ < received_.size() ? received_[rows_added_].size() : 0;
  return shares_.lengths[rows_added_] - before;
}

void GroupSolver::add_row(std::span<const Element> received) {
  if (rows_added_ == received_.size()) received_.emplace_back();
  std::vector<Element>& all = received_[rows_added_];
  all.insert(all.end(), received.begin(), received.end());
  const std::span<Element> row = rows_.row(rows_added_++);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] ^= all[i];
}

void GroupSolver::take_out(std::size_t part) {
  std::vector<Element> shared(shares_.longest());
  add_power_sums(parts_[part].ids, shares_.base, shared);
  rows_.add(part, shared);
}

/// What is solved with fewer ids than syndromes is certain; one that would need all of them can
/// mostly be had cheaper with a syndrome more, and is tried when there is none.
bool GroupSolver::step() {
  for (int tries = 0; next_ < unsolved_.size() && tries < kTries; ++tries) {
    if (!try_to_solve(unsolved_[next_], last_try_ ? known_ : known_ - 1)) {
      ++next_;
      continue;
    }
    unsolved_.erase(unsolved_.begin() + static_cast<std::ptrdiff_t>(next_));
    progress_ = true;
    return true;
  }
  if (next_ < unsolved_.size()) return true;
  if (unsolved_.empty()) return false;
  if (shares_.known(unsolved_.size()) > known_) {
    learn();
    return true;
  }
  return (!last_try_ || progress_) && begin_last_try();
}

bool GroupSolver::begin_last_try() {
  if (last_tries_left_ < unsolved_.size()) return false;
  last_tries_left_ -= unsolved_.size();
  last_try_ = true;
  next_ = 0;
  progress_ = false;
  return true;
}

void GroupSolver::learn() {
  const std::size_t known = shares_.known(unsolved_.size());
  const std::vector<Element> more =
      rows_.solve(unsolved_, known_ - shares_.base, known - shares_.base);
  auto from = more.begin();
  for (const std::size_t part : unsolved_) {
    const auto to = from + static_cast<std::ptrdiff_t>(known - known_);
    parts_[part].syndromes.insert(parts_[part].syndromes.end(), from, to);
    from = to;
  }
  known_ = known;
  next_ = 0;
  last_try_ = false;
}

bool GroupSolver::try_to_solve(std::size_t index, std::size_t most) {
  Part& part = parts_[index];
  if (!part.locator) part.locator.emplace(kernel(), shares_.base + shares_.longest());
  Locator& locator = *part.locator;
  while (locator.sums() < part.syndromes.size()) locator.add(part.syndromes[locator.sums()]);
  if (locator.length() > most) return false;
  auto ids = roots_of(kernel(), locator.polynomial());
  if (!ids) return false;
  part.solved = true;
  part.ids = std::move(*ids);
  part.syndromes = {};
  part.locator.reset();
  take_out(index);
  return true;
}

std::size_t GroupSolver::memory_used() const {
  std::size_t elements = rows_.size();
  for (const auto& row : received_) elements += row.capacity();
  for (const Part& part : parts_) {
    elements += part.syndromes.capacity() + part.ids.capacity();
    if (part.locator) elements += 5 * (shares_.base + shares_.longest());
  }
  return elements * sizeof(Element) + parts_.capacity() * sizeof(Part);
}

}  // namespace chaski::reconcile
