/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHASKI_EMBEDDED_BOARDS_MPS2_AN385_H
#define CHASKI_EMBEDDED_BOARDS_MPS2_AN385_H

#include "embedded/boards/board.h"
#include "embedded/boards/cortex-m/cortex_m.h"

/* Arm MPS2 with the image of application note AN385: a Cortex-M3 at 25 MHz, 4 MiB of SSRAM at 0 for
 * code, 4 MiB at 0x20000000, 16 MiB of PSRAM at 0x21000000, five UARTs (Arm DAI0385D, table 3-1 and
 * 4-1; Cortex-M System Design Kit, DDI0479C). QEMU: -M mps2-an385. */
#define MPS2_TICKS_PER_US 25u

/* UARTs 0 to 3 are links 0 to 3; UART 4 is the console. */
#ifndef MPS2_LINKS
#define MPS2_LINKS 4u
#endif
#define MPS2_CONSOLE 4u
void mps2_uarts_start(void);
void mps2_uarts_interrupt(uint32_t number);
/* Whether something happened since it was asked last; called with interrupts masked. */
int mps2_uarts_pending(void);
extern const struct chaski_uarts mps2_uarts;

/* Flash that PSRAM plays, page by page of 4 KiB: page 0 is the seed page, of which only entropy
 * knows, and the relay's region is pages 16 to 271, 1 MiB. */
extern const struct chaski_flash mps2_flash;
#define MPS2_SEED_PAGE CHASKI_REGISTER(0x21000000u)
/* Programs one word outside of the region of the relay; only clears bits. */
void mps2_flash_word(volatile uint32_t* word, uint32_t value);

int mps2_entropy(void* context, uint8_t* out, size_t size);

void mps2_watchdog_start(void);
void mps2_watchdog_feed(void* context);

#endif
