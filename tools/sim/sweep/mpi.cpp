// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sweep/mpi.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "tools/sim/failure.hpp"

namespace chaski::tools {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Between two looks whether something came: MPI's own waiting takes a whole processor.
constexpr auto kLook = 5ms;

bool transfer(int file, char* bytes, std::size_t size, bool out) {
  while (size > 0) {
    const ssize_t moved = out ? ::write(file, bytes, size) : ::read(file, bytes, size);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
    bytes += moved;
    size -= static_cast<std::size_t>(moved);
  }
  return true;
}

/// An answer: whether there is a record, its size, its text.
struct AnswerHead {
  std::uint64_t done = 0;
  std::uint64_t size = 0;
};

[[noreturn]] void be_server(const SweepPlan& plan, int line, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(1);
  std::uint64_t point = 0;
  while (transfer(line, reinterpret_cast<char*>(&point), sizeof point, false)) {
    PointOutcome outcome;
    try {
      PointProcess process(plan, point);
      while (process.read()) {
      }
      outcome = process.outcome();
    } catch (const Failure& failure) {
      outcome = {point, false, failure.line};
    }
    AnswerHead head{outcome.done ? 1u : 0u, outcome.text.size()};
    if (!transfer(line, reinterpret_cast<char*>(&head), sizeof head, true) ||
        !transfer(line, outcome.text.data(), outcome.text.size(), true)) {
      break;
    }
  }
  ::_exit(0);
}

std::string manifest_hash(const SweepPlan& plan) {
  return hash_words(plan.manifest().dump());
}

/// Beside the program as it is built, or where it is installed.
std::vector<fs::path> module_places() {
  std::vector<fs::path> places;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    places.push_back(program.parent_path() / "chaski-sim-mpi.so");
    places.push_back(program.parent_path().parent_path() / CHASKI_MODULES / "chaski-sim-mpi.so");
  }
  return places;
}

}  // namespace

bool is_under_mpi() {
  if (const char* size = std::getenv("OMPI_COMM_WORLD_SIZE")) return std::string_view(size) != "1";
  if (const char* size = std::getenv("PMI_SIZE")) return std::string_view(size) != "1";
  return std::getenv("PMIX_RANK") != nullptr;
}

MpiLine& load_mpi() {
  std::string why = "it is not installed";
  for (const fs::path& place : module_places()) {
    std::error_code error;
    if (!fs::exists(place, error)) continue;
    // Open MPI's own modules look for its symbols among all.
    if (void* module = ::dlopen(place.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
      if (void* begin = ::dlsym(module, kBeginMpi)) return *reinterpret_cast<BeginMpi*>(begin)();
    }
    why = ::dlerror();
    break;
  }
  throw Failure{1, "chaski-sim-mpi.so cannot be loaded: " + why +
                       "; install openmpi-bin, or start without mpirun"};
}

PointServer::PointServer(const SweepPlan& plan) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Failure{1, std::string("no line to a process: ") + std::strerror(errno)};
  }
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::close(ends[0]);
    be_server(plan, ends[1], parent);
  }
  ::close(ends[1]);
  line_ = ends[0];
  if (process_ < 0) {
    ::close(line_);
    throw Failure{1, std::string("no process for points: ") + std::strerror(errno)};
  }
}

PointServer::~PointServer() {
  ::close(line_);
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

PointOutcome PointServer::run(std::size_t point) {
  std::uint64_t number = point;
  AnswerHead head;
  PointOutcome outcome{point, false, "the process that starts points is gone"};
  if (!transfer(line_, reinterpret_cast<char*>(&number), sizeof number, true) ||
      !transfer(line_, reinterpret_cast<char*>(&head), sizeof head, false)) {
    return outcome;
  }
  std::string text(head.size, '\0');
  if (!transfer(line_, text.data(), text.size(), false)) return outcome;
  return {point, head.done != 0, std::move(text)};
}

void MpiWorkers::greet(const SweepPlan& plan) {
  std::string others;
  for (int said = 1; said < line_.ranks();) {
    const auto message = line_.receive();
    if (!message) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    ++said;
    if (message->text != manifest_hash(plan)) others += " " + std::to_string(message->rank);
  }
  if (others.empty()) return;
  throw Failure{1, "these ranks read another scenario than rank 0, or are another chaski-sim:" +
                       others + "; give all of them the same files"};
}

void MpiWorkers::start(std::size_t place, std::size_t point) {
  line_.send(static_cast<int>(place) + 1, MpiTag::point, std::to_string(point));
}

std::optional<Workers::Ended> MpiWorkers::wait(std::chrono::milliseconds at_most) {
  for (auto waited = 0ms; waited < at_most; waited += kLook) {
    if (auto message = line_.receive()) {
      const auto answer = nlohmann::json::parse(message->text);
      return Ended{static_cast<std::size_t>(message->rank - 1),
                   {answer.at("point").get<std::size_t>(), answer.at("done").get<bool>(),
                    answer.at("text").get<std::string>()}};
    }
    std::this_thread::sleep_for(kLook);
  }
  return {};
}

void MpiWorkers::end() {
  for (int rank = 1; rank < line_.ranks(); ++rank) line_.send(rank, MpiTag::end, {});
}

void serve_rank_0(const SweepPlan& plan, MpiLine& line, PointServer& server) {
  line.send(0, MpiTag::hello, manifest_hash(plan));
  for (;;) {
    const auto message = line.receive();
    if (!message) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    if (message->tag != MpiTag::point) return;
    std::size_t point = 0;
    const std::string& text = message->text;
    std::from_chars(text.data(), text.data() + text.size(), point);
    const PointOutcome outcome = server.run(point);
    line.send(0, MpiTag::outcome,
              nlohmann::json{{"point", point}, {"done", outcome.done}, {"text", outcome.text}}.dump(
                  -1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

}  // namespace chaski::tools
