// SPDX-License-Identifier: Apache-2.0
#include "wire/envelope.hpp"

#include <sodium/crypto_generichash.h>

#include <string_view>

#include "base/assert.hpp"
#include "chaski.pb.h"
#include "wire/canonical.hpp"
#include "wire/nanopb_view.hpp"

namespace chaski::wire {

namespace {

constexpr std::string_view kEnvelopeShape = "vvvvbbbb";
constexpr std::string_view kCarriedShape = "vvvb";
constexpr std::uint8_t kEnvelopeVersion = 1;
/// Every version of an envelope begins with this tag (field 1, varint) and one byte of version.
constexpr std::uint8_t kVersionTag = 0x08;
constexpr std::string_view kReceiptKey = "chaski receipt";

using base::unexpected;

/// The one set of rules that both directions obey.
std::optional<WireError> check(const EnvelopeFields& f) {
  const bool receipt = f.kind == EnvelopeKind::receipt;
  if (!receipt && f.kind != EnvelopeKind::sealed) return WireError::unknown_kind;
  if (f.priority > Priority::urgent) return WireError::reserved_value;
  if (f.lifetime_s == 0 || f.lifetime_s > kLifetimeMax_s) return WireError::reserved_value;
  if (f.tag.is_zero() != receipt || f.commitment.is_zero() != receipt) {
    return WireError::reserved_value;
  }
  if (f.stamp.size() > kStampSizeMax || f.body.size() > kBodySizeMax) return WireError::oversized;
  if (f.body.empty()) return WireError::malformed;
  return std::nullopt;
}

/// Copies a nanopb byte array that is absent or exactly as long as `out`.
template <class Array, class Tagged>
bool take_exact(const Array& from, Tagged& out) {
  if (from.size == 0) return true;
  if (from.size != Tagged::kSize) return false;
  std::memcpy(out.bytes.data(), from.bytes, Tagged::kSize);
  return true;
}

/// Absent when zero: nothing on the air has its default value.
template <class Tagged, class Array>
void put_exact(const Tagged& from, Array& out) {
  if (from.is_zero()) return;
  out.size = Tagged::kSize;
  std::memcpy(out.bytes, from.bytes.data(), Tagged::kSize);
}

std::optional<WireError> check_version(base::ByteView bytes) {
  if (bytes.size() < 2) return WireError::truncated;
  if (bytes[0] != kVersionTag) return WireError::malformed;
  if (bytes[1] != kEnvelopeVersion) return WireError::unknown_version;
  return std::nullopt;
}

}  // namespace

base::Expected<EnvelopeFields, WireError> decode_envelope(base::ByteView bytes) {
  if (bytes.size() > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  if (const auto error = check_version(bytes)) return unexpected(*error);
  if (const auto error = check_canonical(bytes, kEnvelopeShape)) return unexpected(*error);

  EnvelopeFields fields;
  chaski_wire_Envelope message{};
  message.stamp = view_decoder(fields.stamp);
  message.body = view_decoder(fields.body);
  if (!decode_message(bytes, chaski_wire_Envelope_fields, &message)) {
    return unexpected(WireError::malformed);
  }
  if (!take_exact(message.tag, fields.tag) || !take_exact(message.commitment, fields.commitment)) {
    return unexpected(WireError::malformed);
  }
  fields.kind = static_cast<EnvelopeKind>(message.kind);
  fields.priority = static_cast<Priority>(message.priority);
  fields.lifetime_s = message.lifetime_s;
  if (const auto error = check(fields)) return unexpected(*error);
  // Zero is absent: a receipt that writes its zeros out would be a second encoding of the same.
  const bool receipt = fields.kind == EnvelopeKind::receipt;
  if (receipt && (message.tag.size > 0 || message.commitment.size > 0)) {
    return unexpected(WireError::reserved_value);
  }
  return fields;
}

base::Expected<std::size_t, WireError> encode_envelope(const EnvelopeFields& fields,
                                                       base::MutableByteView out) {
  if (const auto error = check(fields)) return unexpected(*error);
  chaski_wire_Envelope message{};
  message.version = kEnvelopeVersion;
  message.kind = static_cast<std::uint8_t>(fields.kind);
  message.priority = static_cast<std::uint8_t>(fields.priority);
  message.lifetime_s = fields.lifetime_s;
  put_exact(fields.tag, message.tag);
  put_exact(fields.commitment, message.commitment);
  base::ByteView stamp = fields.stamp;
  message.stamp = view_encoder(stamp);
  base::ByteView body = fields.body;
  message.body = view_encoder(body);
  const auto size = encode_message(chaski_wire_Envelope_fields, &message, out);
  if (!size) return unexpected(WireError::no_room);
  return *size;
}

base::Bytes encode_envelope(const EnvelopeFields& fields) {
  constexpr std::size_t kHeaderMax = kEnvelopeSizeMax - kBodySizeMax;
  base::Bytes out(kHeaderMax + fields.body.size());
  const auto size = encode_envelope(fields, out);
  CHASKI_ASSERT(size.has_value());
  out.resize(*size);
  return out;
}

EnvelopeId envelope_id(base::ByteView envelope_bytes) {
  std::array<std::uint8_t, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), envelope_bytes.data(), envelope_bytes.size(),
                     nullptr, 0);
  return *EnvelopeId::from(base::ByteView(hash).first(EnvelopeId::kSize));
}

ReceiptCommitment commit(const ReceiptToken& token) {
  std::array<std::uint8_t, 32> hash{};
  const base::ByteView key = base::as_bytes(kReceiptKey);
  crypto_generichash(hash.data(), hash.size(), token.bytes.data(), token.bytes.size(), key.data(),
                     key.size());
  return *ReceiptCommitment::from(base::ByteView(hash).first(ReceiptCommitment::kSize));
}

base::Expected<ReceiptBody, WireError> decode_receipt_body(base::ByteView body) {
  constexpr std::size_t kSize = EnvelopeId::kSize + ReceiptToken::kSize;
  if (body.size() < kSize) return unexpected(WireError::truncated);
  if (body.size() > kSize) return unexpected(WireError::oversized);
  return ReceiptBody{*EnvelopeId::from(body.first(EnvelopeId::kSize)),
                     *ReceiptToken::from(body.subspan(EnvelopeId::kSize))};
}

base::Bytes encode_receipt_body(const ReceiptBody& body) {
  base::Bytes out(body.envelope.bytes.begin(), body.envelope.bytes.end());
  out.insert(out.end(), body.token.bytes.begin(), body.token.bytes.end());
  return out;
}

base::Expected<CarriedEnvelope, WireError> decode_carried(base::ByteView payload) {
  if (payload.size() > kRecordSizeMax) return unexpected(WireError::oversized);
  if (const auto error = check_canonical(payload, kCarriedShape)) return unexpected(*error);
  CarriedEnvelope carried;
  chaski_wire_Carried message{};
  message.envelope = view_decoder(carried.envelope);
  if (!decode_message(payload, chaski_wire_Carried_fields, &message)) {
    return unexpected(WireError::malformed);
  }
  if (message.hops_left > kHopsMax) return unexpected(WireError::reserved_value);
  // An empty payload and one cut before its envelope look alike.
  if (carried.envelope.empty()) return unexpected(WireError::truncated);
  if (carried.envelope.size() > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  carried.state = {message.age_ms, message.hops_left, message.copies};
  return carried;
}

base::Expected<std::size_t, WireError> encode_carried(const CarriedEnvelope& carried,
                                                      base::MutableByteView out) {
  if (carried.state.hops_left > kHopsMax) return unexpected(WireError::reserved_value);
  if (carried.envelope.empty()) return unexpected(WireError::malformed);
  if (carried.envelope.size() > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  chaski_wire_Carried message{};
  message.age_ms = carried.state.age_ms;
  message.hops_left = carried.state.hops_left;
  message.copies = carried.state.copies;
  base::ByteView envelope = carried.envelope;
  message.envelope = view_encoder(envelope);
  const auto size = encode_message(chaski_wire_Carried_fields, &message, out);
  if (!size) return unexpected(WireError::no_room);
  return *size;
}

std::size_t carried_size(const CarryState& state, std::size_t envelope_size) {
  return varint_field_size(state.age_ms) + varint_field_size(state.hops_left) +
         varint_field_size(state.copies) + 1 + varint_size(envelope_size) + envelope_size;
}

}  // namespace chaski::wire
