// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/preamble.hpp"

#include <sys/random.h>

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::transport_lan {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {'C', 'H', 'K', '1'};

}  // namespace

InstanceId random_instance_id() {
  InstanceId id;
  const ssize_t got = ::getrandom(id.bytes.data(), id.bytes.size(), 0);
  CHASKI_ASSERT(got == static_cast<ssize_t>(id.bytes.size()));
  return id;
}

Preamble encode_preamble(const InstanceId& own) {
  Preamble out;
  auto next = std::copy(kMagic.begin(), kMagic.end(), out.begin());
  std::copy(own.bytes.begin(), own.bytes.end(), next);
  return out;
}

std::optional<InstanceId> decode_preamble(base::ByteView bytes) {
  if (bytes.size() != kPreambleSize) return std::nullopt;
  if (!base::equal(bytes.first(kMagic.size()), kMagic)) return std::nullopt;
  return InstanceId::from(bytes.subspan(kMagic.size()));
}

void encode_length(base::MutableByteView out, std::size_t length) {
  for (std::size_t i = 0; i < kLengthSize; ++i) {
    out[i] = static_cast<std::uint8_t>(length >> (8 * (kLengthSize - 1 - i)));
  }
}

std::size_t decode_length(base::ByteView in) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthSize; ++i) length = length << 8 | in[i];
  return length;
}

}  // namespace chaski::transport_lan
