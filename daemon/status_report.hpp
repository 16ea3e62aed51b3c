// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/api_types.hpp"
#include "daemon/api_vault.hpp"
#include "daemon/node_host.hpp"

namespace chaski::daemon {

/// The version of this build, from the file VERSION.
const char* version();

/// What does not work and how to mend it: a list of {"part", "what", "mend"}.
Json problems_json(NodeHost& host, const VaultDesk& vault);

/// The whole answer to GET /v1/status.
Json status_json(NodeHost& host, const VaultDesk& vault);

/// One line for the service manager.
std::string status_line(NodeHost& host);

}  // namespace chaski::daemon
