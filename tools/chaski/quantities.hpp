// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chaski::tools {

/// "90", "90s", "15m", "2h", "7d" or "2w" in seconds; nothing for another text, 0, or over 1,000
/// weeks.
std::optional<std::uint32_t> parse_duration_s(std::string_view text);

/// "900", "64K", "500M", "2G" or "2GB" in bytes (powers of 1000); nothing for another text, 0, or
/// 2^53 and more.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Seconds in words of at most two units: "12 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
std::string duration_words(std::int64_t seconds);

/// What a stamp of so many bits costs a phone on the average: "less than a second", "4 s".
std::string work_words(std::uint64_t bits);
/// "working, about 4 s".
std::string working_words(std::uint64_t left_s);

/// Bytes in words: "812 B", "1.2 KB", "1.0 GB" (powers of 1000).
std::string size_words(std::uint64_t bytes);

/// "1 envelope", "3 envelopes".
std::string count_words(std::uint64_t count, std::string_view thing);

/// A moment in local time: "10:31:05" on the day of `now_unix_s`, "21 Nov 10:31" in its year,
/// "2025-11-21 10:31" otherwise.
std::string moment_words(std::int64_t unix_s, std::int64_t now_unix_s);

}  // namespace chaski::tools
