// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace chaski::base {

void assertion_failed(const char* expression, const char* file, int line) {
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ && !defined(__arm__)
  std::fprintf(stderr, "chaski: assertion failed: %s (%s:%d)\n", expression, file, line);
#else
  static_cast<void>(expression);
  static_cast<void>(file);
  static_cast<void>(line);
#endif
  std::abort();
}

}  // namespace chaski::base
