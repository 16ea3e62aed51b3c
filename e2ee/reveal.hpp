// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace chaski::e2ee {

#ifdef CHASKI_CHECK_SECRETS
/// The test's: tells valgrind.
void mark_revealed(const void* value, std::size_t size);
#endif

/// From here on what `value` holds may be known: to branch on it is no leak.
///
/// Says so to the reader, and does nothing but in tests/e2ee/secret_paths.cpp, which runs under
/// valgrind with every random byte taken for uninitialised: there a branch or a look-up that
/// depends on a secret that nobody revealed is an error. Source of the idea: Langley, "ctgrind",
/// 2010.
template <class Value>
inline void reveal([[maybe_unused]] const Value& value) {
#ifdef CHASKI_CHECK_SECRETS
  mark_revealed(&value, sizeof value);
#endif
}

/// The same of a copy.
template <class Value>
inline Value revealed(Value value) {
  reveal(value);
  return value;
}

}  // namespace chaski::e2ee
