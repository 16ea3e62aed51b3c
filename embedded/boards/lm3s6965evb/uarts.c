/* SPDX-License-Identifier: Apache-2.0 */
/* The PL011 UART (Arm DDI0183): 16 bytes of buffer each way. */
#include "embedded/boards/lm3s6965evb/lm3s6965evb.h"
#include "embedded/boards/ring.h"

static const uint32_t bases[] = {0x4000c000u, 0x4000d000u, 0x4000e000u};
static const uint32_t interrupts[] = {5, 6, 33};

#define UART_DATA(uart) CHASKI_REGISTER(bases[uart])
#define UART_FLAGS(uart) CHASKI_REGISTER(bases[uart] + 0x18u)
#define UART_FLAGS_RXEMPTY 0x10u
#define UART_FLAGS_TXFULL 0x20u
#define UART_IBRD(uart) CHASKI_REGISTER(bases[uart] + 0x24u)
#define UART_FBRD(uart) CHASKI_REGISTER(bases[uart] + 0x28u)
#define UART_LCRH(uart) CHASKI_REGISTER(bases[uart] + 0x2cu)
#define UART_CTL(uart) CHASKI_REGISTER(bases[uart] + 0x30u)
#define UART_IM(uart) CHASKI_REGISTER(bases[uart] + 0x38u)
#define UART_ICR(uart) CHASKI_REGISTER(bases[uart] + 0x44u)
#define UART_INT_RX 0x50u /* bytes came, and they wait */
#define UART_INT_TX 0x20u

static uint8_t rx_bytes[LM3S_LINKS][CHASKI_RX_RING];
static uint8_t tx_bytes[LM3S_LINKS][CHASKI_TX_RING];
static struct chaski_ring rx[LM3S_LINKS];
static struct chaski_ring tx[LM3S_LINKS];
static volatile int activity;
static volatile int console_asked;
static uint8_t seed[LM3S_SEED_SIZE];
static volatile uint32_t seed_size;

void lm3s_uarts_start(void) {
  for (uint32_t uart = 0; uart <= LM3S_CONSOLE; ++uart) {
    if (uart < LM3S_LINKS) {
      rx[uart] = (struct chaski_ring){0, 0, CHASKI_RX_RING - 1u, rx_bytes[uart]};
      tx[uart] = (struct chaski_ring){0, 0, CHASKI_TX_RING - 1u, tx_bytes[uart]};
    }
    UART_CTL(uart) = 0;
    UART_IBRD(uart) = 3; /* 50 MHz / 16 / (3 + 25 / 64) = 921,659 baud */
    UART_FBRD(uart) = 25;
    UART_LCRH(uart) = 0x70u; /* 8 bits, no parity, one stop bit, buffers */
    UART_IM(uart) = uart < LM3S_LINKS ? UART_INT_RX | UART_INT_TX : UART_INT_RX;
    UART_CTL(uart) = 0x301u;
    chaski_enable_interrupt(interrupts[uart]);
  }
}

static void pump_tx(uint32_t uart) {
  while (chaski_ring_used(&tx[uart]) > 0 && !(UART_FLAGS(uart) & UART_FLAGS_TXFULL)) {
    UART_DATA(uart) = chaski_ring_take(&tx[uart]);
  }
}

static void console_byte(uint8_t byte) {
  if (seed_size < LM3S_SEED_SIZE) {
    seed[seed_size] = byte;
    seed_size = seed_size + 1u;
  } else {
    console_asked = 1;
  }
}

void lm3s_uarts_interrupt(uint32_t number) {
  activity = 1;
  for (uint32_t uart = 0; uart <= LM3S_CONSOLE; ++uart) {
    if (number != interrupts[uart]) continue;
    UART_ICR(uart) = UART_INT_RX | UART_INT_TX;
    while (!(UART_FLAGS(uart) & UART_FLAGS_RXEMPTY)) {
      const uint8_t byte = (uint8_t)UART_DATA(uart);
      if (uart == LM3S_CONSOLE) {
        console_byte(byte);
      } else {
        (void)chaski_ring_put(&rx[uart], byte);
      }
    }
    if (uart < LM3S_LINKS) pump_tx(uart);
  }
}

int lm3s_uarts_pending(void) {
  const int pending = activity;
  activity = 0;
  return pending;
}

const uint8_t* lm3s_seed(void) {
  return seed_size == LM3S_SEED_SIZE ? seed : 0;
}

static size_t read_bytes(void* context, uint32_t uart, uint8_t* out, size_t room) {
  (void)context;
  return chaski_ring_read(&rx[uart], out, room);
}

static size_t writable(void* context, uint32_t uart) {
  (void)context;
  return chaski_ring_room(&tx[uart]);
}

static size_t write_bytes(void* context, uint32_t uart, const uint8_t* bytes, size_t size) {
  (void)context;
  const size_t taken = chaski_ring_write(&tx[uart], bytes, size);
  chaski_mask_interrupts();
  pump_tx(uart);
  chaski_unmask_interrupts();
  return taken;
}

const struct chaski_uarts lm3s_uarts = {0, LM3S_LINKS, read_bytes, writable, write_bytes};

void chaski_board_say(const char* text) {
  for (; *text != '\0'; ++text) {
    while (UART_FLAGS(LM3S_CONSOLE) & UART_FLAGS_TXFULL) {
    }
    UART_DATA(LM3S_CONSOLE) = (uint8_t)*text;
  }
}

int chaski_board_asked(void) {
  const int asked = console_asked;
  console_asked = 0;
  return asked;
}
