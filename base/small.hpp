// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chaski::base {

/// Whether this is the build for small boards: what their limits turn off (traces, beginnings of
/// large envelopes) is then known when compiling, and its code is left out.
#ifdef CHASKI_SMALL
inline constexpr bool kSmall = true;
#else
inline constexpr bool kSmall = false;
#endif

}  // namespace chaski::base
