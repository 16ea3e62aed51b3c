// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sweep/run_points.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstring>

#include "tools/sim/failure.hpp"

namespace chaski::tools {
namespace {

class Run {
 public:
  Run(const SweepPlan& plan, SweepFolder& folder, Workers& workers)
      : plan_(plan), folder_(folder), workers_(workers), at_(workers.places()) {
    progress_.points = plan.points();
    progress_.done = folder.records().size();
  }

  std::vector<PointOutcome> run(const std::function<int()>& stopped,
                                const std::function<void(const SweepProgress&)>& progress) {
    for (;;) {
      if (const int signal = stopped()) stop(signal);
      const std::size_t running = hand_out();
      progress(progress_);
      if (running == 0) return std::move(failed_);
      if (auto ended = workers_.wait(std::chrono::milliseconds(100))) {
        // A signal from the terminal goes to all of them.
        if (const int signal = stopped()) stop(signal);
        take(*ended);
      }
    }
  }

 private:
  /// How many run now.
  std::size_t hand_out() {
    std::size_t running = 0;
    bool changed = false;
    for (std::size_t place = 0; place < at_.size(); ++place) {
      while (!at_[place] && next_ < plan_.points()) {
        const std::size_t point = next_++;
        if (folder_.records().contains(point)) continue;
        workers_.start(place, point);
        at_[place] = point;
        changed = true;
      }
      if (at_[place]) ++running;
    }
    if (changed || running == 0) folder_.note_running(running_lines());
    return running;
  }

  void take(Workers::Ended& ended) {
    at_[ended.place].reset();
    PointOutcome& outcome = ended.outcome;
    auto record = nlohmann::json::parse(outcome.text, nullptr, false);
    if (outcome.done && (!record.is_object() || record.value("point", SIZE_MAX) != outcome.point)) {
      outcome.done = false;
      outcome.text = "what came back is no record";
    }
    if (!outcome.done) {
      ++progress_.failed;
      outcome.text += workers_.where(ended.place);
      failed_.push_back(std::move(outcome));
      return;
    }
    folder_.add(outcome.point, std::move(record));
    ++progress_.done;
    ++progress_.done_now;
  }

  [[noreturn]] void stop(int signal) {
    const std::string running = running_lines();
    throw Failure{
        1, fmt::format("stopped by {}; {} of {} points are done, and the same command again does "
                       "the rest; these were running:\n{}",
                       ::strsignal(signal), progress_.done, progress_.points, running)};
  }

  std::string running_lines() const {
    std::string lines;
    for (std::size_t place = 0; place < at_.size(); ++place) {
      if (at_[place]) lines += "  " + plan_.words_for(*at_[place]) + workers_.where(place) + "\n";
    }
    return lines;
  }

  const SweepPlan& plan_;
  SweepFolder& folder_;
  Workers& workers_;
  std::vector<std::optional<std::size_t>> at_;  ///< the point at each place
  std::size_t next_ = 0;
  SweepProgress progress_;
  std::vector<PointOutcome> failed_;
};

}  // namespace

std::vector<PointOutcome> run_points(const SweepPlan& plan, SweepFolder& folder, Workers& workers,
                                     const std::function<int()>& stopped,
                                     const std::function<void(const SweepProgress&)>& progress) {
  return Run(plan, folder, workers).run(stopped, progress);
}

}  // namespace chaski::tools
