// SPDX-License-Identifier: Apache-2.0
// A board for chaski-vectors-here: this machine, whose console is standard output.
#include <cstdio>

#include "embedded/boards/board.h"

namespace {

void feed(void*) {}

}  // namespace

extern "C" {

const chaski_port* chaski_board_start(void) {
  static const chaski_port port{.context = nullptr,
                                .time_us = nullptr,
                                .entropy = nullptr,
                                .watchdog = feed,
                                .idle = nullptr,
                                .uarts = {},
                                .flash = nullptr};
  return &port;
}

void chaski_board_say(const char* text) {
  std::fputs(text, stdout);
}
void chaski_board_say_usage(void) {}
}
