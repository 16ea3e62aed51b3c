// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "chaski.pb.h"
#include "wire/canonical.hpp"
#include "wire/nanopb_view.hpp"
#include "wire/records.hpp"

namespace chaski::wire {

namespace {

constexpr std::string_view kIdListShape = "vb";
using base::unexpected;
// A row of ids in memory is the field as it is on the air.
static_assert(sizeof(EnvelopeId) == EnvelopeId::kSize);

}  // namespace

base::Expected<IdList, WireError> decode_id_list(base::ByteView payload) {
  if (payload.size() > id_list_size_max(kIdListMax)) return unexpected(WireError::oversized);
  if (const auto error = check_canonical(payload, kIdListShape)) return unexpected(*error);
  base::ByteView ids;
  chaski_wire_IdList message{};
  message.ids = view_decoder(ids);
  // nanopb takes any number for true; only 1 is canonical.
  if (payload.size() >= 2 && payload[0] == 0x08 && payload[1] != 1) {
    return unexpected(WireError::malformed);
  }
  if (!decode_message(payload, chaski_wire_IdList_fields, &message)) {
    return unexpected(WireError::malformed);
  }
  if (ids.size() % EnvelopeId::kSize != 0) return unexpected(WireError::malformed);
  if (ids.size() / EnvelopeId::kSize > kIdListMax) return unexpected(WireError::oversized);
  IdList list;
  list.last = message.last;
  list.ids.resize(ids.size() / EnvelopeId::kSize);
  if (!ids.empty()) std::memcpy(list.ids.data(), ids.data(), ids.size());
  return list;
}

base::Expected<std::size_t, WireError> encode_id_list(bool last, std::span<const EnvelopeId> ids,
                                                      base::MutableByteView out) {
  if (ids.size() > kIdListMax) return unexpected(WireError::oversized);
  base::ByteView bytes;
  if (!ids.empty()) bytes = {ids.front().bytes.data(), ids.size() * EnvelopeId::kSize};
  chaski_wire_IdList message{};
  message.last = last;
  message.ids = view_encoder(bytes);
  const auto size = encode_message(chaski_wire_IdList_fields, &message, out);
  if (!size) return unexpected(WireError::no_room);
  return *size;
}

std::size_t id_list_size_max(std::size_t count) {
  const std::size_t bytes = count * EnvelopeId::kSize;
  return 2 + 1 + varint_size(bytes) + bytes;
}

}  // namespace chaski::wire
