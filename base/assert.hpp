// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chaski::base {

/// Called when an assertion failed: reports where, then ends the program; never returns.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace chaski::base

/// Our own bug, never the peer's: on in every build.
#define CHASKI_ASSERT(expression)                                                         \
  (static_cast<bool>(expression)                                                          \
       ? static_cast<void>(0)                                                             \
       : ::chaski::base::assertion_failed(#expression, __FILE__, __LINE__))
