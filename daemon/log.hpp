// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace chaski::daemon {

/// Numbers are those of syslog.
enum class LogLevel : std::uint8_t { error = 3, warning = 4, info = 6, debug = 7 };

std::optional<LogLevel> log_level(std::string_view name);
const char* to_string(LogLevel level);

/// Writes lines to stderr: with the `<N>` prefix of sd-daemon(3) when the journal reads them
/// (JOURNAL_STREAM is set), with the local time otherwise.
///
/// Never given keys or plaintext; ids only shortened (base::short_hex).
class Log {
 public:
  explicit Log(LogLevel level);

  void set_level(LogLevel level) { level_ = level; }
  LogLevel level() const { return level_; }
  bool wants(LogLevel level) const { return level <= level_; }

  void write(LogLevel level, std::string_view line) const;
  void error(std::string_view line) const { write(LogLevel::error, line); }
  void warning(std::string_view line) const { write(LogLevel::warning, line); }
  void info(std::string_view line) const { write(LogLevel::info, line); }
  void debug(std::string_view line) const { write(LogLevel::debug, line); }

 private:
  LogLevel level_;
  bool journal_;
};

}  // namespace chaski::daemon
