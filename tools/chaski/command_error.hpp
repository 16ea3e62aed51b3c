// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

namespace chaski::tools {

/// How `chaski` ends; documented in docs/cli.md and in `chaski --help`.
enum class ExitCode : int {
  ok = 0,
  refused = 1,        ///< the node refused, or the output could not be written
  usage = 2,          ///< bad command line
  unreachable = 3,    ///< no node at the socket, or it went away
  not_delivered = 4,  ///< send --wait: expired, or not delivered in time
  not_understood = 5, ///< what answers at the socket does not speak like chaskid
  locked = 6,         ///< the node is locked: chaski unlock
};

/// Ends a command: thrown anywhere, printed as one line by main.
struct CommandError {
  ExitCode exit;
  std::string code;  ///< a word for programs, as in the API's errors
  std::string what;  ///< what is wrong, and where
  std::string mend;  ///< what to do about it; may be empty
};

inline CommandError usage_error(std::string what, std::string mend) {
  return {ExitCode::usage, "usage", std::move(what), std::move(mend)};
}

}  // namespace chaski::tools
