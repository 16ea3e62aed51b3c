// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "reconcile/locator.hpp"
#include "reconcile/shared_rows.hpp"
#include "reconcile/sketch.hpp"

namespace chaski::reconcile {

/// Solves the parts of a group together: what a solved part adds to the rows is taken out, and what
/// is left in them gives the unsolved ones more syndromes, until all are solved or the rows end.
///
/// Use: add_part() for each, add_row() for each, then step() while it says so. When parts are left,
/// from there on: extend(), add_own() for each part, add_row() for each, and step() again.
class GroupSolver {
 public:
  struct Part {
    std::vector<Element> syndromes;  ///< of the difference, as far as known, while unsolved
    std::vector<ShortId> ids;        ///< the difference, ascending, when solved
    bool solved = false;
    std::optional<Locator> locator;  ///< of the syndromes, while unsolved
  };

  explicit GroupSolver(Shares shares);

  const Shares& shares() const { return shares_; }
  /// The next part: shares().base syndromes of its difference, and shares().longest() of our own
  /// ids there from `base` on. Tries to solve it.
  void add_part(std::vector<Element> difference, std::span<const Element> own);
  /// Frees what extend() makes anew; until then nothing but that may be called.
  void wait();
  /// Goes on with longer rows, and maybe more of them.
  void extend(std::vector<std::uint8_t> lengths);
  /// Of the next part shares().longest() syndromes of our own ids, from `base` on.
  void add_own(std::span<const Element> own) { rows_.add(own_added_++, own); }
  /// How much of the next row was not received before.
  std::size_t row_rest() const;
  /// That rest of the next row.
  void add_row(std::span<const Element> received);
  std::size_t rows_added() const { return rows_added_; }

  /// A piece of work, about one decoding; false when nothing more can be solved. Then every
  /// unsolved part has shares().known(unsolved().size()) syndromes.
  bool step();
  std::span<const std::size_t> unsolved() const { return unsolved_; }
  std::span<const Part> parts() const { return parts_; }
  std::span<Part> parts() { return parts_; }
  std::size_t memory_used() const;

 private:
  bool try_to_solve(std::size_t part, std::size_t most);
  bool begin_last_try();
  void learn();
  void take_out(std::size_t part);

  Shares shares_;
  SharedRows rows_;
  std::vector<Part> parts_;
  std::vector<std::size_t> unsolved_;
  std::vector<std::vector<Element>> received_;  // rows
  std::size_t rows_added_ = 0;
  std::size_t own_added_ = 0;
  std::size_t known_;     // syndromes of each unsolved part
  std::size_t next_ = 0;  // of unsolved_, to be tried with what is known
  bool last_try_ = false; // also those with as many ids as syndromes
  bool progress_ = false;
  std::size_t last_tries_left_;  // of parts; each costs as much as a sketch of noise
};

}  // namespace chaski::reconcile
