/* SPDX-License-Identifier: Apache-2.0 */
/* Says on the console what a program took of its board. */
#include "embedded/boards/board.h"
#include "embedded/boards/cortex-m/cortex_m.h"

void chaski_board_say_number(const char* name, uint64_t number) {
  char text[24];
  char* at = &text[sizeof text - 1u];
  *at = '\0';
  do {
    *--at = (char)('0' + number % 10u);
    number /= 10u;
  } while (number > 0);
  chaski_board_say(name);
  chaski_board_say("=");
  chaski_board_say(at);
  chaski_board_say(" ");
}

void chaski_board_say_usage(void) {
  chaski_board_say_number("stack", chaski_stack_used());
  chaski_board_say_number("stack_size", chaski_stack_size_bytes());
  chaski_board_say_number("heap", chaski_heap_used());
  chaski_board_say("\n");
}
