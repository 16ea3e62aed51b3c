// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace chaski::reconcile {

/// What a reader of a stream says: a whole item, wait for more bytes, or never an item.
enum class Read : std::uint8_t { ok, more, bad };

/// The low bits of a gap that are sent as they are, when `count` values lie below `range`: the
/// greatest b with count * 2^b <= range - floor(range / 32), or 0.
///
/// Rice's parameter for a geometric distribution of this density (Golomb, "Run-length encodings",
/// 1966); from one b to the next the mean length is equal near count * 2^b = 0.96 range.
unsigned gap_bits(std::uint64_t count, std::uint64_t range);

/// Appends strictly ascending values below `range`: about log2(range / count) + 1.5 bits each, the
/// last byte filled up with zeros. Of each gap (the value less its predecessor less 1): its upper
/// part as so many one bits and a zero, then gap_bits() low bits; bits fill bytes from the lowest.
void write_gaps(std::span<const std::uint64_t> values, std::uint64_t range, base::Bytes& out);

/// Reads `count` values written so from the front of `in`, and how many bytes they took.
///
/// bad: values at or above `range`, which also bounds the bytes that a reader ever waits for; or
/// padding that is not zero.
Read read_gaps(base::ByteView in, std::size_t count, std::uint64_t range,
               std::vector<std::uint64_t>& values, std::size_t& used);

/// A number in base 128, least significant group first, up to 32 bits and 5 bytes.
void write_varint(std::uint32_t value, base::Bytes& out);
/// bad: not the shortest form, or above 32 bits.
Read read_varint(base::ByteView in, std::uint32_t& value, std::size_t& used);

}  // namespace chaski::reconcile
