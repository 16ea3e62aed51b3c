/* SPDX-License-Identifier: Apache-2.0 */
/* A board without a radio: reset, vectors, and the six functions of its port, on plain registers.
 * */
#include <stddef.h>
#include <stdint.h>

extern uint32_t chaski_data_load, chaski_data_start, chaski_data_end;
extern uint32_t chaski_bss_start, chaski_bss_end, chaski_stack_top;
extern void (*chaski_init_start[])(void);
extern void (*chaski_init_end[])(void);
int main(void);

/* Mailbox registers that a debugger or an emulator can drive. */
#define BOARD_TIME (*(volatile uint32_t*)0x40000000u)
#define BOARD_ENTROPY (*(volatile uint32_t*)0x40000004u)
#define BOARD_RX_SIZE (*(volatile uint32_t*)0x40000008u)
#define BOARD_RX_BYTE (*(volatile uint32_t*)0x4000000cu)
#define BOARD_TX_READY (*(volatile uint32_t*)0x40000010u)
#define BOARD_TX_BYTE (*(volatile uint32_t*)0x40000014u)
#define BOARD_TX_END (*(volatile uint32_t*)0x40000018u)

uint64_t chaski_board_time_us(void* context) {
  (void)context;
  return BOARD_TIME;
}

void chaski_board_entropy(void* context, uint8_t* out, size_t size) {
  (void)context;
  for (size_t i = 0; i < size; ++i) out[i] = (uint8_t)BOARD_ENTROPY;
}

size_t chaski_board_receive(void* context, uint8_t* out, size_t room) {
  (void)context;
  const size_t size = BOARD_RX_SIZE;
  for (size_t i = 0; i < size && i < room; ++i) out[i] = (uint8_t)BOARD_RX_BYTE;
  return size < room ? size : room;
}

int chaski_board_can_send(void* context) {
  (void)context;
  return BOARD_TX_READY != 0;
}

void chaski_board_send(void* context, const uint8_t* frame, size_t size) {
  (void)context;
  for (size_t i = 0; i < size; ++i) BOARD_TX_BYTE = frame[i];
  BOARD_TX_END = 1;
}

void chaski_board_idle(void* context, uint64_t until_us) {
  (void)context;
  (void)until_us;
  __asm__ volatile("wfi");
}

/* The heap of newlib: from the end of .bss up to the stack's reserve. */
extern char chaski_heap_start[], chaski_heap_end[];
void* _sbrk(ptrdiff_t by) {
  static char* top = chaski_heap_start;
  if (by > chaski_heap_end - top) return (void*)-1;
  char* const before = top;
  top += by;
  return before;
}

static _Noreturn void stop(void) {
  for (;;) {
  }
}

/* Where an assertion ends. */
_Noreturn void abort(void) { stop(); }

static void reset(void) {
  uint32_t* from = &chaski_data_load;
  for (uint32_t* to = &chaski_data_start; to < &chaski_data_end; ++to) *to = *from++;
  for (uint32_t* to = &chaski_bss_start; to < &chaski_bss_end; ++to) *to = 0;
  for (void (**init)(void) = chaski_init_start; init < chaski_init_end; ++init) (*init)();
  main();
  stop();
}

struct vectors {
  const void* stack_top;
  void (*handlers[15])(void);
};
__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    &chaski_stack_top,
    {reset, stop, stop, stop, stop, stop, 0, 0, 0, 0, stop, stop, 0, stop, stop}};
