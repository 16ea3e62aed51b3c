// SPDX-License-Identifier: Apache-2.0
// Afraid of: a Hello of somebody else that we read otherwise than Protocol Buffers says.
#include <gtest/gtest.h>
#include <pb_decode.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>

#include "base/random.hpp"
#include "hello.pb.h"
#include "link/hello_codec.hpp"
#include "wire/limits.hpp"

namespace chaski::link {
namespace {

void put_varint(base::Bytes& out, std::uint64_t value, std::size_t longer = 0) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
  for (; longer > 0 && out.size() > 0; --longer) {
    out.back() |= 0x80;
    out.push_back(0);
  }
}

/// Fields that we know and others, of any type, in any order, some longer than they need be, and
/// now and then cut off.
base::Bytes some_message(base::Random& random) {
  constexpr std::uint8_t kTypes[] = {0, 0, 0, 0, 0, 0, 1, 2, 5, 3};
  base::Bytes out;
  while (out.size() < 35 && random.below(6) != 0) {
    const std::uint8_t type = kTypes[random.below(std::size(kTypes))];
    const std::uint64_t number = 1 + random.below(type == 0 ? 4 : 40);
    put_varint(out, number << 3 | type);
    const std::uint64_t value = random.below(~std::uint64_t{0}) >> random.below(64);
    const std::size_t size = type == 1 ? 8 : type == 5 ? 4 : type == 2 ? random.below(6) : 0;
    if (type == 0) put_varint(out, value, value < 1'000 ? random.below(3) : 0);
    if (type == 2) put_varint(out, size);
    out.insert(out.end(), size, 0x55);
  }
  if (random.below(4) == 0) out.resize(out.size() - std::min<std::size_t>(out.size(), 1));
  return out;
}

RC_GTEST_PROP(Hello, IsReadAsNanopbReadsIt, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  for (int i = 0; i < 50; ++i) {
    const base::Bytes bytes = some_message(random);
    chaski_link_Hello message{};
    pb_istream_t stream = pb_istream_from_buffer(bytes.data(), bytes.size());
    const bool well = pb_decode(&stream, chaski_link_Hello_fields, &message) &&
                      message.frame_size_max >= wire::kFrameSizeMin;
    base::Bytes payload(1 + bytes.size());
    payload[0] = static_cast<std::uint8_t>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), payload.begin() + 1);
    const auto hello = decode_hello(payload);
    RC_ASSERT(hello.has_value() == well);
    if (!hello) continue;
    RC_ASSERT(hello->version == message.version);
    RC_ASSERT(hello->hello.capabilities == message.capabilities);
    RC_ASSERT(hello->hello.frame_size_max ==
              std::min(message.frame_size_max, static_cast<std::uint32_t>(wire::kFrameSizeMax)));
  }
}

}  // namespace
}  // namespace chaski::link
