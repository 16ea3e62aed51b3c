// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/random.hpp"
#include "reconcile/sketch_with.hpp"
#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"
#include "tools/bench/hostile_ids.hpp"

namespace chaski::bench {

namespace {

using reconcile::Element;
using reconcile::Kernel;

constexpr std::size_t kIds = 100'000;
constexpr int kRepetitions = 9;

/// Processor time of one call, the median of several.
template <class Call>
double median_ns(Call&& call) {
  std::array<double, kRepetitions> took;
  for (double& one : took) {
    const double start = cpu_ns();
    call();
    one = cpu_ns() - start;
  }
  std::sort(took.begin(), took.end());
  return took[kRepetitions / 2];
}

std::vector<Element> random_elements(base::Random& random, std::size_t count) {
  std::vector<Element> elements(count);
  for (Element& e : elements) e = 1 + random.below(reconcile::kFieldMask);
  return elements;
}

std::vector<Element> sketch(std::span<const Element> ids, std::size_t capacity) {
  std::vector<Element> sums(capacity);
  reconcile::add_power_sums(ids, 0, sums);
  return sums;
}

double decode_ms(const Kernel& kernel, std::span<const Element> sums, bool& as_expected,
                 bool expected) {
  return median_ns(
             [&] { as_expected &= reconcile::decode_with(kernel, sums).has_value() == expected; }) /
         1e6;
}

/// All rows of one arithmetic; false when something did not decode that should, or the reverse.
bool measure(const Kernel& kernel, std::span<const Element> ids, Report& report) {
  const std::string arithmetic = reconcile::to_string(kernel.arithmetic);
  for (const std::size_t capacity : {36u, 121u}) {
    std::vector<Element> sums(capacity);
    const double took = median_ns([&] { reconcile::add_power_sums_with(kernel, ids, 0, sums); });
    report.add(fmt::format("an id into one of {} syndromes, {}", capacity, arithmetic),
               took / static_cast<double>(ids.size() * capacity), "ns");
  }
  bool right = true;
  for (const std::size_t count : {32u, 64u, 96u, 128u}) {
    report.add(fmt::format("decode {} of {}, {}", count, count, arithmetic),
               decode_ms(kernel, sketch(ids.first(count), count), right, true), "ms");
  }
  const std::size_t most = reconcile::kCapacityMax;
  const auto noise = ids.first(most);
  report.add(fmt::format("refuse {} random syndromes, {}", most, arithmetic),
             decode_ms(kernel, noise, right, false), "ms");
  double worst = 0;
  for (const bool alone : {false, true}) {
    const auto sums = sketch(hostile_ids(most, alone), most);
    worst = std::max(worst, decode_ms(kernel, sums, right, true));
  }
  report.add(fmt::format("decode {} ids chosen to be hard to part, {}", most, arithmetic), worst,
             "ms");
  return right;
}

int run(const std::vector<std::string>& arguments, Report& report) {
  if (!arguments.empty()) {
    fmt::print(stderr, "chaski-bench: sketch takes no argument, not '{}'\n", arguments[0]);
    return 2;
  }
  base::SeededRandom random(1);
  const auto ids = random_elements(random, kIds);
  for (const Kernel* kernel : reconcile::all_kernels()) {
    if (!measure(*kernel, ids, report)) {
      fmt::print(stderr, "chaski-bench: a sketch was decoded wrongly\n");
      return 1;
    }
  }
  return 0;
}

}  // namespace

Command sketch_command() {
  return {"sketch", "sketches of short ids made and decoded, in every arithmetic", run};
}

}  // namespace chaski::bench
