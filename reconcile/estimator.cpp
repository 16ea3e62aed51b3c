// SPDX-License-Identifier: Apache-2.0
#include "reconcile/estimator.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace chaski::reconcile {

namespace {

constexpr unsigned kFineOctaves = 10;
constexpr unsigned kOctaves = 16;
constexpr unsigned kFinePlaces = 64;
constexpr unsigned kCoarsePlaces = 32;
static_assert(kFineOctaves * kFinePlaces + (kOctaves - kFineOctaves) * kCoarsePlaces ==
              8 * kParitiesSize);

constexpr unsigned places(unsigned octave) {
  return octave < kFineOctaves ? kFinePlaces : kCoarsePlaces;
}
constexpr unsigned first_place(unsigned octave) {
  const unsigned fine = std::min(octave, kFineOctaves);
  return fine * kFinePlaces + (octave - fine) * kCoarsePlaces;
}

using Odd = std::array<unsigned, kOctaves>;  // how many places of each octave are odd

Odd count_odd(base::ByteView ours, base::ByteView theirs) {
  Odd odd{};
  for (unsigned octave = 0; octave < kOctaves; ++octave) {
    const std::size_t first = first_place(octave) / 8;
    for (std::size_t i = first; i < first + places(octave) / 8; ++i) {
      const auto differing = static_cast<std::uint8_t>(ours[i] ^ theirs[i]);
      odd[octave] += static_cast<unsigned>(std::popcount(differing));
    }
  }
  return odd;
}

double log_likelihood(const Odd& odd, double difference) {
  double sum = 0;
  for (unsigned octave = 0; octave < kOctaves; ++octave) {
    const double hit = 1.0 / (static_cast<double>(std::uint32_t{2} << octave) * places(octave));
    const double even = std::exp(difference * std::log1p(-2 * hit));
    const double odd_chance = std::max((1 - even) / 2, 1e-12);
    sum += odd[octave] * std::log(odd_chance) +
           (places(octave) - odd[octave]) * std::log(1 - odd_chance);
  }
  return sum;
}

}  // namespace

void Parities::add(std::span<const ShortId> ids) {
  for (const ShortId id : ids) {
    const std::uint64_t aligned = id << (64 - kFieldBits);
    const auto octave = static_cast<unsigned>(std::countl_zero(aligned));
    if (octave >= kOctaves) continue;
    const std::uint64_t behind = aligned << (octave + 1);
    const unsigned place = first_place(octave) +
                           static_cast<unsigned>(behind >> (octave < kFineOctaves ? 58 : 59));
    bits_[place / 8] ^= static_cast<std::uint8_t>(1u << (place % 8));
  }
}

/// Looks along a ladder of steps of 2^(1/8), then between the neighbours of the best.
double estimate_difference(base::ByteView ours, base::ByteView theirs, double least, double most) {
  const Odd odd = count_odd(ours, theirs);
  const double step = std::exp2(0.125);
  double best = least;
  double best_likelihood = log_likelihood(odd, least);
  const auto consider = [&](double difference) {
    const double likelihood = log_likelihood(odd, difference);
    if (likelihood <= best_likelihood) return;
    best = difference;
    best_likelihood = likelihood;
  };
  for (double d = least * step; d < most; d *= step) consider(d);
  const double middle = best;
  for (int eighth = -7; eighth <= 7; ++eighth) {
    consider(std::clamp(middle * std::exp2(eighth / 64.0), least, most));
  }
  return best;
}

}  // namespace chaski::reconcile
