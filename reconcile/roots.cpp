// SPDX-License-Identifier: Apache-2.0
#include "reconcile/roots.hpp"

#include "base/assert.hpp"
#include "reconcile/frobenius.hpp"
#include "reconcile/splitter.hpp"

namespace chaski::reconcile {

bool find_roots(const Kernel& kernel, Element multiplier, std::vector<Element>& polynomial) {
  if (polynomial.size() <= 1) return true;
  const Frobenius frobenius(kernel, polynomial);
  if (!frobenius.splits()) return false;
  std::vector<Element> trace(polynomial.size());
  Splitter splitter(kernel, polynomial);
  for (unsigned i = 0; i < kFieldBits && !splitter.done(); ++i, multiplier = times_x(multiplier)) {
    frobenius.trace(multiplier, trace);
    splitter.part_by(trace);
  }
  CHASKI_ASSERT(splitter.done());
  return true;
}

}  // namespace chaski::reconcile
