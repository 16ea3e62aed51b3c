// SPDX-License-Identifier: Apache-2.0
#include "link/hello_codec.hpp"

#include <pb_decode.h>
#include <pb_encode.h>

#include <algorithm>

#include "base/assert.hpp"
#include "hello.pb.h"
#include "wire/limits.hpp"

namespace chaski::link {

static_assert(chaski_link_Hello_size <= kHelloSizeMax);

void encode_hello(const VersionedHello& hello, base::MutableByteView payload) {
  CHASKI_ASSERT(payload.size() > kHelloSizeMax);
  chaski_link_Hello message{};
  message.version = hello.version;
  message.capabilities = hello.hello.capabilities;
  message.frame_size_max = hello.hello.frame_size_max;
  std::fill(payload.begin(), payload.end(), std::uint8_t{0});
  pb_ostream_t stream = pb_ostream_from_buffer(payload.data() + 1, kHelloSizeMax);
  const bool encoded = pb_encode(&stream, chaski_link_Hello_fields, &message);
  CHASKI_ASSERT(encoded);
  payload[0] = static_cast<std::uint8_t>(stream.bytes_written);
}

std::optional<VersionedHello> decode_hello(base::ByteView payload) {
  if (payload.empty()) return std::nullopt;
  const std::size_t size = payload[0];
  if (size > kHelloSizeMax || size > payload.size() - 1) return std::nullopt;
  chaski_link_Hello message{};
  pb_istream_t stream = pb_istream_from_buffer(payload.data() + 1, size);
  if (!pb_decode(&stream, chaski_link_Hello_fields, &message)) return std::nullopt;
  if (message.frame_size_max < wire::kFrameSizeMin) return std::nullopt;
  VersionedHello hello{message.version, {message.capabilities, message.frame_size_max}};
  constexpr auto kLargest = static_cast<std::uint32_t>(wire::kFrameSizeMax);
  hello.hello.frame_size_max = std::min(hello.hello.frame_size_max, kLargest);
  return hello;
}

}  // namespace chaski::link
