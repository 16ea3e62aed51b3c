// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "tools/sim/sweep/plan.hpp"

namespace chaski::tools {

/// What became of a point.
struct PointOutcome {
  std::size_t point = 0;
  bool done = false;
  std::string text;  ///< its record as JSON, or why there is none
};

/// A process of its own for one point: however it ends, it ends alone. It dies with this process.
class PointProcess {
 public:
  /// Throws Failure when there can be no more processes.
  PointProcess(const SweepPlan& plan, std::size_t point);
  /// Kills it if it still runs.
  ~PointProcess();
  PointProcess(const PointProcess&) = delete;
  PointProcess& operator=(const PointProcess&) = delete;

  std::size_t point() const { return point_; }
  /// Can be read when there is something for read().
  int file() const { return pipe_; }
  /// Takes what is there; false once there is no more to come.
  bool read();
  /// Once read() said false; waits for the process to be gone.
  PointOutcome outcome();

 private:
  std::size_t point_;
  pid_t process_ = -1;
  int pipe_ = -1;
  std::string said_;
};

}  // namespace chaski::tools
