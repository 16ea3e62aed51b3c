// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chaski::tools {

/// The whole of `chaski`: reads the command line, runs the command, prints an error as one line.
/// Gives the exit code (ExitCode).
int run_command_line(int argc, const char* const* argv);

}  // namespace chaski::tools
