// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

/// The subcommands of chaski-sim, a file each: they do their work in the callback, and throw
/// Failure when they cannot.
namespace chaski::tools {

/// `run` and `compare`.
void add_run_commands(CLI::App& app);
/// In the room sweep/.
void add_sweep_command(CLI::App& app);
/// In the room explain/.
void add_explain_command(CLI::App& app);
void add_list_command(CLI::App& app);
void add_trace_command(CLI::App& app);

}  // namespace chaski::tools
