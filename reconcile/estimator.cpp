// SPDX-License-Identifier: Apache-2.0
#include "reconcile/estimator.hpp"

#include <algorithm>
#include <bit>

namespace chaski::reconcile {

namespace {

constexpr unsigned kBitsMin = 3;
constexpr unsigned kBitsMax = 10;
/// Largest sets whose counters have 3, 4 … 9 bits.
constexpr std::uint32_t kSetsMax[] = {3'400,   11'000,    34'000,   110'000,
                                      340'000, 1'100'000, 3'400'000};

constexpr double kPi = 3.14159265358979323846;
constexpr double kLn2 = 0.69314718055994530942;

/// 1 - cos x up to pi, for tables that the compiler makes.
constexpr double versine(double x) {
  double sum = 0;
  double term = 1;
  for (int k = 2; k < 40; k += 2) {
    term *= -x * x / (k * (k - 1));
    sum -= term;
  }
  return sum;
}

constexpr std::uint32_t nearest(double number) {
  const auto whole = static_cast<std::uint32_t>(number);
  return number - whole < 0.5 ? whole : whole + 1;
}

constexpr unsigned kCosineBits = 15;    // of the fraction of a cosine
constexpr unsigned kQuarter = 64;       // entries for a quarter of a turn
constexpr std::array<std::uint16_t, kQuarter + 1> make_cosines() {
  std::array<std::uint16_t, kQuarter + 1> cosines{};
  for (unsigned i = 0; i <= kQuarter; ++i) {
    const double cosine = 1 - versine(kPi / 2 * i / kQuarter);
    cosines[i] = static_cast<std::uint16_t>(nearest(cosine * (1u << kCosineBits)));
  }
  return cosines;
}
constexpr auto kCosines = make_cosines();

/// ln 2 / (1 - cos(2 pi / 2^m)) for m = 3 … 10, with 12 bits of fraction.
constexpr std::array<std::uint32_t, kBitsMax - kBitsMin + 1> make_scales() {
  std::array<std::uint32_t, kBitsMax - kBitsMin + 1> scales{};
  for (unsigned m = kBitsMin; m <= kBitsMax; ++m) {
    const double scale = kLn2 / versine(2 * kPi / (1u << m));
    scales[m - kBitsMin] = nearest(scale * 4'096);
  }
  return scales;
}
constexpr auto kScales = make_scales();

/// The cosine of `turn` / 2^16 of a turn; between two entries of the table on a straight line.
std::int32_t cosine(std::uint32_t turn) {
  turn &= 0xFFFF;
  if (turn > 0x8000) turn = 0x10000 - turn;
  const bool behind = turn > 0x4000;
  if (behind) turn = 0x8000 - turn;
  const std::uint32_t step = 0x4000 / kQuarter;
  const std::uint32_t at = turn / step;
  const std::uint32_t part = turn % step;
  std::int32_t value = kCosines[at];
  if (part != 0) {
    value -= static_cast<std::int32_t>((kCosines[at] - kCosines[at + 1]) * part / step);
  }
  return behind ? -value : value;
}

/// log2 of a number from 1 up, with 16 bits of fraction: each squaring gives one more.
std::uint32_t log2_of(std::uint32_t number) {
  const auto whole = static_cast<unsigned>(std::bit_width(number)) - 1;
  std::uint64_t rest = std::uint64_t{number} << (31 - whole);  // 1 to 2, with 31 bits of fraction
  std::uint32_t result = whole;
  for (int bit = 0; bit < 16; ++bit) {
    rest = rest * rest >> 31;
    const bool two = rest >> 32 != 0;
    result = result << 1 | static_cast<std::uint32_t>(two);
    if (two) rest >>= 1;
  }
  return result;
}

/// -log2 of the mean cosine when 2^m steps are a turn, with 16 bits of fraction; at most 5, since
/// what is below 1/32 is chance.
std::uint32_t decay(const Counters& counters, unsigned m) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < counters.size(); ++i) {
    sum += cosine(static_cast<std::uint32_t>(counters[i]) << (16 - m));
  }
  const auto all = static_cast<std::int32_t>(counters.size() << kCosineBits);
  const std::int32_t mean = std::clamp(sum, all / 32, all);
  return log2_of(static_cast<std::uint32_t>(all)) - log2_of(static_cast<std::uint32_t>(mean));
}

/// How many differences make the mean cosine decay so.
std::uint64_t differences(std::uint32_t decay, unsigned m, std::size_t counters) {
  const std::uint64_t each = std::uint64_t{decay} * kScales[m - kBitsMin] >> 12;
  return (each * counters + 0x8000) >> 16;
}

}  // namespace

unsigned counter_bits(std::size_t count) {
  unsigned bits = kBitsMin;
  for (const std::uint32_t most : kSetsMax) bits += count > most ? 1u : 0u;
  return bits;
}

void Counters::add(std::span<const ShortId> ids) {
  const std::uint64_t counters = size();
  for (const ShortId id : ids) {
    const auto place = static_cast<std::size_t>((id & 0xFFFFFFFF) * counters >> 32);
    at_[place] = static_cast<std::uint16_t>(at_[place] + 1 - 2 * (id >> (kFieldBits - 1)));
  }
}

std::array<std::uint8_t, kCountersSize> Counters::bytes() const {
  std::array<std::uint8_t, kCountersSize> bytes{};
  for (std::size_t i = 0; i < size() * bits_; ++i) {
    const unsigned bit = (*this)[i / bits_] >> (i % bits_) & 1;
    bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | bit << (i % 8));
  }
  return bytes;
}

void Counters::subtract(base::ByteView theirs) {
  for (std::size_t i = 0; i < size() * bits_; ++i) {
    const unsigned bit = static_cast<unsigned>(theirs[i / 8]) >> (i % 8) & 1;
    at_[i / bits_] = static_cast<std::uint16_t>(at_[i / bits_] - (bit << (i % bits_)));
  }
}

/// A larger angle tells small numbers better, up to a decay of about 1/2, and large ones not at
/// all. So the smallest first, from which the best is seen.
std::uint32_t estimate_difference(const Counters& difference) {
  constexpr std::uint64_t kDecayBest = 0x8000;
  const unsigned finest = difference.bits();
  const std::uint64_t rough = differences(decay(difference, finest), finest, difference.size());
  unsigned m = kBitsMin;
  while (m < finest && rough > differences(kDecayBest, m, difference.size())) ++m;
  return static_cast<std::uint32_t>(
      differences(decay(difference, m), m, difference.size()));
}

}  // namespace chaski::reconcile
