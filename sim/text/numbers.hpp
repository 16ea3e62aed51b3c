// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace chaski::sim {

/// Times in files lie below this: 126 years, so that seconds since 1970 are times too.
inline constexpr std::int64_t kFileSecondsMax = 4'000'000'000;

/// A whole word as a finite number (`12`, `-0.5`, `1.0E7`); nothing when it is anything else.
std::optional<double> real_in(std::string_view word);
/// A whole word as seconds from 0 to kFileSecondsMax, to the nearest microsecond.
std::optional<base::Duration> seconds_in(std::string_view word);
/// A whole word of digits, at most `max`.
std::optional<std::uint32_t> whole_in(std::string_view word, std::uint32_t max);

/// Seconds as seconds_in() reads them again, exactly: `12`, `0.05`.
std::string seconds_text(base::Duration duration);

}  // namespace chaski::sim
