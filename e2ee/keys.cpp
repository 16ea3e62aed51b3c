// SPDX-License-Identifier: Apache-2.0
#include "e2ee/keys.hpp"

#include <sodium.h>

#include "e2ee/reveal.hpp"

namespace chaski::e2ee {

void wipe(base::MutableByteView bytes) {
  sodium_memzero(bytes.data(), bytes.size());
}

bool equal_constant_time(base::ByteView a, base::ByteView b) {
  return a.size() == b.size() && revealed(sodium_memcmp(a.data(), b.data(), a.size())) == 0;
}

}  // namespace chaski::e2ee
