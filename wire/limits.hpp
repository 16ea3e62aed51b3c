// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace chaski::wire {

// Specification constants: two nodes that disagree on these do not understand each other.

/// A link packet on Bluetooth LE with data length extension carries 244 bytes of ours.
inline constexpr std::size_t kBlePacketSize = 244;
/// Largest sealed body: padding class 305 packets, room for 64 KiB of text and its overhead.
inline constexpr std::size_t kBodySizeMax = 65'824;
/// Largest immutable envelope encoding.
inline constexpr std::size_t kEnvelopeSizeMax = kBodySizeMax + 96;
/// Longest lifetime a sender may ask for: 14 days.
inline constexpr std::uint32_t kLifetimeMax_s = 14 * 24 * 3600;
/// Most hops an envelope may have left.
inline constexpr std::uint8_t kHopsMax = 64;
/// The stamp field of an envelope has 0 to 16 bytes. It is reserved: what was worked for stands
/// where strangers cannot see it (docs/decisions/0007-stamps.md).
inline constexpr std::size_t kStampSizeMax = 16;
/// Nobody may ask for more work than a stamp of so many bits: 2^24 hashes on the average.
inline constexpr unsigned kStampBitsMax = 24;
/// Largest plaintext link frame, so that with the 16 byte Noise tag it is a Noise message.
inline constexpr std::size_t kFrameSizeMax = 65'519;
/// Smallest plaintext link frame a transport must offer.
inline constexpr std::size_t kFrameSizeMin = 64;
/// Ids in one announce or want record.
inline constexpr std::size_t kIdsMax = 256;
/// Largest record payload, after reassembly.
inline constexpr std::size_t kRecordSizeMax = kEnvelopeSizeMax + 64;

}  // namespace chaski::wire
