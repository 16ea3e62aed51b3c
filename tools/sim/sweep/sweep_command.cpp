// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <thread>

#include "tools/chaski/quantities.hpp"
#include "tools/sim/commands.hpp"
#include "tools/sim/failure.hpp"
#include "tools/sim/staged.hpp"
#include "tools/sim/sweep/mpi.hpp"
#include "tools/sim/sweep/run_points.hpp"
#include "tools/sim/sweep/summary.hpp"

namespace chaski::tools {
namespace {

struct SweepOptions {
  SweepRequest request;
  std::string out;
  std::size_t jobs = 0;  ///< 0: as many as there are processors for this process
  bool json = false;
};

// What a signal handler may touch.
volatile sig_atomic_t stopped_by = 0;

/// One line on a terminal that is written over; nothing elsewhere.
class SweepLine {
 public:
  SweepLine() : shown_(::isatty(STDERR_FILENO) != 0) {}
  ~SweepLine() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  void say(const SweepProgress& progress) {
    if (!shown_) return;
    std::string left;
    if (progress.done_now > 0) {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
      const auto ended = progress.done + progress.failed;
      const double each = took.count() / static_cast<double>(progress.done_now + progress.failed);
      left = ", about " +
             duration_words(std::llround(each * static_cast<double>(progress.points - ended))) +
             " left";
    }
    std::fputs(fmt::format("\r\033[K{} of {} points, {} failed{}", progress.done, progress.points,
                           progress.failed, left)
                   .c_str(),
               stderr);
    std::fflush(stderr);
  }

 private:
  bool shown_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// Runs what is not done and tells what came of it all; returns what is to be said of those that
/// failed.
std::string lead(const SweepPlan& plan, SweepFolder& folder, Workers& workers,
                 const SweepOptions& options) {
  if (folder.damaged() > 0) {
    std::fputs(
        fmt::format("chaski-sim: {} damaged {} in {}/records.jsonl, which will be run "
                    "again\n",
                    folder.damaged(), folder.damaged() == 1 ? "record" : "records", options.out)
            .c_str(),
        stderr);
  }
  if (!folder.ran_before().empty()) {
    std::fputs(
        ("chaski-sim: the last time it was ended while these were running:\n" + folder.ran_before())
            .c_str(),
        stderr);
  }
  std::vector<PointOutcome> failed;
  {
    struct sigaction action{};
    action.sa_handler = [](int signal) { stopped_by = signal; };
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
    SweepLine line;
    failed = run_points(
        plan, folder, workers, [] { return static_cast<int>(stopped_by); },
        [&](const SweepProgress& progress) { line.say(progress); });
  }
  const nlohmann::json sweep = sweep_json(plan, folder.records());
  folder.write("results.json", text_of(sweep, 1));
  folder.write("results.csv", sweep_csv(plan, sweep));
  std::fputs((options.json ? text_of(sweep, -1) : sweep_table(plan, sweep)).c_str(), stdout);
  std::fflush(stdout);
  if (failed.empty()) return {};
  std::sort(failed.begin(), failed.end(),
            [](const auto& a, const auto& b) { return a.point < b.point; });
  std::string lines;
  for (const PointOutcome& one : failed) {
    lines += "\n  " + plan.words_for(one.point) + ": " + one.text;
  }
  return fmt::format("{} of {} points failed; the same command again tries them again{}",
                     failed.size(), plan.points(), lines);
}

void sweep_here(const SweepPlan& plan, const SweepOptions& options) {
  SweepFolder folder(options.out, plan);
  const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
  LocalWorkers workers(plan, options.jobs == 0 ? processors : options.jobs);
  const std::string failed = lead(plan, folder, workers, options);
  if (!failed.empty()) throw Failure{1, failed};
}

void lead_ranks(const SweepPlan& plan, const SweepOptions& options, MpiLine& line) {
  MpiWorkers workers(line);
  std::unique_ptr<SweepFolder> folder;
  try {
    workers.greet(plan);
    folder = std::make_unique<SweepFolder>(options.out, plan);
  } catch (const Failure&) {
    workers.end();
    line.finish();
    throw;
  }
  std::string failed;
  try {
    failed = lead(plan, *folder, workers, options);
  } catch (const Failure& failure) {
    // Others still run points that nobody waits for.
    std::fputs(("chaski-sim: " + failure.line + "\n").c_str(), stderr);
    std::fflush(stderr);
    line.abort(failure.exit);
    throw;
  }
  workers.end();
  line.finish();
  if (!failed.empty()) throw Failure{1, failed};
}

void sweep_under_mpi(const SweepPlan& plan, const SweepOptions& options) {
  // Before MPI, which does not like to be forked.
  auto server = std::make_unique<PointServer>(plan);
  MpiLine& line = load_mpi();
  if (line.rank() != 0) {
    serve_rank_0(plan, line, *server);
    line.finish();
    return;
  }
  server.reset();
  if (line.ranks() == 1) {
    line.finish();
    return sweep_here(plan, options);
  }
  lead_ranks(plan, options, line);
}

void sweep(const SweepOptions& options) {
  const SweepPlan plan(options.request);
  if (is_under_mpi()) {
    sweep_under_mpi(plan, options);
  } else {
    sweep_here(plan, options);
  }
}

}  // namespace

void add_sweep_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "sweep", "Many seeds and settings of a scenario, on all processors or under mpirun");
  const auto options = std::make_shared<SweepOptions>();
  SweepRequest& request = options->request;
  command->add_option("scenario", request.scenario, "A scenario file, or a name that `list` gives")
      ->required();
  command->add_option("--seeds", request.seeds, "Like 1..20 or 1,2,5..9; else the file's");
  command
      ->add_option("--set", request.set,
                   "key=value,value: a key of the file and what it is to be, like "
                   "area.range_m=10,20 or people.0.number=50,100; may be said of several keys")
      ->allow_extra_args(false);
  command->add_option("--strategies", request.strategies, "Others than the file's, like a,b")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("--out", options->out,
                   "The folder of what is done; the same command goes on where it was ended")
      ->required();
  command->add_option("--jobs", options->jobs, "Points at once; else as many as processors")
      ->check(CLI::Range(1, 4'096));
  command->add_flag("--json", options->json, "Says the results as JSON");
  command->callback([options] { sweep(*options); });
}

}  // namespace chaski::tools
