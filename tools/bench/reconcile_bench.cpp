// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "mesh-router/short_id.hpp"
#include "reconcile/exchange.hpp"
#include "reconcile/group_solver.hpp"
#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"

namespace chaski::bench {

namespace {

using reconcile::Exchange;
using reconcile::Role;

constexpr std::size_t kLinkTag = 16;
constexpr std::size_t kLanLength = 2;
constexpr std::size_t kLanRecords = 65'519;
constexpr std::size_t kBlePacket = 244;

/// How messages become bytes on a medium: one record in each frame.
struct Medium {
  const char* name;
  std::size_t records_max;     // bytes of records in a frame
  std::size_t frame_overhead;  // bytes around them

  static std::size_t header(std::size_t payload) {
    return payload < 128 ? 2 : payload < 16'384 ? 3 : 4;
  }
  std::size_t payload_max() const { return records_max - header(records_max); }
  std::size_t frame(std::size_t payload) const {
    return frame_overhead + header(payload) + payload;
  }
};
constexpr Medium kLan{"LAN", kLanRecords, kLinkTag + kLanLength};
constexpr Medium kBle{"BLE", kBlePacket - kLinkTag, kLinkTag};

/// Sets of envelope ids, n on each side, of which d in all are only on one.
struct Envelopes {
  mesh_router::ShortIdSalt salt;
  std::vector<wire::EnvelopeId> teller, solver;

  Envelopes(base::Random& random, std::size_t n, std::size_t only_teller, std::size_t only_solver)
      : salt(random.bytes<mesh_router::ShortIdSalt>()) {
    const std::size_t shared = n - std::max(only_teller, only_solver);
    for (std::size_t i = 0; i < shared + only_teller + only_solver; ++i) {
      const auto id = random.bytes<wire::EnvelopeId>();
      if (i < shared + only_teller) teller.push_back(id);
      if (i < shared || i >= shared + only_teller) solver.push_back(id);
    }
  }
};

struct Side {
  Exchange exchange;
  double cpu = 0;
  double longest_call = 0;
  std::optional<int> known_at;  // half round trips
  std::size_t frames = 0;
  std::size_t bytes = 0;
  std::size_t memory = 0;
  std::vector<base::Bytes> sent;

  explicit Side(Role role) : exchange(role) {}
  template <class Call>
  auto timed(Call&& call) {
    const double start = cpu_ms();
    auto result = call();
    const double took = cpu_ms() - start;
    cpu += took;
    longest_call = std::max(longest_call, took);
    return result;
  }
  void load(const Envelopes& envelopes, const std::vector<wire::EnvelopeId>& ids) {
    const double start = cpu_ms();
    exchange.reserve(ids.size());
    for (const auto& id : ids) exchange.add(mesh_router::short_id(envelopes.salt, id));
    exchange.start();
    cpu += cpu_ms() - start;
  }
  /// All that can be done until something comes.
  void act(const Medium& medium) {
    base::Bytes message(medium.payload_max());
    for (bool more = true; more;) {
      more = timed([&] { return exchange.work(); });
      memory = std::max(memory, exchange.memory_used());
      while (const std::size_t size = timed([&] { return exchange.write(message); })) {
        ++frames;
        bytes += medium.frame(size);
        const auto end = message.begin() + static_cast<std::ptrdiff_t>(size);
        sent.emplace_back(message.begin(), end);
      }
    }
  }
};

struct Outcome {
  double bytes, frames, teller_trips, solver_trips, teller_ms, solver_ms, longest_ms, memory;
};

/// One meeting; false in place of an outcome when the difference is not what it should be.
std::optional<Outcome> meet(const Medium& medium, std::uint64_t seed, std::size_t n,
                            std::size_t only_teller, std::size_t only_solver) {
  base::SeededRandom random(seed);
  const Envelopes envelopes(random, n, only_teller, only_solver);
  Side teller(Role::teller), solver(Role::solver);
  teller.load(envelopes, envelopes.teller);
  solver.load(envelopes, envelopes.solver);
  for (int half = 0; half < 100; ++half) {
    for (Side* side : {&teller, &solver}) {
      side->act(medium);
      if (side->exchange.finished() && !side->known_at) side->known_at = half;
    }
    if (teller.sent.empty() && solver.sent.empty()) break;
    for (auto [from, to] : {std::pair{&teller, &solver}, std::pair{&solver, &teller}}) {
      for (const base::Bytes& message : from->sent) {
        to->timed([&] { return to->exchange.receive(message); });
      }
      from->sent.clear();
    }
  }
  if (!teller.known_at || !solver.known_at) return std::nullopt;
  if (teller.exchange.missing().size() != only_teller) return std::nullopt;
  if (solver.exchange.missing().size() != only_solver) return std::nullopt;
  return Outcome{static_cast<double>(teller.bytes + solver.bytes),
                 static_cast<double>(teller.frames + solver.frames),
                 *teller.known_at / 2.0,
                 *solver.known_at / 2.0,
                 teller.cpu,
                 solver.cpu,
                 std::max(teller.longest_call, solver.longest_call),
                 static_cast<double>(std::max(teller.memory, solver.memory))};
}

struct Spread {
  double mean = 0, median = 0, most = 0, worst = 0;  // most: of 99 in 100
};

Spread spread(const std::vector<Outcome>& outcomes, double Outcome::*member) {
  std::vector<double> values;
  Spread result;
  for (const Outcome& outcome : outcomes) {
    values.push_back(outcome.*member);
    result.mean += outcome.*member / static_cast<double>(outcomes.size());
  }
  std::sort(values.begin(), values.end());
  result.median = values[values.size() / 2];
  result.most = values[values.size() * 99 / 100];
  result.worst = values.back();
  return result;
}

struct Case {
  std::size_t n;
  std::size_t only_teller;
  std::size_t only_solver;
};

bool measure(const Medium& medium, const Case& c, std::uint64_t seeds, Report& report) {
  std::vector<Outcome> outcomes;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto outcome = meet(medium, seed, c.n, c.only_teller, c.only_solver);
    if (!outcome) {
      fmt::print(stderr, "chaski-bench: seed {} of {} ids found no exact difference\n", seed, c.n);
      return false;
    }
    outcomes.push_back(*outcome);
  }
  const std::string name = fmt::format("{} n={} d={}+{}", medium.name, c.n, c.only_teller,
                                       c.only_solver);
  const Spread bytes = spread(outcomes, &Outcome::bytes);
  const Spread frames = spread(outcomes, &Outcome::frames);
  const Spread teller = spread(outcomes, &Outcome::teller_trips);
  const Spread solver = spread(outcomes, &Outcome::solver_trips);
  report.add(name + ": bytes", bytes.mean, "B",
             fmt::format("median {:.0f}, 99 % {:.0f}, worst {:.0f}; {:.1f} frames", bytes.median,
                         bytes.most, bytes.worst, frames.mean));
  report.add(name + ": teller knows", teller.median, "trips",
             fmt::format("mean {:.2f}, worst {}; solver median {}, mean {:.2f}, worst {}",
                         teller.mean, teller.worst, solver.median, solver.mean, solver.worst));
  const Spread teller_ms = spread(outcomes, &Outcome::teller_ms);
  const Spread solver_ms = spread(outcomes, &Outcome::solver_ms);
  const Spread longest = spread(outcomes, &Outcome::longest_ms);
  report.add(name + ": CPU of the teller", teller_ms.median, "ms",
             fmt::format("solver {:.1f}; longest call median {:.2f}, worst {:.2f}; memory {:.1f} "
                         "B an id",
                         solver_ms.median, longest.median, longest.worst,
                         spread(outcomes, &Outcome::memory).worst / static_cast<double>(c.n)));
  return true;
}

/// What the largest sketch costs its receiver: noise, one that was made for too many ids, and one
/// that is solved.
void measure_decoding(Report& report) {
  base::SeededRandom random(1);
  for (const auto& [what, ids] : {std::pair{"noise", 0}, std::pair{"of 129 ids", 129},
                                  std::pair{"of 128 ids", 128}}) {
    std::vector<double> times;
    for (int run = 0; run < 200; ++run) {
      std::vector<reconcile::Element> syndromes(reconcile::kCapacityMax);
      std::vector<reconcile::ShortId> set(static_cast<std::size_t>(ids));
      for (auto& id : set) id = 1 + random.below(reconcile::kFieldMask);
      reconcile::add_power_sums(set, 0, syndromes);
      for (auto& syndrome : syndromes) {
        if (ids == 0) syndrome = random.below(reconcile::kFieldMask);
      }
      const double start = cpu_ms();
      (void)reconcile::decode(syndromes);
      times.push_back(cpu_ms() - start);
    }
    std::sort(times.begin(), times.end());
    report.add(fmt::format("one sketch of {} syndromes, {}", reconcile::kCapacityMax, what),
               times[times.size() / 2], "ms", fmt::format("worst {:.2f}", times.back()));
  }
}

/// What the largest group costs its receiver when each row solves just one part more, so that all
/// others are tried in vain each time; and when all is noise.
void measure_group(Report& report) {
  base::SeededRandom random(2);
  for (const bool noise : {true, false}) {
    reconcile::Shares shares{reconcile::kGroupMax, 64, {}};
    for (std::size_t row = 0; row < shares.parts; ++row) {
      shares.lengths.push_back(static_cast<std::uint8_t>(shares.parts - row));
    }
    double most = 0;
    const double start = cpu_ms();
    reconcile::GroupSolver solver(shares);
    reconcile::SharedRows rows(shares);
    double making = 0;
    for (std::size_t part = 0; part < shares.parts; ++part) {
      const double begin = cpu_ms();
      std::vector<reconcile::ShortId> ids(noise ? 200 : 64 + part);
      for (auto& id : ids) id = 1 + random.below(reconcile::kFieldMask);
      std::vector<reconcile::Element> sums(shares.base + shares.longest());
      reconcile::add_power_sums(ids, 0, sums);
      const std::span<const reconcile::Element> all(sums);
      rows.add(part, all.subspan(shares.base));
      std::vector<reconcile::Element> difference(all.begin(), all.begin() + 64);
      const std::vector<reconcile::Element> own(shares.longest());
      making += cpu_ms() - begin;
      solver.add_part(std::move(difference), own);
    }
    for (std::size_t row = 0; row < shares.parts; ++row) solver.add_row(rows.row(row));
    for (bool more = true; more;) {
      const double begin = cpu_ms();
      more = solver.step();
      most = std::max(most, cpu_ms() - begin);
    }
    report.add(fmt::format("a group of {} parts, {}", shares.parts,
                           noise ? "noise" : "each row solves one more"),
               cpu_ms() - start - making, "ms",
               fmt::format("{} unsolved; longest step {:.2f}", solver.unsolved().size(), most));
  }
}

/// "--seeds 1000", "--case N,TELLER,SOLVER" (any number of them), "--ble".
struct Options {
  std::uint64_t seeds = 20;
  std::vector<Case> cases;
  std::vector<Medium> media{kLan};
};

/// Reads "n,only_teller,only_solver"; nothing when it is not three numbers that fit together.
std::optional<Case> parse_case(std::string_view text) {
  Case chosen{};
  for (std::size_t* field : {&chosen.n, &chosen.only_teller, &chosen.only_solver}) {
    const std::string_view part = text.substr(0, text.find(','));
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), *field);
    if (error != std::errc{} || end != part.data() + part.size()) return std::nullopt;
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  if (!text.empty() || std::max(chosen.only_teller, chosen.only_solver) > chosen.n) {
    return std::nullopt;
  }
  return chosen;
}

std::optional<Options> parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool value = i + 1 < arguments.size();
    if (arguments[i] == "--ble") {
      options.media.push_back(kBle);
    } else if (arguments[i] == "--seeds" && value) {
      options.seeds = std::strtoull(arguments[++i].c_str(), nullptr, 10);
      if (options.seeds == 0) return std::nullopt;
    } else if (arguments[i] == "--case" && value) {
      const std::optional<Case> chosen = parse_case(arguments[++i]);
      if (!chosen) return std::nullopt;
      options.cases.push_back(*chosen);
    } else {
      return std::nullopt;
    }
  }
  return options;
}

const std::vector<Case> kCases = {
    {100'000, 0, 0},     {100'000, 1, 0},         {100'000, 18, 18},     {100'000, 50, 50},
    {100'000, 500, 500}, {100'000, 5'000, 5'000}, {100'000, 1'000, 0},   {100'000, 0, 1'000},
    {100'000, 60'000, 60'000}};

int run(const std::vector<std::string>& arguments, Report& report) {
  auto options = parse(arguments);
  if (!options) {
    fmt::print(stderr, "chaski-bench: reconcile [--seeds N] [--ble] [--case N,ONLY_TELLER,"
                       "ONLY_SOLVER]...\n");
    return 2;
  }
  if (options->cases.empty()) options->cases = kCases;
  for (const Medium& medium : options->media) {
    for (const Case& c : options->cases) {
      if (!measure(medium, c, options->seeds, report)) return 1;
    }
  }
  measure_decoding(report);
  measure_group(report);
  return 0;
}

}  // namespace

Command reconcile_command() {
  return {"reconcile", "two neighbours find out what each lacks: bytes, round trips, CPU", run};
}

}  // namespace chaski::bench
