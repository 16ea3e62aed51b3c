// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tools/sim/sweep/mpi_line.hpp"
#include "tools/sim/sweep/workers.hpp"

namespace chaski::tools {

/// Whether mpirun, or another that starts ranks, started this process with others.
bool is_under_mpi();

/// Loads the module and begins MPI, which it leaves alone in a process that nobody asked to.
///
/// Throws Failure when the module cannot be loaded.
MpiLine& load_mpi();

/// A process that was forked before MPI began, which a process of MPI must not be after it: it runs
/// one point at a time, each in a process of its own.
class PointServer {
 public:
  /// Throws Failure.
  explicit PointServer(const SweepPlan& plan);
  ~PointServer();
  PointServer(const PointServer&) = delete;
  PointServer& operator=(const PointServer&) = delete;

  PointOutcome run(std::size_t point);

 private:
  pid_t process_ = -1;
  int line_ = -1;
};

/// The other ranks, of rank 0.
class MpiWorkers final : public Workers {
 public:
  explicit MpiWorkers(MpiLine& line) : line_(line) {}
  /// First: waits until every rank has said which plan it has. Throws Failure when one has another.
  void greet(const SweepPlan& plan);
  std::size_t places() const override { return static_cast<std::size_t>(line_.ranks() - 1); }
  std::string where(std::size_t place) const override {
    return " (rank " + std::to_string(place + 1) + ")";
  }
  void start(std::size_t place, std::size_t point) override;
  std::optional<Ended> wait(std::chrono::milliseconds at_most) override;
  /// Nothing is left to do.
  void end();

 private:
  MpiLine& line_;
};

/// What every other rank does, until rank 0 says that nothing is left.
void serve_rank_0(const SweepPlan& plan, MpiLine& line, PointServer& server);

}  // namespace chaski::tools
