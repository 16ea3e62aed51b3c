// SPDX-License-Identifier: Apache-2.0
#include "daemon/secure_process.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "vault/guarded_key.hpp"

namespace chaski::daemon {

MemoryLock secure_process() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  rlimit lockable{};
  const bool unlimited =
      ::getrlimit(RLIMIT_MEMLOCK, &lockable) == 0 && lockable.rlim_cur == RLIM_INFINITY;
  // What is not used is not locked: it takes no memory.
  if (unlimited && ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0) return MemoryLock::all;
  return vault::memory_can_be_locked() ? MemoryLock::keys : MemoryLock::none;
}

}  // namespace chaski::daemon
