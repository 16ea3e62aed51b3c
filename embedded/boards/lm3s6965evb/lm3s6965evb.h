/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHASKI_EMBEDDED_BOARDS_LM3S6965EVB_H
#define CHASKI_EMBEDDED_BOARDS_LM3S6965EVB_H

#include "embedded/boards/board.h"
#include "embedded/boards/cortex-m/cortex_m.h"

/* Stellaris LM3S6965: a Cortex-M3 at 50 MHz, 256 KiB of flash, 64 KiB of RAM, three PL011 UARTs
 * (LM3S6965 data sheet, Texas Instruments). QEMU: -M lm3s6965evb. */
#define LM3S_TICKS_PER_US 50u

/* UARTs 0 and 1 are links, UART 2 is the console. */
#define LM3S_LINKS 2u
#define LM3S_CONSOLE 2u
#define LM3S_SEED_SIZE 32u
void lm3s_uarts_start(void);
void lm3s_uarts_interrupt(uint32_t number);
/* Whether there is something to do; called with interrupts masked. */
int lm3s_uarts_pending(void);
extern const struct chaski_uarts lm3s_uarts;
/* The first LM3S_SEED_SIZE bytes that came on the console, once all of them came; else null. */
const uint8_t* lm3s_seed(void);

#endif
