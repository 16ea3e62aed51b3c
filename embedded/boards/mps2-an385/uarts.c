/* SPDX-License-Identifier: Apache-2.0 */
/* The CMSDK APB UART: one byte of buffer each way and an interrupt for each, hence the rings. */
#include "embedded/boards/mps2-an385/mps2_an385.h"
#include "embedded/boards/ring.h"

static const uint32_t bases[] = {0x40004000u, 0x40005000u, 0x40006000u, 0x40007000u, 0x40009000u};
/* Of what came; the interrupt of what went is the next. */
static const uint32_t interrupts[] = {0, 2, 4, 18, 20};

#define UART_DATA(uart) CHASKI_REGISTER(bases[uart])
#define UART_STATE(uart) CHASKI_REGISTER(bases[uart] + 4u)
#define UART_STATE_TXFULL 1u
#define UART_STATE_RXFULL 2u
#define UART_STATE_OVERRUNS 12u
#define UART_CTRL(uart) CHASKI_REGISTER(bases[uart] + 8u)
#define UART_CTRL_TX 1u
#define UART_CTRL_RX 2u
#define UART_CTRL_TXINT 4u
#define UART_CTRL_RXINT 8u
#define UART_INTCLEAR(uart) CHASKI_REGISTER(bases[uart] + 12u)
#define UART_BAUDDIV(uart) CHASKI_REGISTER(bases[uart] + 16u)
/* 25 MHz / 27 = 925,926 baud, half a per cent beside 921,600; on QEMU the line has no speed. */
#define BAUDDIV 27u

static uint8_t rx_bytes[MPS2_LINKS][CHASKI_RX_RING];
static uint8_t tx_bytes[MPS2_LINKS][CHASKI_TX_RING];
static struct chaski_ring rx[MPS2_LINKS];
static struct chaski_ring tx[MPS2_LINKS];
static volatile int activity;
static volatile int console_asked;

void mps2_uarts_start(void) {
  for (uint32_t uart = 0; uart < MPS2_LINKS; ++uart) {
    rx[uart] = (struct chaski_ring){0, 0, CHASKI_RX_RING - 1u, rx_bytes[uart]};
    tx[uart] = (struct chaski_ring){0, 0, CHASKI_TX_RING - 1u, tx_bytes[uart]};
    UART_BAUDDIV(uart) = BAUDDIV;
    UART_CTRL(uart) = UART_CTRL_TX | UART_CTRL_RX | UART_CTRL_TXINT | UART_CTRL_RXINT;
    chaski_enable_interrupt(interrupts[uart]);
    chaski_enable_interrupt(interrupts[uart] + 1u);
  }
  UART_BAUDDIV(MPS2_CONSOLE) = BAUDDIV;
  UART_CTRL(MPS2_CONSOLE) = UART_CTRL_TX | UART_CTRL_RX | UART_CTRL_RXINT;
  chaski_enable_interrupt(interrupts[MPS2_CONSOLE]);
}

static void pump_tx(uint32_t uart) {
  while (chaski_ring_used(&tx[uart]) > 0 && !(UART_STATE(uart) & UART_STATE_TXFULL)) {
    UART_DATA(uart) = chaski_ring_take(&tx[uart]);
  }
}

/* One byte an interrupt: the next one interrupts again. */
static void take_rx(uint32_t uart) {
  const uint32_t state = UART_STATE(uart);
  if (state & UART_STATE_RXFULL) (void)chaski_ring_put(&rx[uart], (uint8_t)UART_DATA(uart));
  if (state & UART_STATE_OVERRUNS) UART_STATE(uart) = UART_STATE_OVERRUNS;
}

void mps2_uarts_interrupt(uint32_t number) {
  activity = 1;
  if (number == interrupts[MPS2_CONSOLE]) {
    UART_INTCLEAR(MPS2_CONSOLE) = 2u;
    (void)UART_DATA(MPS2_CONSOLE);
    console_asked = 1;
    return;
  }
  for (uint32_t uart = 0; uart < MPS2_LINKS; ++uart) {
    if (number == interrupts[uart]) {
      UART_INTCLEAR(uart) = 2u;
      take_rx(uart);
    } else if (number == interrupts[uart] + 1u) {
      UART_INTCLEAR(uart) = 1u;
      pump_tx(uart);
    }
  }
}

int mps2_uarts_pending(void) {
  const int pending = activity;
  activity = 0;
  return pending;
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

const struct chaski_uarts mps2_uarts = {0, MPS2_LINKS, read_bytes, writable, write_bytes};

void chaski_board_say(const char* text) {
  for (; *text != '\0'; ++text) {
    while (UART_STATE(MPS2_CONSOLE) & UART_STATE_TXFULL) {
    }
    UART_DATA(MPS2_CONSOLE) = (uint8_t)*text;
  }
}

int chaski_board_asked(void) {
  const int asked = console_asked;
  console_asked = 0;
  return asked;
}
