// SPDX-License-Identifier: Apache-2.0
#include "wire/records.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "wire/canonical.hpp"

namespace chaski::wire {

namespace {

constexpr std::string_view kFragmentShape = "vvvvb";
constexpr std::string_view kAckShape = "v";
constexpr std::string_view kRefuseShape = "vv";
constexpr std::size_t kLengthSizeMax = 3;
constexpr std::size_t kPayloadSizeMax = (std::size_t{1} << 21) - 1;
/// Tags and largest varints of transfer (5), offset (3), total (3), type (2), and the tag of data.
constexpr std::size_t kFragmentFieldsMax = 6 + 4 + 4 + 3 + 1;

using base::unexpected;

std::size_t put_varint(base::MutableByteView out, std::uint64_t value) {
  std::size_t at = 0;
  while (value >= 0x80) {
    out[at++] = static_cast<std::uint8_t>(value | 0x80);
    value >>= 7;
  }
  out[at++] = static_cast<std::uint8_t>(value);
  return at;
}

/// Only the router's own records are cut, and never the pieces again.
bool may_be_cut(RecordType type) {
  return type >= RecordType::envelope && type != RecordType::fragment;
}

std::optional<WireError> check(const Fragment& f) {
  if (f.data.empty() || f.total == 0 || !may_be_cut(f.type)) return WireError::malformed;
  if (f.total > kRecordSizeMax) return WireError::oversized;
  if (f.offset >= f.total || f.data.size() > f.total - f.offset) return WireError::malformed;
  return std::nullopt;
}

}  // namespace

base::Expected<std::optional<Record>, WireError> RecordReader::next() {
  if (rest_.empty()) return std::optional<Record>{};
  const auto type = static_cast<RecordType>(rest_[0]);
  std::size_t at = 1;
  std::uint64_t size = 0;
  if (const auto error = read_varint(rest_, kLengthSizeMax, at, size)) return unexpected(*error);
  if (size > rest_.size() - at) return unexpected(WireError::truncated);
  const Record record{type, rest_.subspan(at, static_cast<std::size_t>(size))};
  rest_ = rest_.subspan(at + static_cast<std::size_t>(size));
  return std::optional<Record>{record};
}

std::size_t record_size(std::size_t payload_size) {
  return 1 + varint_size(payload_size) + payload_size;
}

std::size_t RecordWriter::payload_room() const {
  const std::size_t room = frame_.size() - used_;
  for (std::size_t length_size = 1; length_size <= kLengthSizeMax; ++length_size) {
    if (room < 1 + length_size) return 0;
    const std::size_t largest = (std::size_t{1} << (7 * length_size)) - 1;
    if (room - 1 - length_size <= largest) return room - 1 - length_size;
  }
  return kPayloadSizeMax;
}

std::optional<base::MutableByteView> RecordWriter::add(RecordType type, std::size_t payload_size) {
  if (payload_size > kPayloadSizeMax) return std::nullopt;
  if (record_size(payload_size) > frame_.size() - used_) return std::nullopt;
  frame_[used_++] = static_cast<std::uint8_t>(type);
  used_ += put_varint(frame_.subspan(used_), payload_size);
  const base::MutableByteView payload = frame_.subspan(used_, payload_size);
  used_ += payload_size;
  return payload;
}

bool RecordWriter::add(RecordType type, base::ByteView payload) {
  const auto place = add(type, payload.size());
  if (!place) return false;
  std::copy(payload.begin(), payload.end(), place->begin());
  return true;
}

base::Expected<Fragment, WireError> decode_fragment(base::ByteView payload) {
  std::array<Field, kFragmentShape.size()> read;
  if (const auto error = read_canonical(payload, kFragmentShape, read)) return unexpected(*error);
  const auto& [transfer, offset, total, type, data] = read;
  Fragment fragment;
  std::uint8_t type_number = 0;
  if (!take_number(transfer, fragment.transfer) || !take_number(offset, fragment.offset) ||
      !take_number(total, fragment.total) || !take_number(type, type_number)) {
    return unexpected(WireError::malformed);
  }
  fragment.type = static_cast<RecordType>(type_number);
  fragment.data = data.bytes;
  if (fragment.data.empty()) return unexpected(WireError::truncated);
  if (const auto error = check(fragment)) return unexpected(*error);
  return fragment;
}

base::Expected<std::size_t, WireError> encode_fragment(const Fragment& fragment,
                                                       base::MutableByteView out) {
  if (const auto error = check(fragment)) return unexpected(*error);
  const auto size = CanonicalWriter(out)
                        .number(1, fragment.transfer)
                        .number(2, fragment.offset)
                        .number(3, fragment.total)
                        .number(4, static_cast<std::uint8_t>(fragment.type))
                        .bytes(5, fragment.data)
                        .size();
  if (!size) return unexpected(WireError::no_room);
  return *size;
}

std::size_t fragment_size(const Fragment& fragment) {
  const std::size_t data = fragment.data.size();
  return varint_field_size(fragment.transfer) + varint_field_size(fragment.offset) +
         varint_field_size(fragment.total) +
         varint_field_size(static_cast<std::uint8_t>(fragment.type)) + 1 + varint_size(data) + data;
}

std::size_t fragment_data_room(std::size_t payload_room) {
  const std::size_t header_max = kFragmentFieldsMax + varint_size(payload_room);
  return payload_room > header_max ? payload_room - header_max : 0;
}

base::Expected<Ack, WireError> decode_ack(base::ByteView payload) {
  std::array<Field, kAckShape.size()> read;
  if (const auto error = read_canonical(payload, kAckShape, read)) return unexpected(*error);
  return Ack{read[0].number};
}

std::size_t encode_ack(const Ack& ack, base::MutableByteView out) {
  const auto size = CanonicalWriter(out).number(1, ack.upto).size();
  CHASKI_ASSERT(size.has_value());
  return *size;
}

base::Expected<Refuse, WireError> decode_refuse(base::ByteView payload) {
  std::array<Field, kRefuseShape.size()> read;
  if (const auto error = read_canonical(payload, kRefuseShape, read)) return unexpected(*error);
  const std::uint64_t sequence = read[0].number;
  std::uint8_t reason = 0;
  if (!take_number(read[1], reason)) return unexpected(WireError::malformed);
  if (sequence == 0 || reason == 0) return unexpected(WireError::reserved_value);
  return Refuse{sequence, static_cast<RefuseReason>(reason)};
}

std::size_t encode_refuse(const Refuse& refuse, base::MutableByteView out) {
  CHASKI_ASSERT(refuse.sequence != 0);
  const auto size = CanonicalWriter(out)
                        .number(1, refuse.sequence)
                        .number(2, static_cast<std::uint8_t>(refuse.reason))
                        .size();
  CHASKI_ASSERT(size.has_value());
  return *size;
}

}  // namespace chaski::wire
