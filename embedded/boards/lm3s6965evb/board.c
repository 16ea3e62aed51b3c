/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium/crypto_generichash.h>
#include <sodium/utils.h>
#include <string.h>

#include "embedded/boards/lm3s6965evb/lm3s6965evb.h"

#define SYSCTL_RCC CHASKI_REGISTER(0x400fe060u)
#define SYSCTL_RIS CHASKI_REGISTER(0x400fe050u)
#define SYSCTL_RIS_PLL_LOCKED 0x40u
#define SYSCTL_RCGC0 CHASKI_REGISTER(0x400fe100u)
#define SYSCTL_RCGC1 CHASKI_REGISTER(0x400fe104u)
#define SYSCTL_RCGC2 CHASKI_REGISTER(0x400fe108u)
#define GPIO_AFSEL(base) CHASKI_REGISTER((base) + 0x420u)
#define GPIO_DEN(base) CHASKI_REGISTER((base) + 0x51cu)

#define WATCHDOG_LOAD CHASKI_REGISTER(0x40000000u)
#define WATCHDOG_CTL CHASKI_REGISTER(0x40000008u)
#define WATCHDOG_ICR CHASKI_REGISTER(0x4000000cu)
#define WATCHDOG_INTERRUPT 18u
#define WATCHDOG_US 5000000u

#define SCB_AIRCR CHASKI_REGISTER(0xe000ed0cu)
#define SCB_AIRCR_RESET 0x05fa0004u

/* 50 MHz: the crystal of 8 MHz, the PLL's 200 MHz, divided by 4 (data sheet, 5.2.4). */
static void start_clock(void) {
  SYSCTL_RCC = 0x078e3b81u & ~0x3010u; /* bypass, divider unused, oscillator main, PLL powered */
  for (uint32_t wait = 0; wait < 100000u && !(SYSCTL_RIS & SYSCTL_RIS_PLL_LOCKED); ++wait) {
  }
  SYSCTL_RCC = 0x01c00380u; /* divide by 4, PLL in use */
}

static void start_pins(void) {
  static const uint32_t ports[] = {0x40004000u, 0x40007000u, 0x40026000u}; /* A, D, G */
  static const uint32_t pins[] = {0x03u, 0x0cu, 0x03u};
  SYSCTL_RCGC0 |= 8u; /* the watchdog */
  SYSCTL_RCGC1 |= 7u; /* the UARTs */
  SYSCTL_RCGC2 |= 0x49u;
  for (uint32_t port = 0; port < 3u; ++port) {
    GPIO_AFSEL(ports[port]) |= pins[port];
    GPIO_DEN(ports[port]) |= pins[port];
  }
}

static uint64_t time_us(void* context) {
  (void)context;
  return chaski_clock_us();
}

/* Made of the seed that came on the console, and a counter: the LM3S6965 has no generator of random
 * numbers. A REAL BOARD MUST USE ITS TRUE RANDOM NUMBER GENERATOR HERE. */
static int entropy(void* context, uint8_t* out, size_t size) {
  static uint32_t requests;
  uint8_t question[LM3S_SEED_SIZE + sizeof requests];
  (void)context;
  if (size < 16u || size > 64u) return 0;
  if (lm3s_seed() == 0) {
    chaski_board_say("seed?\n");
    return 0;
  }
  if (++requests == 1u) chaski_board_say("seeded\n");
  memcpy(question, lm3s_seed(), LM3S_SEED_SIZE);
  memcpy(question + LM3S_SEED_SIZE, &requests, sizeof requests);
  const int result = crypto_generichash(out, size, question, sizeof question,
                                        (const unsigned char*)"chaski lm3s seed", 16);
  sodium_memzero(question, sizeof question);
  return result == 0;
}

static void watchdog(void* context) {
  (void)context;
  WATCHDOG_ICR = 1u;
}

static void idle(void* context, uint64_t until_us) {
  (void)context;
  chaski_mask_interrupts();
  if (!lm3s_uarts_pending() && chaski_clock_us() < until_us) chaski_wait();
  chaski_unmask_interrupts();
}

void chaski_board_interrupt(uint32_t number) {
  if (number == WATCHDOG_INTERRUPT) chaski_board_stop(2);
  lm3s_uarts_interrupt(number);
}

_Noreturn void chaski_board_stop(int code) {
  chaski_board_say(code == 0 ? "stopped\n" : code == 1 ? "aborted\n" : "faulted\n");
  SCB_AIRCR = SCB_AIRCR_RESET;
  for (;;) {
  }
}

const struct chaski_port* chaski_board_start(void) {
  static struct chaski_port port = {0, time_us, entropy, watchdog, idle, {0, 0, 0, 0, 0}, 0};
  start_clock();
  start_pins();
  chaski_clock_start(LM3S_TICKS_PER_US);
  lm3s_uarts_start();
  WATCHDOG_LOAD = WATCHDOG_US * LM3S_TICKS_PER_US;
  WATCHDOG_CTL = 3u;
  chaski_enable_interrupt(WATCHDOG_INTERRUPT);
  port.uarts = lm3s_uarts;
  return &port;
}
