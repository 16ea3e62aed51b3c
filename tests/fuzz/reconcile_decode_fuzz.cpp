// SPDX-License-Identifier: Apache-2.0
// Bytes as a sketch: what is decoded must have its sums, whatever the arithmetic. The same bytes as
// a set: its sketch must decode to it.
#include <algorithm>

#include "base/assert.hpp"
#include "reconcile/sketch_with.hpp"

using namespace chaski;
using reconcile::Element;

namespace {

std::vector<Element> read(const std::uint8_t* data, std::size_t size) {
  const std::size_t count = std::min(size / reconcile::kSyndromeSize, reconcile::kCapacityMax);
  std::vector<Element> elements(count);
  reconcile::read_syndromes({data, count * reconcile::kSyndromeSize}, elements);
  return elements;
}

void as_sketch(const std::vector<Element>& sums) {
  const auto decoded = reconcile::decode(sums);
  for (const auto* kernel : reconcile::all_kernels()) {
    CHASKI_ASSERT(reconcile::decode_with(*kernel, sums) == decoded);
  }
  if (!decoded) return;
  CHASKI_ASSERT(decoded->size() <= sums.size());
  std::vector<Element> again(sums.size());
  const auto& portable = *reconcile::all_kernels().front();
  reconcile::add_power_sums_with(portable, *decoded, 0, again);
  CHASKI_ASSERT(again == sums);
}

void as_set(std::vector<Element> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::erase(ids, Element{0});
  std::vector<Element> sums(ids.size());
  reconcile::add_power_sums(ids, 0, sums);
  CHASKI_ASSERT(reconcile::decode(sums) == ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<Element> elements = read(data, size);
  as_sketch(elements);
  as_set(elements);
  return 0;
}
