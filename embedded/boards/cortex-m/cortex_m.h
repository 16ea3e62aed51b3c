/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHASKI_EMBEDDED_BOARDS_CORTEX_M_H
#define CHASKI_EMBEDDED_BOARDS_CORTEX_M_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What every Cortex-M has (ARMv7-M Architecture Reference Manual, B3): start-up, interrupts, the
 * system timer as a clock, and the stack's measure. */

#ifdef __cplusplus
#define CHASKI_NORETURN [[noreturn]]
#else
#define CHASKI_NORETURN _Noreturn
#endif

#define CHASKI_REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))

/* The board's handler of its own interrupts, numbered from 0. */
void chaski_board_interrupt(uint32_t number);
/* Ends a program that ends (tests), or starts the board anew. */
CHASKI_NORETURN void chaski_board_stop(int code);

void chaski_enable_interrupt(uint32_t number);
static inline void chaski_mask_interrupts(void) {
  __asm__ volatile("cpsid i" ::: "memory");
}
static inline void chaski_unmask_interrupts(void) {
  __asm__ volatile("cpsie i" ::: "memory");
}
/* Sleeps until an interrupt is pending, masked or not. */
static inline void chaski_wait(void) {
  __asm__ volatile("dsb\n\twfi" ::: "memory");
}

/* Starts the clock: an interrupt each CHASKI_TICK_US wakes who waits. */
#define CHASKI_TICK_US 10000u
void chaski_clock_start(uint32_t ticks_per_us);
uint64_t chaski_clock_us(void);

/* Bytes of stack that were in use at most since start, of how many. */
uint32_t chaski_stack_used(void);
uint32_t chaski_stack_size_bytes(void);
/* How far into its arena `new` ever came, in bytes. */
uint32_t chaski_heap_used(void);

#ifdef __cplusplus
}
#endif

#endif
