// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include "tools/sim/commands.hpp"
#include "tools/sim/failure.hpp"

namespace chaski::tools {
namespace {

int run_command_line(int argc, char** argv) {
  CLI::App app{"chaski-sim: would messages arrive, how late, and at what cost"};
  app.require_subcommand(1);
  add_run_commands(app);
  add_sweep_command(app);
  add_explain_command(app);
  add_list_command(app);
  add_trace_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fputs((std::string("chaski-sim: ") + error.what() + "\n").c_str(), stderr);
    return 1;
  } catch (const Failure& failure) {
    std::fputs(("chaski-sim: " + failure.line + "\n").c_str(), stderr);
    return failure.exit;
  }
  return 0;
}

}  // namespace
}  // namespace chaski::tools

int main(int argc, char** argv) {
  return chaski::tools::run_command_line(argc, argv);
}
