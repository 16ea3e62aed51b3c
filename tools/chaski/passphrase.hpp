// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace chaski::tools {

/// Where a passphrase comes from: never the command line, which others on the machine can read.
struct PassphraseSource {
  std::optional<int> fd;  ///< a line of this open file; without it, the terminal
  bool none = false;      ///< no passphrase is wanted
};

/// Asks on the terminal without echo, or reads a line. Throws CommandError: there is neither, or
/// the line is empty or too long.
std::string read_passphrase(const PassphraseSource& source, const char* question);

/// A new one, asked twice on a terminal; nothing when none is wanted.
std::optional<std::string> read_new_passphrase(const PassphraseSource& source,
                                               const char* question);

/// Whether somebody at a terminal typed yes.
bool confirmed(const char* question);

}  // namespace chaski::tools
