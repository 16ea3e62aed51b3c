// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "reconcile/locator.hpp"
#include "reconcile/roots.hpp"
#include "reconcile/sketch_with.hpp"

namespace chaski::reconcile {

namespace {

/// An element that nobody can aim at: to know it one must have all roots, and to choose roots that
/// are hard to part one must know it. Steele, Lea and Flood's mixing ("Fast splittable pseudorandom
/// number generators", 2014), a coefficient at a time.
Element multiplier_for(std::span<const Element> polynomial) {
  std::uint64_t mixed = 0;
  for (const Element coefficient : polynomial) {
    mixed = (mixed ^ coefficient) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    mixed ^= mixed >> 31;
  }
  return (mixed & kFieldMask) | 1;
}

}  // namespace

/// What comes out has these sums, without a look: the locator's register makes all 2c of them, so
/// they are sums of y r^j over its different roots r, for some y. S(2j) = S(j)^2 for all j up to c,
/// and at most c roots, make each y its own square: 0 or 1. And a root with y = 0 would not be in
/// the shortest register.
std::optional<std::vector<ShortId>> decode_with(const Kernel& kernel,
                                                std::span<const Element> syndromes,
                                                std::size_t most) {
  syndromes = syndromes.first(std::min(syndromes.size(), kCapacityMax));
  return roots_of(kernel, find_locator(kernel, syndromes, std::min(most, syndromes.size())));
}

std::optional<std::vector<ShortId>> roots_of(const Kernel& kernel,
                                             std::optional<std::vector<Element>> polynomial) {
  if (!polynomial) return std::nullopt;
  if (!find_roots(kernel, multiplier_for(*polynomial), *polynomial)) return std::nullopt;
  std::sort(polynomial->begin(), polynomial->end());
  return polynomial;
}

std::optional<std::vector<ShortId>> decode(std::span<const Element> syndromes) {
  return decode_with(kernel(), syndromes);
}

std::optional<std::vector<ShortId>> decode_few(std::span<const Element> syndromes,
                                               std::size_t most) {
  return decode_with(kernel(), syndromes, most);
}

}  // namespace chaski::reconcile
