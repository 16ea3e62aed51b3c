// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "reconcile/field.hpp"

namespace chaski::reconcile {

/// A 48-bit short id: any element but 0.
using ShortId = Element;

/// Bytes of one syndrome as sent: little-endian, as libminisketch serializes them.
inline constexpr std::size_t kSyndromeSize = 6;
/// Most differences that one sketch is ever decoded for: what bounds the work of a hostile one.
inline constexpr std::size_t kCapacityMax = 128;

/// Adds the odd power sums of `ids` to `sums`: sums[k] ^= the sum of id^(2 * (first + k) + 1).
///
/// With first = 0 and sums of size c this makes a PinSketch of capacity c (Dodis, Ostrovsky, Reyzin
/// and Smith, "Fuzzy extractors", section 6.3); a larger `first` extends one. The sums of two sets
/// exclusive-ored are those of their symmetric difference.
void add_power_sums(std::span<const ShortId> ids, std::size_t first, std::span<Element> sums);

/// The ids whose odd power sums these are, ascending, or nothing when there is no set of at most
/// syndromes.size() ids with these sums. At most kCapacityMax syndromes are looked at.
///
/// Bounded, for c syndromes: about 27 c^2 products to find the locator polynomial (Berlekamp and
/// Massey) and to see that it splits; only for what does, 40 c^2 in all with its roots (Berlekamp's
/// trace algorithm). On the heap 8 (48 c + c^2 / 2) bytes.
std::optional<std::vector<ShortId>> decode(std::span<const Element> syndromes);
/// The same for at most `most` ids: what are more is refused after about c^2 products, and with
/// fewer than there are syndromes a wrong set is found once in 2^48.
std::optional<std::vector<ShortId>> decode_few(std::span<const Element> syndromes,
                                               std::size_t most);

void append_syndromes(std::span<const Element> syndromes, base::Bytes& out);
void write_syndromes(std::span<const Element> syndromes, base::MutableByteView out);
/// bytes.size() / kSyndromeSize of them; the rest is ignored.
void read_syndromes(base::ByteView bytes, std::span<Element> out);

}  // namespace chaski::reconcile
