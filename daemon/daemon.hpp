// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/command_line.hpp"
#include "daemon/config.hpp"

namespace chaski::daemon {

/// Runs the node until it is told to stop (SIGTERM, SIGINT, POST /v1/stop); SIGHUP reads the config
/// again. Throws StartError when it cannot start. Returns the exit code.
int run_daemon(const CommandLine& command, const Config& config);

/// The whole program: command line, config, run_daemon, messages on stderr.
int chaskid_main(int argc, const char* const* argv);

}  // namespace chaski::daemon
