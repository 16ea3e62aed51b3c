// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "wire/canonical.hpp"
#include "wire/records.hpp"

namespace chaski::wire {

namespace {

constexpr std::uint8_t kIdsTag = 1 << 3 | 2;  // field 1, a byte string
// A row of ids in memory is the field as it is on the air.
static_assert(sizeof(EnvelopeId) == EnvelopeId::kSize);

}  // namespace

base::Expected<std::vector<EnvelopeId>, WireError> decode_ids(base::ByteView payload) {
  if (payload.size() > ids_size(kIdsMax)) return base::unexpected(WireError::oversized);
  if (const auto error = check_canonical(payload, "b")) return base::unexpected(*error);
  if (payload.empty()) return std::vector<EnvelopeId>{};
  std::size_t at = 1;
  std::uint64_t size = 0;
  if (const auto error = read_varint(payload, 3, at, size)) return base::unexpected(*error);
  if (size % EnvelopeId::kSize != 0) return base::unexpected(WireError::malformed);
  // check_canonical() has seen that it is no more than what is left.
  const base::ByteView bytes = payload.subspan(at, static_cast<std::size_t>(size));
  std::vector<EnvelopeId> ids(bytes.size() / EnvelopeId::kSize);
  std::memcpy(ids.data(), bytes.data(), bytes.size());
  return ids;
}

std::size_t ids_size(std::size_t count) {
  const std::size_t bytes = count * EnvelopeId::kSize;
  return count == 0 ? 0 : 1 + varint_size(bytes) + bytes;
}

base::Expected<std::size_t, WireError> encode_ids(std::span<const EnvelopeId> ids,
                                                  base::MutableByteView out) {
  if (ids.size() > kIdsMax) return base::unexpected(WireError::oversized);
  if (ids_size(ids.size()) > out.size()) return base::unexpected(WireError::no_room);
  if (ids.empty()) return std::size_t{0};
  std::size_t at = 0;
  out[at++] = kIdsTag;
  const std::size_t bytes = ids.size() * EnvelopeId::kSize;
  std::size_t left = bytes;
  for (; left >= 0x80; left >>= 7) out[at++] = static_cast<std::uint8_t>(left | 0x80);
  out[at++] = static_cast<std::uint8_t>(left);
  std::memcpy(out.data() + at, ids.data(), bytes);
  return at + bytes;
}

}  // namespace chaski::wire
