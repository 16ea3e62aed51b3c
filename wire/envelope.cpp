// SPDX-License-Identifier: Apache-2.0
#include "wire/envelope.hpp"

#include <sodium/crypto_generichash.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/assert.hpp"
#include "wire/canonical.hpp"

namespace chaski::wire {

namespace {

constexpr std::string_view kEnvelopeShape = "vvvvbbbb";
constexpr std::string_view kCarriedShape = "vvvb";
constexpr std::uint8_t kEnvelopeVersion = 1;
/// Every version of an envelope begins with this tag (field 1, varint) and one byte of version.
constexpr std::uint8_t kVersionTag = 0x08;
constexpr std::string_view kReceiptDomain = "chaski1 receipt";
constexpr std::size_t kReceiptDomainSize = 16;

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

/// Absent when zero: nothing on the air has its default value.
template <class Tagged>
base::ByteView unless_zero(const Tagged& field) {
  return field.is_zero() ? base::ByteView{} : field.view();
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
  std::array<Field, kEnvelopeShape.size()> read;
  if (const auto error = read_canonical(bytes, kEnvelopeShape, read)) return unexpected(*error);

  const auto& [version, kind, priority, lifetime, tag, commitment, stamp, body] = read;
  EnvelopeFields fields;
  std::uint8_t kind_number = 0;
  std::uint8_t priority_number = 0;
  if (!take_number(kind, kind_number) || !take_number(priority, priority_number) ||
      !take_number(lifetime, fields.lifetime_s) || !take_exact(tag, fields.tag) ||
      !take_exact(commitment, fields.commitment)) {
    return unexpected(WireError::malformed);
  }
  fields.kind = static_cast<EnvelopeKind>(kind_number);
  fields.priority = static_cast<Priority>(priority_number);
  fields.stamp = stamp.bytes;
  fields.body = body.bytes;
  if (const auto error = check(fields)) return unexpected(*error);
  // Zero is absent: a receipt that writes its zeros out would be a second encoding of the same.
  const bool receipt = fields.kind == EnvelopeKind::receipt;
  if (receipt && (!tag.bytes.empty() || !commitment.bytes.empty())) {
    return unexpected(WireError::reserved_value);
  }
  return fields;
}

base::Expected<std::size_t, WireError> encode_envelope(const EnvelopeFields& fields,
                                                       base::MutableByteView out) {
  if (const auto error = check(fields)) return unexpected(*error);
  const auto size = CanonicalWriter(out)
                        .number(1, kEnvelopeVersion)
                        .number(2, static_cast<std::uint8_t>(fields.kind))
                        .number(3, static_cast<std::uint8_t>(fields.priority))
                        .number(4, fields.lifetime_s)
                        .bytes(5, unless_zero(fields.tag))
                        .bytes(6, unless_zero(fields.commitment))
                        .bytes(7, fields.stamp)
                        .bytes(8, fields.body)
                        .size();
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
  std::array<std::uint8_t, kReceiptDomainSize + ReceiptToken::kSize> in{};
  std::copy(kReceiptDomain.begin(), kReceiptDomain.end(), in.begin());
  std::copy(token.bytes.begin(), token.bytes.end(), in.begin() + kReceiptDomainSize);
  std::array<std::uint8_t, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), in.data(), in.size(), nullptr, 0);
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
  std::array<Field, kCarriedShape.size()> read;
  if (const auto error = read_canonical(payload, kCarriedShape, read)) return unexpected(*error);
  const auto& [age, hops_left, copies, envelope] = read;
  CarriedEnvelope carried;
  carried.state.age_ms = age.number;
  if (!take_number(hops_left, carried.state.hops_left) ||
      !take_number(copies, carried.state.copies)) {
    return unexpected(WireError::malformed);
  }
  if (carried.state.hops_left > kHopsMax) return unexpected(WireError::reserved_value);
  // An empty payload and one cut before its envelope look alike.
  if (envelope.bytes.empty()) return unexpected(WireError::truncated);
  if (envelope.bytes.size() > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  carried.envelope = envelope.bytes;
  return carried;
}

base::Expected<std::size_t, WireError> encode_carried(const CarriedEnvelope& carried,
                                                      base::MutableByteView out) {
  if (carried.state.hops_left > kHopsMax) return unexpected(WireError::reserved_value);
  if (carried.envelope.empty()) return unexpected(WireError::malformed);
  if (carried.envelope.size() > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  const auto size = CanonicalWriter(out)
                        .number(1, carried.state.age_ms)
                        .number(2, carried.state.hops_left)
                        .number(3, carried.state.copies)
                        .bytes(4, carried.envelope)
                        .size();
  if (!size) return unexpected(WireError::no_room);
  return *size;
}

std::size_t carried_size(const CarryState& state, std::size_t envelope_size) {
  return varint_field_size(state.age_ms) + varint_field_size(state.hops_left) +
         varint_field_size(state.copies) + 1 + varint_size(envelope_size) + envelope_size;
}

}  // namespace chaski::wire
