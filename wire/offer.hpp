// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "wire/envelope.hpp"
#include "wire/error.hpp"

namespace chaski::wire {

/// A large envelope is announced before it is sent, so that what came of it before, over whatever
/// link, need not come again. Its bytes follow as a transfer of type RecordType::rest.
struct Offer {
  std::uint32_t transfer = 0;  ///< the number that its fragments will have
  EnvelopeId id;
  std::uint32_t size = 0;      ///< bytes of the envelope: 1 to kEnvelopeSizeMax
  CarryState state;            ///< as in the Carried that it stands for
};
inline constexpr std::size_t kOfferSizeMax = 6 + 18 + 4 + 11 + 2 + 4;

/// Errors: oversized, reserved_value (an id of zeros, size 0, more hops than kHopsMax), and those
/// of check_canonical().
base::Expected<Offer, WireError> decode_offer(base::ByteView payload);
/// `out` must hold kOfferSizeMax bytes.
std::size_t encode_offer(const Offer& offer, base::MutableByteView out);

/// The answer to an offer: how many bytes of the envelope the receiver has. All of them: it wants
/// none.
struct Resume {
  std::uint32_t transfer = 0;
  std::uint32_t offset = 0;
};
inline constexpr std::size_t kResumeSizeMax = 6 + 4;
base::Expected<Resume, WireError> decode_resume(base::ByteView payload);
/// `out` must hold kResumeSizeMax bytes.
std::size_t encode_resume(const Resume& resume, base::MutableByteView out);

}  // namespace chaski::wire
