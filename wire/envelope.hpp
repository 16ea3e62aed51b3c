// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "wire/error.hpp"
#include "wire/limits.hpp"
#include "wire/types.hpp"

namespace chaski::wire {

/// The immutable part of an envelope: what its id is the hash of. Views point into what was
/// decoded.
struct EnvelopeFields {
  EnvelopeKind kind = EnvelopeKind::sealed;
  Priority priority = Priority::normal;
  std::uint32_t lifetime_s = 0;       ///< 1 to kLifetimeMax_s
  DeliveryTag tag;                    ///< zero exactly when kind is receipt
  ReceiptCommitment commitment;       ///< zero exactly when kind is receipt
  base::ByteView stamp;               ///< 0 to kStampSizeMax bytes
  base::ByteView body;                ///< 1 to kBodySizeMax bytes
};

/// Decodes an immutable envelope; the views of the result point into `bytes`.
///
/// Errors: truncated, oversized, malformed (any encoding but the canonical one, trailing bytes),
/// unknown_version, unknown_kind, reserved_value (zero tag or commitment of a sealed envelope, any
/// of a receipt, zero or too long lifetime, priority out of range).
base::Expected<EnvelopeFields, WireError> decode_envelope(base::ByteView bytes);

/// Encodes into `out` and returns the size used; kEnvelopeSizeMax bytes always suffice.
base::Expected<std::size_t, WireError> encode_envelope(const EnvelopeFields& fields,
                                                       base::MutableByteView out);
base::Bytes encode_envelope(const EnvelopeFields& fields);

/// The id of an envelope: BLAKE2b-256 of the bytes as sent, first 16 bytes (RFC 7693).
EnvelopeId envelope_id(base::ByteView envelope_bytes);

/// The commitment to a receipt token: BLAKE2b-256 of "chaski1 receipt", a zero byte and the token,
/// first 16 bytes.
ReceiptCommitment commit(const ReceiptToken& token);

/// The body of an envelope of kind receipt: which envelope arrived, and the token that proves it.
struct ReceiptBody {
  EnvelopeId envelope;
  ReceiptToken token;
};
/// 32 bytes: id, token. Errors: truncated, oversized.
base::Expected<ReceiptBody, WireError> decode_receipt_body(base::ByteView body);
base::Bytes encode_receipt_body(const ReceiptBody& body);

/// What travels beside the envelope, changed at every hop and outside the id.
struct CarryState {
  std::uint64_t age_ms = 0;     ///< how long it has been carried so far
  std::uint8_t hops_left = 0;   ///< 0 to kHopsMax; at 0 it is not forwarded
  std::uint16_t copies = 0;     ///< spray copies handed over; 0 means unbounded (epidemic)
};

/// One envelope as it crosses a link.
struct CarriedEnvelope {
  CarryState state;
  base::ByteView envelope;  ///< the immutable bytes
};
base::Expected<CarriedEnvelope, WireError> decode_carried(base::ByteView payload);
base::Expected<std::size_t, WireError> encode_carried(const CarriedEnvelope& carried,
                                                      base::MutableByteView out);
/// Exact size encode_carried() will use.
std::size_t carried_size(const CarryState& state, std::size_t envelope_size);

}  // namespace chaski::wire
