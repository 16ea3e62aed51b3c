// SPDX-License-Identifier: Apache-2.0
#pragma once

#ifdef CHASKI_CHECK_SECRETS
#include <valgrind/memcheck.h>
#endif

namespace chaski::e2ee {

/// From here on what `value` holds may be known: to branch on it is no leak.
///
/// Says so to the reader, and does nothing but in tests/e2ee/secret_paths.cpp, which runs under
/// valgrind with every random byte taken for uninitialised: there a branch or a look-up that
/// depends on a secret that nobody revealed is an error. Source of the idea: Langley, "ctgrind",
/// 2010.
template <class Value>
inline const Value& reveal(const Value& value) {
#ifdef CHASKI_CHECK_SECRETS
  (void)VALGRIND_MAKE_MEM_DEFINED(&value, sizeof value);
#endif
  return value;
}

}  // namespace chaski::e2ee
