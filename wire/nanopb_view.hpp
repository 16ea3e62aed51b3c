// SPDX-License-Identifier: Apache-2.0
// Private to wire/: byte strings through nanopb without a copy. Included by .cpp files only.
#pragma once

#include <pb_decode.h>
#include <pb_encode.h>

#include <optional>

#include "base/bytes.hpp"

namespace chaski::wire {

/// nanopb callback: `*arg` (a base::ByteView) becomes a view of the field inside the source buffer.
///
/// Works on streams of pb_istream_from_buffer() only: their `state` is the read position.
inline bool take_view(pb_istream_t* stream, const pb_field_t*, void** arg) {
  auto& view = *static_cast<base::ByteView*>(*arg);
  view = {static_cast<const std::uint8_t*>(stream->state), stream->bytes_left};
  return pb_read(stream, nullptr, stream->bytes_left);
}

/// nanopb callback: writes the base::ByteView at `*arg`; nothing when it is empty.
inline bool put_view(pb_ostream_t* stream, const pb_field_t* field, void* const* arg) {
  const auto& view = *static_cast<const base::ByteView*>(*arg);
  if (view.empty()) return true;
  return pb_encode_tag_for_field(stream, field) &&
         pb_encode_string(stream, view.data(), view.size());
}

inline pb_callback_t view_decoder(base::ByteView& view) {
  pb_callback_t callback{};
  callback.funcs.decode = &take_view;
  callback.arg = &view;
  return callback;
}

inline pb_callback_t view_encoder(base::ByteView& view) {
  pb_callback_t callback{};
  callback.funcs.encode = &put_view;
  callback.arg = &view;
  return callback;
}

/// Decodes all of `bytes` into a message that was zero-initialised and given its view_decoder()s.
inline bool decode_message(base::ByteView bytes, const pb_msgdesc_t* fields, void* message) {
  pb_istream_t stream = pb_istream_from_buffer(bytes.data(), bytes.size());
  return pb_decode_ex(&stream, fields, message, PB_DECODE_NOINIT) && stream.bytes_left == 0;
}

/// Bytes written, or nothing when `out` is too small.
inline std::optional<std::size_t> encode_message(const pb_msgdesc_t* fields, const void* message,
                                                 base::MutableByteView out) {
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), out.size());
  if (!pb_encode(&stream, fields, message)) return std::nullopt;
  return stream.bytes_written;
}

}  // namespace chaski::wire
