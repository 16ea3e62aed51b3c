// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"
#include "tools/bench/e2ee_contender.hpp"
#include "tools/bench/e2ee_look_up.hpp"

namespace chaski::bench {

void contender_failed(const char* who, const char* what) {
  fmt::print(stderr, "chaski-bench e2ee: {} failed at: {}\n", who, what);
  std::exit(1);
}

#ifndef CHASKI_BENCH_OLM
std::unique_ptr<Contender> make_olm_contender() {
  return nullptr;
}
#endif
#ifndef CHASKI_BENCH_SIGNAL
std::unique_ptr<Contender> make_signal_contender() {
  return nullptr;
}
#endif

namespace {

constexpr int kRounds = 9;

struct Operation {
  const char* name;
  int count;  ///< a round
  void (Contender::*call)();
};
constexpr std::array kOperations = {
    Operation{"session set-ups", 150, &Contender::set_up},
    Operation{"one-way, seal and open", 4'000, &Contender::one_way},
    Operation{"ping-pong, a ratchet step a message", 500, &Contender::ping_pong},
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Rates of all contenders: rates[operation][contender], medians over rounds in which each has its
/// turn, so that what disturbs the machine disturbs all.
std::vector<std::vector<double>> measure(std::vector<std::unique_ptr<Contender>>& contenders) {
  std::vector<std::vector<std::vector<double>>> rounds(
      kOperations.size(), std::vector<std::vector<double>>(contenders.size()));
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t op = 0; op < kOperations.size(); ++op) {
      for (std::size_t who = 0; who < contenders.size(); ++who) {
        Contender& contender = *contenders[who];
        // Two turns first, so that both sides have heard of each other and caches are warm.
        for (int i = 0; i < 4; ++i) contender.ping_pong();
        const double start = cpu_s();
        for (int i = 0; i < kOperations[op].count; ++i) (contender.*kOperations[op].call)();
        rounds[op][who].push_back(kOperations[op].count / (cpu_s() - start));
      }
    }
  }
  std::vector<std::vector<double>> out;
  for (auto& op : rounds) {
    out.emplace_back();
    for (auto& who : op) out.back().push_back(median(std::move(who)));
  }
  return out;
}

void compare(Report& report) {
  std::vector<std::unique_ptr<Contender>> contenders;
  for (auto make :
       {make_chaski_contender, make_bare_contender, make_olm_contender, make_signal_contender}) {
    if (auto contender = make()) contenders.push_back(std::move(contender));
  }
  const auto rates = measure(contenders);
  for (std::size_t op = 0; op < kOperations.size(); ++op) {
    for (std::size_t who = 0; who < contenders.size(); ++who) {
      report.add(fmt::format("{}, {}", kOperations[op].name, contenders[who]->name()),
                 rates[op][who], "1/s");
    }
    const double ours = rates[op][0];
    report.add(fmt::format("{}, time over the primitives alone", kOperations[op].name),
               rates[op][1] / ours, "x");
    if (contenders.size() > 2) {
      const double best = *std::max_element(rates[op].begin() + 2, rates[op].end());
      report.add(fmt::format("{}, rate over the better peer", kOperations[op].name), ours / best,
                 "x");
    }
  }
  for (auto& contender : contenders) {
    if (contender->name() == "libsodium alone") continue;
    contender->one_way();
    report.add(fmt::format("added to a text of {} B, {}", kTextSize, contender->name()),
               static_cast<double>(contender->overhead()), "B", contender->overhead_note());
  }
}

int run(const std::vector<std::string>& arguments, Report& report) {
  if (!arguments.empty()) {
    fmt::print(stderr, "chaski-bench: e2ee takes no argument, not '{}'\n", arguments[0]);
    return 2;
  }
  compare(report);
  look_ups(report);
#if !defined(CHASKI_BENCH_OLM) || !defined(CHASKI_BENCH_SIGNAL)
  fmt::print(stderr,
             "chaski-bench: built without libolm-dev or libsignal-protocol-c-dev; what is missing "
             "is not compared\n");
#endif
  return 0;
}

}  // namespace

Command e2ee_command() {
  return {"e2ee", "sessions between people, beside libolm, libsignal and bare libsodium", run};
}

}  // namespace chaski::bench
