// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "mesh-router/memory_envelope_store.hpp"
#include "mesh-router/router.hpp"

int main() {
  chaski::base::SeededRandom random(1);
  chaski::mesh_router::MemoryEnvelopeStore store(1'000);
  const chaski::mesh_router::Router router({}, store, nullptr, random, {});
  std::printf("%s holds %llu envelopes\n",
              chaski::base::to_hex(chaski::base::as_bytes("ok")).c_str(),
              static_cast<unsigned long long>(router.usage().envelopes));
}
