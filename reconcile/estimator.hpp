// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "reconcile/sketch.hpp"

namespace chaski::reconcile {

/// Bytes of the parities of a set.
inline constexpr std::size_t kParitiesSize = 104;

/// Parities of samples of a set, from thin to thick: two of them, exclusive-ored, are those of the
/// symmetric difference, and tell about how large it is.
///
/// Each id counts in at most one of 832 bits. With z leading zeros in its 48 bits it is in octave
/// z, and the bits that follow the leading one name its place there: 6 bits for octaves 0 to 9 (64
/// places each), 5 bits for octaves 10 to 15 (32 places each); ids with more zeros do not count.
/// Octaves stand one behind the other; place p of them all is bit p % 8 of byte p / 8.
class Parities {
 public:
  void add(std::span<const ShortId> ids);
  base::ByteView bytes() const { return bits_; }

 private:
  std::array<std::uint8_t, kParitiesSize> bits_{};
};

/// The most likely number of differences, from `least` to `most`, when the parities of two sets
/// are these (kParitiesSize bytes each).
///
/// A place that a difference hits with probability q is odd with (1 - (1 - 2q)^d) / 2. The standard
/// deviation of ln d is about 0.17 from 50 to 500,000; floating point is fine, since the two sides
/// need not agree.
double estimate_difference(base::ByteView ours, base::ByteView theirs, double least, double most);

}  // namespace chaski::reconcile
