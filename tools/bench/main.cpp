// SPDX-License-Identifier: Apache-2.0
// chaski-bench: measures, and says it as a table or as JSON.
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "tools/bench/bench.hpp"

namespace {

int usage(std::FILE* out, int code) {
  fmt::print(out, "usage: chaski-bench [--json] COMMAND [ARGUMENTS]\n\ncommands:\n");
  for (const auto& command : chaski::bench::commands()) {
    fmt::print(out, "  {:<10} {}\n", command.name, command.summary);
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  // Without it libsodium stays with its slow portable code, and so would the figures.
  if (::sodium_init() < 0) return 1;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool json = std::erase(arguments, "--json") > 0;
  if (arguments.empty()) return usage(stderr, 2);
  if (arguments[0] == "--help" || arguments[0] == "-h") return usage(stdout, 0);
  const auto all = chaski::bench::commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& command) {
    return command.name == arguments[0];
  });
  if (found == all.end()) {
    fmt::print(stderr, "chaski-bench: no command '{}'; see chaski-bench --help\n", arguments[0]);
    return 2;
  }
  arguments.erase(arguments.begin());
  chaski::bench::Report report;
  const int code = found->run(arguments, report);
  fmt::print("{}", json ? report.json(found->name) : report.table());
  return code;
}
