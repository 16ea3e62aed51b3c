// SPDX-License-Identifier: Apache-2.0
// The field and the power sums, written so that nobody can doubt them.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "reconcile/sketch.hpp"

namespace chaski::reconcile::test {

/// Horner's rule: twice what is there, less the modulus when it has an x^48, plus a for a 1 in b.
inline Element naive_multiply(Element a, Element b) {
  Element product = 0;
  for (unsigned bit = 48; bit-- > 0;) {
    product <<= 1;
    if ((product >> 48) != 0) product ^= Element{1} << 48 | 0x2D;
    if ((b >> bit & 1) != 0) product ^= a;
  }
  return product;
}

inline std::vector<Element> naive_power_sums(std::span<const ShortId> ids, std::size_t first,
                                             std::size_t count) {
  std::vector<Element> sums(count);
  for (const ShortId id : ids) {
    Element power = id;
    for (std::size_t k = 0; k < first + count; ++k) {
      if (k >= first) sums[k - first] ^= power;
      power = naive_multiply(naive_multiply(power, id), id);
    }
  }
  return sums;
}

inline Element random_element(base::Random& random) {
  return random.next_u64() & kFieldMask;
}

/// `count` different short ids, ascending.
inline std::vector<ShortId> random_ids(base::Random& random, std::size_t count) {
  std::set<ShortId> ids;
  while (ids.size() < count) {
    if (const ShortId id = random_element(random); id != 0) ids.insert(id);
  }
  return {ids.begin(), ids.end()};
}

}  // namespace chaski::reconcile::test
