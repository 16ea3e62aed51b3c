// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/sim/sweep/point_process.hpp"

namespace chaski::tools {

/// Places at which a point can be run, one at a time each: processes here, or ranks of MPI.
class Workers {
 public:
  virtual ~Workers() = default;
  virtual std::size_t places() const = 0;
  /// Where a place is, when people have to be told: "" here, " (rank 2)".
  virtual std::string where(std::size_t place) const = 0;
  /// The place must be free. Throws Failure.
  virtual void start(std::size_t place, std::size_t point) = 0;
  struct Ended {
    std::size_t place = 0;
    PointOutcome outcome;
  };
  /// The next that ended; nothing when none did within this time, or a signal came.
  virtual std::optional<Ended> wait(std::chrono::milliseconds at_most) = 0;
};

/// So many processes of this machine.
class LocalWorkers final : public Workers {
 public:
  /// The plan must outlive this.
  LocalWorkers(const SweepPlan& plan, std::size_t jobs) : plan_(plan), running_(jobs) {}
  std::size_t places() const override { return running_.size(); }
  std::string where(std::size_t) const override { return {}; }
  void start(std::size_t place, std::size_t point) override;
  std::optional<Ended> wait(std::chrono::milliseconds at_most) override;

 private:
  const SweepPlan& plan_;
  std::vector<std::unique_ptr<PointProcess>> running_;
};

}  // namespace chaski::tools
