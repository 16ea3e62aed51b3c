// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace chaski::wire {

/// First 16 bytes of BLAKE2b-256 over the immutable envelope bytes as sent.
using EnvelopeId = base::TaggedBytes<struct EnvelopeIdTag, 16>;
/// One-time delivery tag: only the recipient can tell that it is theirs.
using DeliveryTag = base::TaggedBytes<struct DeliveryTagTag, 8>;
/// The secret inside the ciphertext that the recipient publishes once the message is stored.
using ReceiptToken = base::TaggedBytes<struct ReceiptTokenTag, 16>;
/// H(token): what every relay can check a published token against.
using ReceiptCommitment = base::TaggedBytes<struct ReceiptCommitmentTag, 16>;

/// What an envelope is to a relay. Numbers are on the air.
enum class EnvelopeKind : std::uint8_t { sealed = 1, receipt = 2 };

/// How urgent its sender called it. Numbers are on the air.
enum class Priority : std::uint8_t { bulk = 0, normal = 1, urgent = 2 };

}  // namespace chaski::wire
