// SPDX-License-Identifier: Apache-2.0
#include "daemon/system_random.hpp"

#include <sodium.h>
#include <sys/random.h>

#include <cerrno>

#include "daemon/start_error.hpp"

namespace chaski::daemon {

SystemRandom::SystemRandom() {
  // Without flags this blocks until the generator was seeded once since boot: keys made before
  // that could be those of every copy of the same disk image.
  std::uint8_t byte = 0;
  while (::getrandom(&byte, 1, 0) != 1) {
    if (errno != EINTR) {
      throw StartError(kExitState,
                       "the kernel gives no random numbers; chaskid needs getrandom(2)");
    }
  }
  if (::sodium_init() < 0) throw StartError(kExitState, "libsodium does not start; reinstall it");
}

void SystemRandom::fill(base::MutableByteView out) { ::randombytes_buf(out.data(), out.size()); }

}  // namespace chaski::daemon
