// SPDX-License-Identifier: Apache-2.0
// Store and forward through three real daemons, A -> B -> C over loopback, durable at each.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tools/bench/commands.hpp"
#include "tools/bench/daemon_process.hpp"

namespace chaski::bench {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct TemporaryFolder {
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "chaski-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

/// The yardstick of the same run: how many bodies a second bare SQLite makes durable (WAL, FULL) in
/// transactions of `batch`, with no network and no cryptography.
double bare_sqlite_rate(const std::string& folder, std::size_t size, std::size_t batch,
                        std::size_t count) {
  sqlite3* db = nullptr;
  sqlite3_open((folder + "/bare.db").c_str(), &db);
  sqlite3_exec(db,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(k INTEGER PRIMARY "
               "KEY, b BLOB)",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO t(b) VALUES(?)", -1, &insert, nullptr);
  const std::string body(size, 'x');
  const auto start = Clock::now();
  for (std::size_t i = 0; i < count; i += batch) {
    sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
    for (std::size_t k = 0; k < batch; ++k) {
      sqlite3_bind_blob(insert, 1, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  }
  const double rate = static_cast<double>(count) / seconds_since(start);
  sqlite3_finalize(insert);
  sqlite3_close(db);
  return rate;
}

void introduce(DaemonProcess& a, DaemonProcess& c) {
  a.post("/v1/init", {{"name", "a"}});
  c.post("/v1/init", {{"name", "c"}});
  const auto link = a.post("/v1/invites", nlohmann::json::object())["link"];
  const auto answer = c.post("/v1/contacts", {{"link", link}, {"name", "a"}})["answer_link"];
  a.post("/v1/contacts", {{"link", answer}, {"name", "c"}});
}

void wait_for(const std::function<bool()>& done, double seconds, const char* what) {
  const auto start = Clock::now();
  while (!done()) {
    if (seconds_since(start) > seconds)
      throw std::runtime_error(std::string("gave up waiting for ") + what);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

struct Case {
  std::string label;
  std::size_t size, count, batch;
};

/// Every figure of one run, by the name of its row.
using Figures = std::map<std::string, double>;

Figures one_run(const std::string& program, const Case& c) {
  TemporaryFolder folder;
  const auto port = free_port();
  DaemonProcess middle(program, folder.path, "b", port, {});
  DaemonProcess sender(program, folder.path, "a", free_port(), {port});
  DaemonProcess receiver(program, folder.path, "c", free_port(), {port});
  introduce(sender, receiver);
  wait_for([&] { return middle.get("/v1/status")["neighbours"].size() == 2; }, 10,
           "two neighbours at b");
  const std::uint64_t base = receiver.messages();
  const std::vector<std::pair<std::string, DaemonProcess*>> nodes{
      {"A", &sender}, {"B", &middle}, {"C", &receiver}};
  std::vector<Usage> before;
  before.reserve(nodes.size());
  for (const auto& [name, node] : nodes) before.push_back(node->usage());

  std::string lines;
  const std::string text(c.size, 'm');
  for (std::size_t i = 0; i < c.batch; ++i)
    lines += nlohmann::json{{"to", "c"}, {"text", text}}.dump() + "\n";
  std::exception_ptr failed;
  const auto start = Clock::now();
  std::thread posting([&] {
    try {
      for (std::size_t sent = 0; sent < c.count; sent += c.batch) sender.post_lines(lines);
    } catch (...) {
      failed = std::current_exception();
    }
  });
  wait_for([&] { return receiver.messages() - base >= c.count; }, 600, "all messages at C");
  const double took = seconds_since(start);
  posting.join();
  if (failed) std::rethrow_exception(failed);

  Figures figures;
  const double rate = static_cast<double>(c.count) / took;
  figures["messages"] = rate;
  figures["payload"] = rate * static_cast<double>(c.size) / 1e6;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Usage after = nodes[i].second->usage();
    figures["CPU " + nodes[i].first] =
        (after.cpu_s - before[i].cpu_s) * 1e6 / static_cast<double>(c.count);
    figures["peak RSS " + nodes[i].first] = static_cast<double>(after.rss_peak_kib) / 1024;
  }
  figures["bare SQLite"] =
      bare_sqlite_rate(folder.path, c.size, c.batch, std::min<std::size_t>(c.count, 20'000));
  figures["ratio to bare SQLite"] = rate / figures["bare SQLite"];
  return figures;
}

/// A relay with two idle neighbours: what it costs to be there.
Figures idle_run(const std::string& program, double seconds) {
  TemporaryFolder folder;
  const auto port = free_port();
  DaemonProcess middle(program, folder.path, "b", port, {});
  DaemonProcess a(program, folder.path, "a", free_port(), {port});
  DaemonProcess c(program, folder.path, "c", free_port(), {port});
  wait_for([&] { return middle.get("/v1/status")["neighbours"].size() == 2; }, 10,
           "two neighbours at b");
  const Usage before = middle.usage();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const Usage after = middle.usage();
  return {{"idle CPU B", 100 * (after.cpu_s - before.cpu_s) / seconds},
          {"idle RSS B", static_cast<double>(after.rss_kib) / 1024}};
}

std::string unit_of(const std::string& row) {
  if (row == "messages" || row == "bare SQLite") return "1/s";
  if (row == "payload") return "MB/s";
  if (row.starts_with("CPU")) return "us";
  if (row.starts_with("ratio")) return "";
  return row.starts_with("idle CPU") ? "%" : "MiB";
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void add_medians(Report& report, const std::string& label, const std::vector<Figures>& runs) {
  for (const auto& [row, unused] : runs.front()) {
    std::vector<double> values;
    values.reserve(runs.size());
    for (const auto& run : runs) values.push_back(run.at(row));
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    report.add(label + row, median(values), unit_of(row),
               runs.size() > 1
                   ? fmt::format("median of {}, {:.3g} to {:.3g}", runs.size(), *low, *high)
                   : "");
  }
}

int run_relay(const std::vector<std::string>& arguments, Report& report) {
  CLI::App app{"Three real daemons, A -> B -> C over loopback, durable at each."};
  std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../../daemon/chaskid";
  std::size_t small_count = 100'000, large_count = 4'000, runs = 3;
  double idle_s = 20;
  app.add_option("--chaskid", program, "path of the daemon")->check(CLI::ExistingFile);
  app.add_option("--small", small_count, "messages of 256 B in a run; 0 for none");
  app.add_option("--large", large_count, "messages of 64 KiB in a run; 0 for none");
  app.add_option("--runs", runs, "runs of each, whose median is reported")
      ->check(CLI::Range(1, 99));
  app.add_option("--idle", idle_s, "seconds of idling; 0 for none");
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto round_up = [](std::size_t n, std::size_t to) { return (n + to - 1) / to * to; };
  try {
    for (const auto& c : {Case{"256 B ", 256, round_up(small_count, 500), 500},
                          Case{"64 KiB ", 65'536, round_up(large_count, 32), 32}}) {
      if (c.count == 0) continue;
      std::vector<Figures> all;
      for (std::size_t i = 0; i < runs; ++i) {
        all.push_back(one_run(program, c));
        fmt::print(stderr, "{}run {} of {}: {:.0f} messages/s\n", c.label, i + 1, runs,
                   all.back()["messages"]);
      }
      add_medians(report, c.label, all);
    }
    if (idle_s > 0) add_medians(report, "", {idle_run(program, idle_s)});
  } catch (const std::exception& error) {
    fmt::print(stderr, "chaski-bench relay: {}\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace

Command relay_command() {
  return {"relay", "store and forward through three real daemons, durable at each", run_relay};
}

}  // namespace chaski::bench
