// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chaski::daemon {

/// How much of this process's memory can be swapped out.
enum class MemoryLock {
  all,   ///< nothing
  keys,  ///< everything but the keys that all else is sealed under
  none,  ///< those as well
};

/// No core dumps, no debugger of the same user, and as much memory locked as the system allows.
///
/// All of it is locked only where there is no limit on that: with one, memory that is asked for
/// later would be refused.
MemoryLock secure_process();

}  // namespace chaski::daemon
