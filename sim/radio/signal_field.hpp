// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "sim/mobility/mobility.hpp"
#include "sim/radio/pair_grid.hpp"
#include "sim/radio/path_loss.hpp"

namespace chaski::sim {

/// The signals among people who move, by PathLoss.
///
/// Places are exact at any time; how dense the crowd is around each is looked at every
/// PathLoss::sample, and a way through it meets the mean of what is around its two ends. A function
/// of the mobility's seed and its own.
class SignalField final : public Signals {
 public:
  /// Who counts as being around somebody.
  static constexpr double kAround_m = 5;

  SignalField(std::unique_ptr<Mobility> mobility, const PathLoss& model, std::uint64_t seed);

  std::uint32_t nodes() const { return mobility_->nodes(); }
  double signal_dbm(NodeIndex a, NodeIndex b, base::Time at) override;
  double sensitivity_dbm() const override { return model_.sensitivity_dbm; }

  /// Who hears whom at a time that is a multiple of the sample: pairs with the lower node in the
  /// upper half, ascending.
  const std::vector<std::uint64_t>& who_hear_each_other(base::Time at);
  /// People a square metre around a node, itself left out, as of the last sample.
  double crowd_around(NodeIndex node) const;

 private:
  /// Times do not go back.
  void look(base::Time at);
  Point place(NodeIndex node, base::Time at);
  double signal(NodeIndex a, NodeIndex b, double distance_m, base::Time at) const;
  /// For two who have `around` others near in all: the distances, squared, up to which they hear
  /// each other whatever the shadowing, and beyond which they never do.
  struct Reach {
    double surely_m2 = -1;  ///< below 0: not known yet
    double at_best_m2 = -1;
  };
  const Reach& reach(std::uint32_t around);

  std::unique_ptr<Mobility> mobility_;
  PathLoss model_;
  std::uint64_t seed_;
  std::int64_t sample_ = -1;
  PairGrid grid_;
  std::vector<Point> places_;          ///< as of the last sample
  std::vector<std::uint32_t> around_;  ///< how many are near, as of the last sample
  std::vector<Reach> reach_;           ///< by the sum of two nodes' around_
  std::vector<std::uint64_t> pairs_;
};

}  // namespace chaski::sim
