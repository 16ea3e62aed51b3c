// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sim/contacts/contact.hpp"
#include "sim/mobility/kinetic_grid.hpp"
#include "sim/mobility/mobility.hpp"
#include "sim/mobility/neighbour_lists.hpp"
#include "sim/mobility/time_wheel.hpp"

namespace chaski::sim {

/// On a torus no range is longer than this part of the shorter side.
inline constexpr double kTorusRangeMax = .19;

/// No later: 285 years, up to which a double has every microsecond.
inline constexpr base::Time kFinderEndMax{base::Duration{std::int64_t{1} << 53}};

/// What finding contacts took, in events.
struct FinderCosts {
  std::uint64_t legs = 0;
  std::uint64_t crossings = 0;   ///< of a cell's border
  std::uint64_t candidates = 0;  ///< pairs that were looked at
  std::uint64_t stale = 0;       ///< predictions that a new leg made void
  std::uint64_t changes = 0;     ///< contacts that began or ended
  std::size_t pending_max = 0;   ///< events that waited at once
};

/// Finds exactly when nodes that move come within `range_m` of each other and leave it.
///
/// 1. Two who are on legs are near each other for one interval at most, between the roots of a
///    square equation. Changes are at the first microsecond after a root: there is no time step.
/// 2. Only nodes in the same cell of a grid or in two that touch are compared: when a leg begins,
///    and when one of the two enters a cell. Both are events. Cells begin at about a node each and
///    are divided where nodes gather, never below the range. (A kinetic data structure: Basch,
///    Guibas and Hershberger, "Data structures for mobile data", SODA 1997.)
/// 3. At one time, legs begin and cells are entered first, then contacts end, then others begin,
///    each in the order of node numbers. So a contact goes on over a change of legs, and a touch
///    shorter than a microsecond is none.
/// 4. Contacts at time 0 begin at time 0.
/// 5. When two meet hangs on their legs alone, not on the grid or on who else is there; but for the
///    last bit of a length on a torus.
///
/// What it gives is a function of the mobility's seed, bit by bit. It advances the mobility, which
/// must outlive it and is not advanced by anybody else.
class ContactFinder final : public ContactSource {
 public:
  /// `range_m` is above 0, and on a torus at most kTorusRangeMax of each side; `end` is at most
  /// kFinderEndMax.
  ContactFinder(Mobility& mobility, double range_m, base::Time end);

  std::uint32_t nodes() const override { return mobility_.nodes(); }
  base::Time end() const override { return end_; }
  std::optional<ContactChange> next() override { return next_until(end_); }

  /// The next change if it is at `limit` or before; otherwise nothing, and nodes have moved on to
  /// `limit`. Limits do not go back.
  std::optional<ContactChange> next_until(base::Time limit);

  double range_m() const { return range_m_; }
  /// The nodes within range as of the last change that was given, ascending.
  std::span<const NodeIndex> within_range(NodeIndex node) const { return near_.of(node); }
  /// Where a node is, in the area. `at` is the time of the last change given, or the last limit
  /// when nothing was given, or in between when both are in the node's current leg.
  Point position(NodeIndex node, base::Time at) const;
  /// Around the torus when there is one; times as for position().
  double distance_m(NodeIndex a, NodeIndex b, base::Time at) const;

  const FinderCosts& costs() const { return costs_; }

 private:
  enum class Kind : std::uint8_t { move, down, up };
  struct Event {
    std::uint64_t key = 0;  ///< microseconds * 4 + kind
    NodeIndex a = 0;
    NodeIndex b = 0;              ///< of a move: the step
    std::uint32_t version_a = 0;  ///< of a move: the grid's epoch
    std::uint32_t version_b = 0;
    friend bool operator<(const Event& x, const Event& y) {
      if (x.key != y.key) return x.key < y.key;
      if (x.a != y.a) return x.a < y.a;
      if (x.b != y.b) return x.b < y.b;
      if (x.version_a != y.version_a) return x.version_a < y.version_a;
      return x.version_b < y.version_b;
    }
  };

  void push(std::int64_t at_us, Kind kind, NodeIndex a, NodeIndex b, std::uint32_t version_a,
            std::uint32_t version_b);
  void push_pair(std::int64_t at_us, Kind kind, NodeIndex a, NodeIndex b);
  void plan_move(NodeIndex node);
  void move(NodeIndex node, KineticGrid::Step step);
  void predict_up(NodeIndex a, NodeIndex b);
  void predict_down(NodeIndex a, NodeIndex b);
  bool leaves_by(std::int64_t time_us, NodeIndex a, NodeIndex b) const;
  std::optional<ContactChange> change(const Event& event);
  void divide_when_crowded();
  void prefetch(const Event& event) const;

  Mobility& mobility_;
  double range_m_;
  base::Time end_;
  KineticGrid grid_;
  TimeWheel<Event> wheel_;
  NeighbourLists near_;
  std::int64_t now_us_ = 0;
  std::uint32_t epoch_ = 0;
  std::uint64_t moves_at_look_ = 0;       ///< when it was last asked whether cells are crowded
  std::uint64_t candidates_at_look_ = 0;
  FinderCosts costs_;
};

}  // namespace chaski::sim
