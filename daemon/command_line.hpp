// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/expected.hpp"
#include "daemon/config.hpp"

namespace chaski::daemon {

/// What `chaskid` was called with.
struct CommandLine {
  std::optional<std::string> config;
  std::optional<std::string> state;
  std::optional<LogLevel> log_level;
  bool check_config = false;
  bool version = false;
  bool help = false;
};

/// Errors: one line with the mend.
base::Expected<CommandLine, std::string> parse_command_line(int argc, const char* const* argv);
const char* usage();

/// The config that the command line asks for, with what it overrides.
base::Expected<Config, std::string> load_config(const CommandLine& command);

}  // namespace chaski::daemon
