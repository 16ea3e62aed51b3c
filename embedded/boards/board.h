/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHASKI_EMBEDDED_BOARDS_BOARD_H
#define CHASKI_EMBEDDED_BOARDS_BOARD_H

#include "embedded/port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an image for a microcontroller asks of its board, beside the port. */

/* Starts clock, UARTs, flash and watchdog; called once, first. */
const struct chaski_port* chaski_board_start(void);

/* The console: a UART that is no link. say() waits until all is sent. */
void chaski_board_say(const char* text);
/* Whether somebody typed something since the last call. */
int chaski_board_asked(void);
/* Says `name=number `. */
void chaski_board_say_number(const char* name, uint64_t number);
/* Says how much stack and heap was used at most, and ends the line. */
void chaski_board_say_usage(void);

#ifdef __cplusplus
}
#endif

#endif
