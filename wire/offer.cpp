// SPDX-License-Identifier: Apache-2.0
#include "wire/offer.hpp"

#include <cstring>

#include "base/assert.hpp"
#include "chaski.pb.h"
#include "wire/canonical.hpp"
#include "wire/limits.hpp"
#include "wire/nanopb_view.hpp"

namespace chaski::wire {

namespace {

constexpr std::string_view kOfferShape = "vbvvvv";
constexpr std::string_view kResumeShape = "vv";
using base::unexpected;

}  // namespace

base::Expected<Offer, WireError> decode_offer(base::ByteView payload) {
  if (const auto error = check_canonical(payload, kOfferShape)) return unexpected(*error);
  chaski_wire_Offer message{};
  if (!decode_message(payload, chaski_wire_Offer_fields, &message)) {
    return unexpected(WireError::malformed);
  }
  Offer offer;
  offer.transfer = message.transfer;
  if (message.id.size != EnvelopeId::kSize) return unexpected(WireError::malformed);
  std::memcpy(offer.id.bytes.data(), message.id.bytes, EnvelopeId::kSize);
  offer.size = message.size;
  offer.state = {message.age_ms, message.hops_left, message.copies};
  if (offer.id.is_zero() || offer.size == 0) return unexpected(WireError::reserved_value);
  if (offer.size > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  if (offer.state.hops_left > kHopsMax) return unexpected(WireError::reserved_value);
  return offer;
}

std::size_t encode_offer(const Offer& offer, base::MutableByteView out) {
  chaski_wire_Offer message{};
  message.transfer = offer.transfer;
  message.id.size = EnvelopeId::kSize;
  std::memcpy(message.id.bytes, offer.id.bytes.data(), EnvelopeId::kSize);
  message.size = offer.size;
  message.age_ms = offer.state.age_ms;
  message.hops_left = offer.state.hops_left;
  message.copies = offer.state.copies;
  const auto size = encode_message(chaski_wire_Offer_fields, &message, out);
  CHASKI_ASSERT(size.has_value());
  return *size;
}

base::Expected<Resume, WireError> decode_resume(base::ByteView payload) {
  if (const auto error = check_canonical(payload, kResumeShape)) return unexpected(*error);
  chaski_wire_Resume message{};
  if (!decode_message(payload, chaski_wire_Resume_fields, &message)) {
    return unexpected(WireError::malformed);
  }
  if (message.offset > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  return Resume{message.transfer, message.offset};
}

std::size_t encode_resume(const Resume& resume, base::MutableByteView out) {
  chaski_wire_Resume message{};
  message.transfer = resume.transfer;
  message.offset = resume.offset;
  const auto size = encode_message(chaski_wire_Resume_fields, &message, out);
  CHASKI_ASSERT(size.has_value());
  return *size;
}

}  // namespace chaski::wire
