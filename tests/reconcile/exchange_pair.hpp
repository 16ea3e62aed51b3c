// SPDX-License-Identifier: Apache-2.0
// Two exchanges joined by two queues, driven in any order.
#pragma once

#include <algorithm>
#include <deque>
#include <set>
#include <vector>

#include "base/random.hpp"
#include "reconcile/exchange.hpp"

namespace chaski::reconcile::test {

using Ids = std::vector<ShortId>;

inline ShortId random_id(base::Random& random) { return 1 + random.below(kFieldMask); }

/// What `ours` has and `theirs` has not, as sorted indices: the naive oracle. Ids that are twice in
/// one set take no part: they are missing, and as if they were not there.
inline std::vector<std::uint32_t> naive_missing(const Ids& ours, const Ids& theirs) {
  const auto once = [](const Ids& ids) {
    std::multiset<ShortId> all(ids.begin(), ids.end());
    std::set<ShortId> kept;
    for (const ShortId id : ids) {
      if (all.count(id) == 1) kept.insert(id);
    }
    return kept;
  };
  const std::set<ShortId> mine = once(ours), other = once(theirs);
  std::vector<std::uint32_t> missing;
  for (std::uint32_t i = 0; i < ours.size(); ++i) {
    if (mine.count(ours[i]) == 0 || other.count(ours[i]) == 0) missing.push_back(i);
  }
  return missing;
}

/// Two sets with `shared` ids in common and `only_a`, `only_b` of their own, shuffled.
struct TwoSets {
  Ids a, b;

  TwoSets(base::Random& random, std::size_t shared, std::size_t only_a, std::size_t only_b) {
    std::set<ShortId> all;
    while (all.size() < shared + only_a + only_b) all.insert(random_id(random));
    Ids ids(all.begin(), all.end());
    shuffle(ids, random);
    a.assign(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(shared + only_a));
    b.assign(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(shared));
    b.insert(b.end(), ids.begin() + static_cast<std::ptrdiff_t>(shared + only_a), ids.end());
    shuffle(a, random);
    shuffle(b, random);
  }
  static void shuffle(Ids& ids, base::Random& random) {
    for (std::size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[random.below(i)]);
  }
};

/// One end: its exchange, and what is on its way to it.
struct End {
  Exchange exchange;
  std::deque<base::Bytes> arriving;

  End(Role role, const Ids& ids) : exchange(role) {
    for (const ShortId id : ids) exchange.add(id);
    exchange.start();
  }
  std::vector<std::uint32_t> sorted_missing() const {
    const auto found = exchange.missing();
    std::vector<std::uint32_t> missing(found.begin(), found.end());
    std::sort(missing.begin(), missing.end());
    return missing;
  }
};

class Pair {
 public:
  Pair(const TwoSets& sets, std::size_t message_max)
      : teller(Role::teller, sets.a), solver(Role::solver, sets.b), message_max_(message_max) {}

  /// One step of one end, chosen by `random`: work, send one message or receive one.
  void step(base::Random& random) {
    const bool first = random.below(2) == 0;
    End& here = first ? teller : solver;
    End& there = first ? solver : teller;
    switch (random.below(3)) {
      case 0: (void)here.exchange.work(); break;
      case 1: send(here, there); break;
      default: deliver(here); break;
    }
  }
  /// Steps until nothing can happen any more.
  void run(base::Random& random) {
    while (!idle()) step(random);
  }
  /// Everything that can be done without a message from the other side, both sides at once: half
  /// a round trip. False when nothing was sent.
  bool half_round_trip() {
    for (End* end : {&teller, &solver}) {
      while (end->exchange.work()) {
      }
    }
    const bool teller_sent = send_all(teller, solver);
    const bool solver_sent = send_all(solver, teller);
    for (End* end : {&teller, &solver}) {
      while (!end->arriving.empty()) deliver(*end);
      while (end->exchange.work()) {
      }
    }
    return teller_sent || solver_sent;
  }
  bool idle() {
    for (End* end : {&teller, &solver}) {
      if (!end->arriving.empty() || end->exchange.work() || end->exchange.wants_to_send()) {
        return false;
      }
    }
    return true;
  }

  End teller;
  End solver;
  std::size_t messages = 0;

 private:
  bool send(End& from, End& to) {
    base::Bytes message(message_max_);
    message.resize(from.exchange.write(message));
    if (message.empty()) return false;
    ++messages;
    to.arriving.push_back(std::move(message));
    return true;
  }
  bool send_all(End& from, End& to) {
    bool sent = false;
    while (send(from, to)) {
      sent = true;
      while (from.exchange.work()) {
      }
    }
    return sent;
  }
  void deliver(End& to) {
    if (to.arriving.empty()) return;
    (void)to.exchange.receive(to.arriving.front());
    to.arriving.pop_front();
  }

  std::size_t message_max_;
};

}  // namespace chaski::reconcile::test
