// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.hpp"
#include "e2ee/answer_stamp.hpp"
#include "e2ee/session.hpp"
#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"

namespace chaski::bench {

namespace {

constexpr int kRepetitions = 9;

/// How often a second `call` can be made, the median of several times `count`.
template <class Call>
double rate(int count, Call&& call) {
  std::array<double, kRepetitions> rates;
  for (double& one : rates) {
    const double start = cpu_s();
    for (int i = 0; i < count; ++i) call();
    one = count / (cpu_s() - start);
  }
  std::sort(rates.begin(), rates.end());
  return rates[kRepetitions / 2];
}

int run(const std::vector<std::string>& arguments, Report& report) {
  if (!arguments.empty()) {
    fmt::print(stderr, "chaski-bench stamp: it takes no arguments\n");
    return 2;
  }
  base::SeededRandom random(1);
  const auto anna = e2ee::Identity::generate(random);
  const auto bela = e2ee::Identity::generate(random);
  const auto pending = e2ee::make_invite(anna, "Anna", random, wire::kStampBitsMax);
  auto junk = e2ee::accept_invite(bela, "Bela", pending.invite, random)->answer.body;
  std::size_t taken = 0;
  auto change = [&junk, n = std::uint8_t{0}]() mutable { junk.back() = ++n; };

  const auto subject = random.bytes<wire::StampSubject>();
  std::uint64_t nonce = 0;
  const double hashes = rate(200'000, [&] { taken += wire::stamp_bits(subject, nonce++) > 63; });
  report.add("hashes of a search", hashes, "1/s");
  report.add("unstamped answers refused", rate(100'000, [&] {
               change();
               taken += e2ee::is_paid(pending.invite, junk);
             }),
             "1/s", "two hashes each");
  report.add("unstamped answers refused without a price", rate(1'000, [&] {
               change();
               taken += e2ee::open_answer(anna, pending, junk).has_value();
             }),
             "1/s", "X25519 and an AEAD each");
  for (const unsigned bits : {16u, 18u, 20u, 22u, 24u}) {
    report.add(fmt::format("mean search for {} bits", bits),
               static_cast<double>(wire::stamp_hashes(bits)) / hashes, "s", "2^bits hashes");
  }
  // Nobody has luck with 64 bits: this only keeps the work from being left out.
  return taken == 0 ? 0 : 1;
}

}  // namespace

Command stamp_command() {
  return {"stamp", "what stamps cost those who look for them and those who check them", run};
}

}  // namespace chaski::bench
