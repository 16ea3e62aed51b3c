/* SPDX-License-Identifier: Apache-2.0 */
#include "embedded/boards/mps2-an385/mps2_an385.h"

/* The CMSDK APB watchdog: counts down, interrupts at 0, and resets at 0 the second time. */
#define WATCHDOG_LOAD CHASKI_REGISTER(0x40008000u)
#define WATCHDOG_CTRL CHASKI_REGISTER(0x40008008u)
#define WATCHDOG_INTCLR CHASKI_REGISTER(0x4000800cu)
#define WATCHDOG_LOCK CHASKI_REGISTER(0x40008c00u)
#define WATCHDOG_KEY 0x1acce551u
#define WATCHDOG_US 5000000u

#define SCB_AIRCR CHASKI_REGISTER(0xe000ed0cu)
#define SCB_AIRCR_RESET 0x05fa0004u

void mps2_watchdog_start(void) {
  WATCHDOG_LOCK = WATCHDOG_KEY;
  WATCHDOG_LOAD = WATCHDOG_US * MPS2_TICKS_PER_US;
  WATCHDOG_CTRL = 3u;
}

void mps2_watchdog_feed(void* context) {
  (void)context;
  WATCHDOG_INTCLR = 1u; /* begins again at WATCHDOG_LOAD */
}

static uint64_t time_us(void* context) {
  (void)context;
  return chaski_clock_us();
}

static void idle(void* context, uint64_t until_us) {
  (void)context;
  chaski_mask_interrupts();
  if (!mps2_uarts_pending() && chaski_clock_us() < until_us) chaski_wait();
  chaski_unmask_interrupts();
}

void chaski_board_interrupt(uint32_t number) {
  mps2_uarts_interrupt(number);
}

_Noreturn void chaski_board_stop(int code) {
  chaski_board_say(code == 0 ? "stopped\n" : code == 1 ? "aborted\n" : "faulted\n");
  SCB_AIRCR = SCB_AIRCR_RESET;
  for (;;) {
  }
}

const struct chaski_port* chaski_board_start(void) {
  static const struct chaski_port port = {
      0, time_us, mps2_entropy, mps2_watchdog_feed, idle, {0, MPS2_LINKS, 0, 0, 0}, &mps2_flash};
  static struct chaski_port started;
  chaski_clock_start(MPS2_TICKS_PER_US);
  mps2_uarts_start();
  mps2_watchdog_start();
  started = port;
  started.uarts = mps2_uarts;
  return &started;
}
