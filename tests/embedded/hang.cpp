// SPDX-License-Identifier: Apache-2.0
// A program that hangs, for the test of the boards' watchdogs.
#include "embedded/boards/board.h"

int main() {
  chaski_board_start();
  chaski_board_say("start\n");
  for (volatile int forever = 1; forever != 0;) continue;
}
