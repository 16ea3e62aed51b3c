// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tools/chaski/command_error.hpp"

namespace chaski::tools {

/// One answer of the node, whole.
struct Response {
  int status = 0;
  std::string body;
};

/// What an answer that is not 200 means: the API's error object, or that it has none.
CommandError refusal(const Response& response, const std::string& socket);

/// The one line of an error for a person: `chaski: what; mend`.
std::string error_line(const CommandError& error);

/// The same for programs: the API's error object in one line.
std::string error_json(const CommandError& error);

}  // namespace chaski::tools
