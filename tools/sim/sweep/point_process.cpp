// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sweep/point_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <new>

#include "tools/sim/failure.hpp"
#include "tools/sim/sweep/point.hpp"

namespace chaski::tools {
namespace {

// What a process says first.
constexpr char kRecord = 'R';
constexpr char kFailed = 'F';

std::string said_of(const SweepPlan& plan, std::size_t point) {
  try {
    return kRecord + run_point(plan, point).dump();
  } catch (const Failure& failure) {
    return kFailed + failure.line;
  } catch (const std::bad_alloc&) {
    return kFailed + std::string("there was no memory left; run fewer at once with --jobs");
  } catch (const std::exception& error) {
    return kFailed + std::string(error.what());
  }
}

/// The child: runs the point, says what came of it and is gone, its parent's open files untouched.
[[noreturn]] void be_point(const SweepPlan& plan, std::size_t point, int out, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(1);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  // Among others the lock of the folder, which is the parent's alone.
  if (::dup2(out, STDERR_FILENO + 1) < 0) ::_exit(1);
  ::closefrom(STDERR_FILENO + 2);
  const std::string said = said_of(plan, point);
  for (std::size_t at = 0; at < said.size();) {
    const ssize_t written = ::write(STDERR_FILENO + 1, said.data() + at, said.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(1);
    at += static_cast<std::size_t>(written);
  }
  ::_exit(0);
}

}  // namespace

PointProcess::PointProcess(const SweepPlan& plan, std::size_t point) : point_(point) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Failure{1, std::string("no pipe for a process: ") + std::strerror(errno)};
  }
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) be_point(plan, point, ends[1], parent);
  const int why = errno;
  ::close(ends[1]);
  pipe_ = ends[0];
  if (process_ < 0) {
    ::close(pipe_);
    throw Failure{1, std::string("no process for a point: ") + std::strerror(why) +
                         "; run fewer at once with --jobs"};
  }
}

PointProcess::~PointProcess() {
  if (pipe_ >= 0) ::close(pipe_);
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool PointProcess::read() {
  std::array<char, 65'536> part;
  const ssize_t got = ::read(pipe_, part.data(), part.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  said_.append(part.data(), static_cast<std::size_t>(got));
  return got > 0;
}

PointOutcome PointProcess::outcome() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  const bool whole = WIFEXITED(status) && WEXITSTATUS(status) == 0 && !said_.empty();
  if (whole) return {point_, said_.front() == kRecord, said_.substr(1)};
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return {point_, false,
            fmt::format("its process was ended by signal {} ({}){}", signal, ::strsignal(signal),
                        signal == SIGKILL ? "; was there memory left? --jobs runs fewer" : "")};
  }
  return {point_, false, fmt::format("its process ended with exit {}", WEXITSTATUS(status))};
}

}  // namespace chaski::tools
