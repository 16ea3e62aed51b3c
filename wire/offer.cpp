// SPDX-License-Identifier: Apache-2.0
#include "wire/offer.hpp"

#include <array>

#include "base/assert.hpp"
#include "wire/canonical.hpp"
#include "wire/limits.hpp"

namespace chaski::wire {

namespace {

constexpr std::string_view kOfferShape = "vbvvvv";
constexpr std::string_view kResumeShape = "vv";
using base::unexpected;

}  // namespace

base::Expected<Offer, WireError> decode_offer(base::ByteView payload) {
  std::array<Field, kOfferShape.size()> read;
  if (const auto error = read_canonical(payload, kOfferShape, read)) return unexpected(*error);
  const auto& [transfer, id, size, age, hops_left, copies] = read;
  Offer offer;
  offer.state.age_ms = age.number;
  if (!take_number(transfer, offer.transfer) || id.bytes.size() != EnvelopeId::kSize ||
      !take_exact(id, offer.id) || !take_number(size, offer.size) ||
      !take_number(hops_left, offer.state.hops_left) ||
      !take_number(copies, offer.state.copies)) {
    return unexpected(WireError::malformed);
  }
  if (offer.id.is_zero() || offer.size == 0) return unexpected(WireError::reserved_value);
  if (offer.size > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  if (offer.state.hops_left > kHopsMax) return unexpected(WireError::reserved_value);
  return offer;
}

std::size_t encode_offer(const Offer& offer, base::MutableByteView out) {
  const auto size = CanonicalWriter(out)
                        .number(1, offer.transfer)
                        .bytes(2, offer.id.view())
                        .number(3, offer.size)
                        .number(4, offer.state.age_ms)
                        .number(5, offer.state.hops_left)
                        .number(6, offer.state.copies)
                        .size();
  CHASKI_ASSERT(size.has_value());
  return *size;
}

base::Expected<Resume, WireError> decode_resume(base::ByteView payload) {
  std::array<Field, kResumeShape.size()> read;
  if (const auto error = read_canonical(payload, kResumeShape, read)) return unexpected(*error);
  Resume resume;
  if (!take_number(read[0], resume.transfer) || !take_number(read[1], resume.offset)) {
    return unexpected(WireError::malformed);
  }
  if (resume.offset > kEnvelopeSizeMax) return unexpected(WireError::oversized);
  return resume;
}

std::size_t encode_resume(const Resume& resume, base::MutableByteView out) {
  const auto size =
      CanonicalWriter(out).number(1, resume.transfer).number(2, resume.offset).size();
  CHASKI_ASSERT(size.has_value());
  return *size;
}

}  // namespace chaski::wire
