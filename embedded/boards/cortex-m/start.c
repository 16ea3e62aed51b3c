/* SPDX-License-Identifier: Apache-2.0 */
/* From reset to main(), the table of vectors, and the clock made of the system timer. */
#include "embedded/boards/cortex-m/cortex_m.h"

extern uint32_t chaski_data_load, chaski_data_start, chaski_data_end;
extern uint32_t chaski_bss_start, chaski_bss_end, chaski_stack_bottom, chaski_stack_top;
extern void (*chaski_init_start[])(void);
extern void (*chaski_init_end[])(void);
int main(void);

#define SYST_CSR CHASKI_REGISTER(0xe000e010u)
#define SYST_RVR CHASKI_REGISTER(0xe000e014u)
#define SYST_CVR CHASKI_REGISTER(0xe000e018u)
#define NVIC_ISER(word) CHASKI_REGISTER(0xe000e100u + 4u * (word))
#define SCB_ICSR CHASKI_REGISTER(0xe000ed04u)
#define SCB_ICSR_PENDSTSET (1u << 26)

/* An unused word of stack. */
#define PAINT 0xa5c3a5c3u

static uint32_t clock_ticks_per_us;
static volatile uint32_t clock_periods; /* of CHASKI_TICK_US */

void chaski_enable_interrupt(uint32_t number) {
  NVIC_ISER(number / 32u) = 1u << number % 32u;
}

void chaski_clock_start(uint32_t ticks_per_us) {
  clock_ticks_per_us = ticks_per_us;
  SYST_RVR = CHASKI_TICK_US * ticks_per_us - 1u;
  SYST_CVR = 0;
  SYST_CSR = 7u; /* the processor's clock, with interrupt, on */
}

static void tick(void) {
  clock_periods = clock_periods + 1u;
}

uint64_t chaski_clock_us(void) {
  uint32_t masked;
  __asm__ volatile("mrs %0, primask" : "=r"(masked));
  chaski_mask_interrupts();
  uint32_t left = SYST_CVR;
  uint64_t periods = clock_periods;
  if (SCB_ICSR & SCB_ICSR_PENDSTSET) { /* it went round, and tick() was not called yet */
    left = SYST_CVR;
    ++periods;
  }
  if (!masked) chaski_unmask_interrupts();
  const uint32_t passed = CHASKI_TICK_US * clock_ticks_per_us - 1u - left;
  return periods * CHASKI_TICK_US + passed / clock_ticks_per_us;
}

uint32_t chaski_stack_used(void) {
  const uint32_t* word = &chaski_stack_bottom;
  while (word < &chaski_stack_top && *word == PAINT) ++word;
  return (uint32_t)((const char*)&chaski_stack_top - (const char*)word);
}

uint32_t chaski_stack_size_bytes(void) {
  return (uint32_t)((const char*)&chaski_stack_top - (const char*)&chaski_stack_bottom);
}

/* Where an assertion and an exhausted heap end. */
_Noreturn void abort(void);
_Noreturn void abort(void) {
  chaski_board_stop(1);
}
static void fault(void) {
  chaski_board_stop(2);
}

static void interrupt(void) {
  uint32_t exception;
  __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
  chaski_board_interrupt(exception - 16u);
}

static void begin(void) {
  uint32_t* from = &chaski_data_load;
  for (uint32_t* to = &chaski_data_start; to < &chaski_data_end; ++to) *to = *from++;
  for (uint32_t* to = &chaski_bss_start; to < &chaski_bss_end; ++to) *to = 0;
  for (void (**init)(void) = chaski_init_start; init < chaski_init_end; ++init) (*init)();
  chaski_board_stop(main());
}

/* Paints the stack from its bottom up to where it stands, which is its top. */
__attribute__((naked)) static void reset(void) {
  __asm__ volatile(
      "ldr r0, =chaski_stack_bottom\n"
      "ldr r1, =0xa5c3a5c3\n"
      "1: cmp r0, sp\n"
      "bhs 2f\n"
      "str r1, [r0], #4\n"
      "b 1b\n"
      "2: b %c0\n" ::"i"(begin));
}

#define FOUR(handler) handler, handler, handler, handler
#define SIXTEEN(handler) FOUR(handler), FOUR(handler), FOUR(handler), FOUR(handler)
struct chaski_vector_table {
  const void* stack_top;
  void (*exceptions[15])(void);
  void (*interrupts[48])(void);
};
extern const struct chaski_vector_table chaski_vectors;
__attribute__((section(".vectors"), used)) const struct chaski_vector_table chaski_vectors = {
    &chaski_stack_top,
    {reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, tick},
    {SIXTEEN(interrupt), SIXTEEN(interrupt), SIXTEEN(interrupt)}};
