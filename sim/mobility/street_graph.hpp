// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sim/mobility/geometry.hpp"

namespace chaski::sim {

/// A place where streets meet, bend or end, from 0 on.
using Corner = std::uint32_t;

/// More corners than any city has.
inline constexpr std::uint32_t kCornersMax = 1u << 20;

/// Straight streets between corners, which are walked both ways.
class StreetGraph {
 public:
  struct Street {
    Corner to = 0;
    double length_m = 0;
    friend bool operator==(const Street&, const Street&) = default;
  };

  /// At most kCornersMax corners. A street that is named twice is one; one from a corner to itself
  /// is none.
  StreetGraph(std::vector<Point> corners, std::vector<std::pair<Corner, Corner>> streets);

  std::uint32_t corners() const { return static_cast<std::uint32_t>(places_.size()); }
  Point place(Corner corner) const { return places_[corner]; }
  /// The streets that begin at a corner, ascending by where they lead.
  std::span<const Street> streets_at(Corner corner) const {
    return std::span(streets_).subspan(first_[corner], first_[corner + 1] - first_[corner]);
  }
  Rectangle extent() const;
  double length_m() const;  ///< of all streets
  /// A corner to which no streets lead from corner 0.
  std::optional<Corner> unreachable() const;

 private:
  std::vector<Point> places_;
  std::vector<std::size_t> first_;  ///< by corner: its first street
  std::vector<Street> streets_;
};

}  // namespace chaski::sim
