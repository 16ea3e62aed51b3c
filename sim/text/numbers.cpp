// SPDX-License-Identifier: Apache-2.0
#include "sim/text/numbers.hpp"

#include <charconv>
#include <cmath>

namespace chaski::sim {

std::optional<double> real_in(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || !std::isfinite(value)) return {};
  return value;
}

std::optional<base::Duration> seconds_in(std::string_view word) {
  const auto value = real_in(word);
  if (!value || *value < 0 || *value > static_cast<double>(kFileSecondsMax)) return {};
  // A double has 53 bits and the largest time 52 in microseconds: each of them is met.
  return base::Duration(std::llround(*value * 1e6));
}

std::optional<std::uint32_t> whole_in(std::string_view word, std::uint32_t max) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value > max) return {};
  return value;
}

std::string seconds_text(base::Duration duration) {
  constexpr std::int64_t kMicroseconds = 1'000'000;
  const std::int64_t us = duration.count();
  std::string text = std::to_string(us / kMicroseconds);
  if (us % kMicroseconds == 0) return text;
  std::string fraction = std::to_string(kMicroseconds + us % kMicroseconds);
  fraction.front() = '.';
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + fraction;
}

}  // namespace chaski::sim
