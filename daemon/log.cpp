// SPDX-License-Identifier: Apache-2.0
#include "daemon/log.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>

namespace chaski::daemon {
namespace {

constexpr std::array kLevels{LogLevel::error, LogLevel::warning, LogLevel::info, LogLevel::debug};
/// A line is cut here: what others make us say must not fill the journal.
constexpr std::size_t kLineMax = 1'000;

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%H:%M:%S ", &parts);
  return {text.data(), size};
}

}  // namespace

const char* to_string(LogLevel level) {
  switch (level) {
    case LogLevel::error: return "error";
    case LogLevel::warning: return "warning";
    case LogLevel::info: return "info";
    case LogLevel::debug: return "debug";
  }
  return "info";
}

std::optional<LogLevel> log_level(std::string_view name) {
  for (const LogLevel level : kLevels) {
    if (name == to_string(level)) return level;
  }
  return std::nullopt;
}

Log::Log(LogLevel level) : level_(level), journal_(std::getenv("JOURNAL_STREAM") != nullptr) {}

void Log::write(LogLevel level, std::string_view line) const {
  if (!wants(level)) return;
  std::string whole = journal_ ? "<" + std::to_string(static_cast<int>(level)) + ">"
                               : local_time() + (level <= LogLevel::warning
                                                     ? std::string(to_string(level)) + ": "
                                                     : std::string());
  for (const char c : line.substr(0, kLineMax)) {
    whole += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;  // one event, one line
  }
  whole += '\n';
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, whole.data(), whole.size());
}

}  // namespace chaski::daemon
