// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/command_line.hpp"

int main(int argc, char** argv) { return chaski::tools::run_command_line(argc, argv); }
