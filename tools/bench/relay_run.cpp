// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/relay_run.hpp"

#include <sodium.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

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

/// The other yardstick of the same run: what libsodium alone takes for what a relay cannot do
/// without, one opening, one hash and one sealing of a body; microseconds on a processor.
double relay_floor_us(std::size_t size) {
  constexpr std::size_t kRounds = 200;
  std::vector<unsigned char> body(size + crypto_aead_chacha20poly1305_ietf_ABYTES);
  const std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_KEYBYTES> key{};
  const std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> nonce{};
  std::array<unsigned char, crypto_generichash_BYTES> hash;
  const auto seal = [&] {
    crypto_aead_chacha20poly1305_ietf_encrypt(body.data(), nullptr, body.data(), size, nullptr, 0,
                                              nullptr, nonce.data(), key.data());
  };
  seal();
  const std::clock_t start = std::clock();
  for (std::size_t i = 0; i < kRounds; ++i) {
    if (crypto_aead_chacha20poly1305_ietf_decrypt(body.data(), nullptr, nullptr, body.data(),
                                                  body.size(), nullptr, 0, nonce.data(),
                                                  key.data()) != 0) {
      throw std::runtime_error("libsodium does not open what it sealed");
    }
    crypto_generichash(hash.data(), hash.size(), body.data(), size, nullptr, 0);
    seal();
  }
  return static_cast<double>(std::clock() - start) * 1e6 / CLOCKS_PER_SEC / kRounds;
}

void introduce(DaemonProcess& a, DaemonProcess& c) {
  a.post("/v1/init", {{"name", "a"}, {"no_passphrase", true}});
  c.post("/v1/init", {{"name", "c"}, {"no_passphrase", true}});
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

/// Texts below this go as lines of JSON in batches, larger ones as raw bodies.
constexpr std::size_t kRawTextMin = 8'192;

void post_all(DaemonProcess& sender, const RelayCase& what) {
  const std::string text(what.size, 'm');
  if (what.size >= kRawTextMin) return sender.post_texts("c", text, what.count);
  std::string lines;
  for (std::size_t i = 0; i < what.batch; ++i)
    lines += nlohmann::json{{"to", "c"}, {"text", text}}.dump() + "\n";
  for (std::size_t sent = 0; sent < what.count; sent += what.batch) sender.post_lines(lines);
}

/// A, B and C; B may come late.
class Chain {
 public:
  Chain(std::string program, RelayCase::Way way)
      : program_(std::move(program)), alone_(way == RelayCase::Way::backlog_alone),
        sender_(settings("a", sender_port_, kOuterCore)),
        receiver_(settings("c", receiver_port_, kOuterCore)) {
    introduce(sender_, receiver_);
  }

  DaemonProcess& sender() { return sender_; }
  DaemonProcess& receiver() { return receiver_; }
  DaemonProcess& middle() { return *middle_; }
  const std::string& folder() const { return folder_.path; }

  /// B dials both, so that nobody's pause between two attempts is measured.
  void start_middle() {
    DaemonSettings wanted = settings("b", free_port(), kMiddleCore);
    wanted.peers = {sender_port_, receiver_port_};
    middle_ = std::make_unique<DaemonProcess>(wanted);
  }
  void wait_until_met() {
    wait_for([&] { return middle_->get("/v1/status")["neighbours"].size() == 2; }, 10,
             "two neighbours at b");
  }
  std::map<std::string, Usage> usage() const {
    return {{"A", sender_.usage()},
            {"B", middle_ ? middle_->usage() : Usage{}},
            {"C", receiver_.usage()}};
  }

 private:
  static constexpr unsigned kMiddleCore = 0;
  static constexpr unsigned kOuterCore = 1;

  DaemonSettings settings(const std::string& name, std::uint16_t port, unsigned core) const {
    DaemonSettings out{program_, folder_.path, name, port};
    if (alone_) out.core = core;
    return out;
  }

  TemporaryFolder folder_;
  std::string program_;
  bool alone_;
  std::uint16_t sender_port_ = free_port();
  std::uint16_t receiver_port_ = free_port();
  DaemonProcess sender_;
  DaemonProcess receiver_;
  std::unique_ptr<DaemonProcess> middle_;
};

/// Writes while the chain stands; the seconds until everything arrived.
double live(Chain& chain, const RelayCase& what, const std::function<void()>& wait) {
  std::exception_ptr failed;
  const auto start = Clock::now();
  std::jthread posting([&] {
    try {
      post_all(chain.sender(), what);
    } catch (...) {
      failed = std::current_exception();
    }
  });
  wait();
  const double took = seconds_since(start);
  posting.join();
  if (failed) std::rethrow_exception(failed);
  return took;
}

}  // namespace

Figures relay_run(const std::string& program, const RelayCase& what) {
  Chain chain(program, what.way);
  const bool is_live = what.way == RelayCase::Way::live;
  if (is_live) {
    chain.start_middle();
    chain.wait_until_met();
  } else {
    post_all(chain.sender(), what);
  }
  const std::uint64_t base = chain.receiver().messages();
  const auto wait = [&] {
    wait_for([&] { return chain.receiver().messages() - base >= what.count; }, 600,
             "all messages at C");
  };
  const auto before = chain.usage();
  double took = 0;
  if (is_live) {
    took = live(chain, what, wait);
  } else {
    const auto start = Clock::now();
    chain.start_middle();
    wait();
    took = seconds_since(start);
  }
  const auto after = chain.usage();

  Figures figures;
  const auto count = static_cast<double>(what.count);
  figures["messages"] = count / took;
  figures["payload"] = count / took * static_cast<double>(what.size) / 1e6;
  for (const auto& [name, usage] : after) {
    figures["CPU " + name] = (usage.cpu_s - before.at(name).cpu_s) * 1e6 / count;
    figures["peak RSS " + name] = static_cast<double>(usage.rss_peak_kib) / 1024;
  }
  figures["bare SQLite"] = bare_sqlite_rate(chain.folder(), what.size, what.batch,
                                            std::min<std::size_t>(what.count, 20'000));
  figures["messages a commit B"] = count / static_cast<double>(chain.middle().commits());
  figures["CPU of libsodium alone at B"] = relay_floor_us(what.size);
  figures["ratio to bare SQLite"] = figures["messages"] / figures["bare SQLite"];
  return figures;
}

Figures idle_run(const std::string& program, double seconds) {
  Chain chain(program, RelayCase::Way::live);
  chain.start_middle();
  chain.wait_until_met();
  const Usage before = chain.middle().usage();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const Usage after = chain.middle().usage();
  return {{"idle CPU B", 100 * (after.cpu_s - before.cpu_s) / seconds},
          {"idle RSS B", static_cast<double>(after.rss_kib) / 1024}};
}

}  // namespace chaski::bench
