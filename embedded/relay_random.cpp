// SPDX-License-Identifier: Apache-2.0
#include "embedded/relay_random.hpp"

#include <sodium/crypto_stream_chacha20.h>
#include <sodium/utils.h>

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace chaski::embedded {

static_assert(crypto_stream_chacha20_KEYBYTES == 32);

RelayRandom::~RelayRandom() {
  sodium_memzero(key_.data(), key_.size());
}

bool RelayRandom::wake(base::Time now) {
  if (now < ask_at_) return ready_;
  std::array<std::uint8_t, kKeySize> fresh{};
  if (port_.entropy(port_.context, fresh.data(), fresh.size()) == 0) {
    ++failures_;
    ask_at_ = now + kAskAgain;
    return ready_;
  }
  // Mixed into what there is, which a generator that went bad cannot take away.
  for (std::size_t i = 0; i < key_.size(); ++i) key_[i] ^= fresh[i];
  sodium_memzero(fresh.data(), fresh.size());
  ready_ = true;
  ask_at_ = now + kFreshen;
  return true;
}

void RelayRandom::fill(base::MutableByteView out) {
  CHASKI_ASSERT(ready_);
  constexpr std::array<std::uint8_t, crypto_stream_chacha20_NONCEBYTES> kNonce{};
  std::array<std::uint8_t, 2 * kKeySize> stream;
  while (!out.empty()) {
    crypto_stream_chacha20(stream.data(), stream.size(), kNonce.data(), key_.data());
    std::copy_n(stream.begin(), kKeySize, key_.begin());
    const std::size_t size = std::min(out.size(), kKeySize);
    std::memcpy(out.data(), stream.data() + kKeySize, size);
    out = out.subspan(size);
  }
  sodium_memzero(stream.data(), stream.size());
}

}  // namespace chaski::embedded
