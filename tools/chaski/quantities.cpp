// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace chaski::tools {

namespace {

constexpr std::uint64_t kDurationMax_s = 1'000ULL * 7 * 24 * 3600;

std::optional<std::uint64_t> unit_s(std::string_view unit) {
  if (unit.empty() || unit == "s") return 1;
  if (unit == "m" || unit == "min") return 60;
  if (unit == "h") return 3'600;
  if (unit == "d") return 86'400;
  if (unit == "w") return 604'800;
  return std::nullopt;
}

std::tm local(std::int64_t unix_s) {
  const std::time_t time = static_cast<std::time_t>(unix_s);
  std::tm out{};
  localtime_r(&time, &out);
  return out;
}

std::string formatted(const std::tm& time, const char* format) {
  std::array<char, 64> buffer{};
  const std::size_t size = std::strftime(buffer.data(), buffer.size(), format, &time);
  return {buffer.data(), size};
}

}  // namespace

std::optional<std::uint32_t> parse_duration_s(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count == 0 || count > kDurationMax_s) return std::nullopt;
  const auto unit = unit_s(text.substr(static_cast<std::size_t>(end - text.data())));
  if (!unit || count * *unit > kDurationMax_s) return std::nullopt;
  return static_cast<std::uint32_t>(count * *unit);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::uint64_t kEnd = std::uint64_t{1} << 53;
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count == 0) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.size() == 2 && (unit[1] == 'B' || unit[1] == 'b')) unit.remove_suffix(1);
  std::uint64_t factor = 1;
  if (!unit.empty()) {
    constexpr std::string_view kUnits = "kmgt";
    const auto at = kUnits.find(static_cast<char>(unit[0] | 0x20));
    if (unit.size() != 1 || at == std::string_view::npos) return std::nullopt;
    for (std::size_t i = 0; i <= at; ++i) factor *= 1'000;
  }
  if (count >= kEnd / factor) return std::nullopt;
  return count * factor;
}

std::string duration_words(std::int64_t seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < 60) return fmt::format("{} s", seconds);
  const auto two = [](std::int64_t large, const char* large_unit, std::int64_t small,
                      const char* small_unit) {
    return small == 0 ? fmt::format("{} {}", large, large_unit)
                      : fmt::format("{} {} {} {}", large, large_unit, small, small_unit);
  };
  if (seconds < 3'600) return two(seconds / 60, "min", seconds % 60, "s");
  if (seconds < 86'400) return two(seconds / 3'600, "h", seconds % 3'600 / 60, "min");
  return two(seconds / 86'400, "d", seconds % 86'400 / 3'600, "h");
}

std::string work_words(std::uint64_t bits) {
  // 2^18 hashes a second: a phone's core, a third of it.
  constexpr std::uint64_t kBitsOfSecond = 18;
  constexpr std::uint64_t kBitsMax = 40;
  if (bits < kBitsOfSecond) return "less than a second";
  return duration_words(std::int64_t{1} << (std::min(bits, kBitsMax) - kBitsOfSecond));
}

std::string working_words(std::uint64_t left_s) {
  return fmt::format("working, about {}",
                     duration_words(static_cast<std::int64_t>(std::max<std::uint64_t>(1, left_s))));
}

std::string size_words(std::uint64_t bytes) {
  if (bytes < 1'000) return fmt::format("{} B", bytes);
  constexpr std::array<const char*, 5> kUnits{"KB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(bytes) / 1'000;
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1'000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits.at(unit));
}

std::string count_words(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string moment_words(std::int64_t unix_s, std::int64_t now_unix_s) {
  const std::tm then = local(unix_s);
  const std::tm now = local(now_unix_s);
  if (then.tm_year != now.tm_year) return formatted(then, "%Y-%m-%d %H:%M");
  if (then.tm_yday != now.tm_yday) return formatted(then, "%e %b %H:%M");
  return formatted(then, "%H:%M:%S");
}

}  // namespace chaski::tools
