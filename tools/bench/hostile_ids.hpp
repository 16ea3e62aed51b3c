// SPDX-License-Identifier: Apache-2.0
// Short ids that are as dear to decode as we know how to make them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "reconcile/sketch.hpp"

namespace chaski::bench {

/// The element r for which the trace of x^k r is bit k of `traces`.
inline reconcile::Element element_with_traces(std::uint64_t traces) {
  using reconcile::Element;
  constexpr std::size_t kBits = reconcile::kFieldBits;
  struct Traced {
    std::uint64_t traces = 0;
    Element element = 0;
  };
  static const std::array<Traced, kBits> rows = [] {
    const auto trace = [](Element a) {
      Element sum = 0;
      for (std::size_t i = 0; i < kBits; ++i, a = reconcile::square(a)) sum ^= a;
      return sum;
    };
    // Gauss and Jordan's elimination, from the traces of x^(j + k) to a row for each single bit.
    std::array<Traced, kBits> made;
    std::array<Element, 2 * kBits> powers;
    powers[0] = 1;
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = reconcile::times_x(powers[i - 1]);
    for (std::size_t j = 0; j < kBits; ++j) {
      made[j].element = powers[j];
      for (std::size_t k = 0; k < kBits; ++k) made[j].traces |= trace(powers[j + k]) << k;
    }
    for (std::size_t bit = 0; bit < kBits; ++bit) {
      std::size_t pivot = bit;
      while ((made[pivot].traces >> bit & 1) == 0) ++pivot;
      std::swap(made[bit], made[pivot]);
      for (std::size_t j = 0; j < kBits; ++j) {
        if (j == bit || (made[j].traces >> bit & 1) == 0) continue;
        made[j].traces ^= made[bit].traces;
        made[j].element ^= made[bit].element;
      }
    }
    return made;
  }();
  Element sum = 0;
  for (std::size_t bit = 0; bit < kBits; ++bit) {
    if ((traces >> bit & 1) != 0) sum ^= rows[bit].element;
  }
  return sum;
}

/// `count` ids of which the decoder's traces part one after another from all the rest, for as long
/// as can be: whoever knows the order of the multipliers can do no worse than make each of the
/// first split a single one off. With `alone` that one has the given trace and the rest the other.
inline std::vector<reconcile::ShortId> hostile_ids(std::size_t count, bool alone) {
  constexpr unsigned kTogether = 7;  // the last so many traces tell the rest apart
  constexpr unsigned kOne = reconcile::kFieldBits - kTogether;
  std::vector<reconcile::ShortId> ids;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t traces = i < kOne ? std::uint64_t{1} << i : (i - kOne + 1) << kOne;
    if (!alone) traces ^= (std::uint64_t{1} << kOne) - 1;
    ids.push_back(element_with_traces(traces));
  }
  return ids;
}

}  // namespace chaski::bench
