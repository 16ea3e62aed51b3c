// SPDX-License-Identifier: Apache-2.0
// Two exchanges whose messages the input mangles, drops, repeats or replaces: every piece of work
// ends, memory stays bounded, no id is missing twice, and without mangling both sides are right.
#include <algorithm>
#include <set>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "reconcile/exchange.hpp"
#include "tests/fuzz/fuzz_script.hpp"

using namespace chaski;
using reconcile::Exchange;
using reconcile::Role;
using reconcile::ShortId;

namespace {

struct End {
  Exchange exchange;
  std::vector<ShortId> ids;
  base::Bytes arriving;

  explicit End(Role role) : exchange(role) {}
  void start() {
    for (const ShortId id : ids) exchange.add(id);
    exchange.start();
  }
  void settle() {
    for (int pieces = 0; exchange.work(); ++pieces) CHASKI_ASSERT(pieces < 100'000);
    CHASKI_ASSERT(exchange.memory_used() < 3'000'000);
  }
  void send_to(End& other, std::size_t size_max) {
    base::Bytes message(size_max);
    message.resize(exchange.write(message));
    other.arriving.insert(other.arriving.end(), message.begin(), message.end());
  }
};

/// Up to 2,047 ids shared and up to 511 on each side alone.
void make_sets(fuzz::Script& script, End& a, End& b) {
  base::SeededRandom random(script.u8());
  const std::uint32_t sizes = script.u24();
  const std::uint32_t ends[] = {sizes & 2'047u, (sizes & 2'047u) + (sizes >> 11 & 63u) * 8,
                                (sizes & 2'047u) + (sizes >> 11 & 63u) * 8 + (sizes >> 17) * 4};
  std::set<ShortId> used;
  for (std::uint32_t i = 0; i < ends[2]; ++i) {
    const ShortId id = 1 + random.below(reconcile::kFieldMask);
    if (!used.insert(id).second) continue;
    if (i < ends[1]) a.ids.push_back(id);
    if (i < ends[0] || i >= ends[1]) b.ids.push_back(id);
  }
  a.start();
  b.start();
}

/// Changes what is on its way; whether it did.
bool mangle(fuzz::Script& script, base::Bytes& arriving) {
  const std::uint8_t how = script.u8();
  const std::size_t at = arriving.empty() ? 0 : script.u24() % arriving.size();
  const auto there = arriving.begin() + static_cast<std::ptrdiff_t>(at);
  switch (how % 4) {
    case 0: return false;
    case 1:
      if (arriving.empty()) return false;
      *there = script.u8();
      return true;
    case 2: {
      const base::Bytes extra = script.bytes(script.u8());
      arriving.insert(there, extra.begin(), extra.end());
      return true;
    }
    default: arriving.erase(there, arriving.end()); return true;
  }
}

void check(const End& end, const End& other) {
  const auto missing = end.exchange.missing();
  std::set<std::uint32_t> once(missing.begin(), missing.end());
  CHASKI_ASSERT(once.size() == missing.size());
  std::set<ShortId> theirs(other.ids.begin(), other.ids.end());
  for (std::uint32_t i = 0; i < end.ids.size(); ++i) {
    CHASKI_ASSERT(once.contains(i) == !theirs.contains(end.ids[i]));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  End teller(Role::teller), solver(Role::solver);
  make_sets(script, teller, solver);
  const std::size_t message_max = 61 + script.u8() * std::size_t{16};
  bool honest = true;
  for (int step = 0; step < 2'000; ++step) {
    End& here = step % 2 == 0 ? teller : solver;
    End& there = step % 2 == 0 ? solver : teller;
    if (!script.at_end() && mangle(script, here.arriving)) honest = false;
    const base::Bytes message = std::move(here.arriving);
    here.arriving.clear();
    if (!message.empty()) (void)here.exchange.receive(message);
    here.settle();
    CHASKI_ASSERT(here.exchange.missing().size() <= here.ids.size());
    here.send_to(there, message_max);
    if (honest && teller.exchange.finished() && solver.exchange.finished()) break;
  }
  if (!honest) return 0;
  check(teller, solver);
  check(solver, teller);
  return 0;
}
