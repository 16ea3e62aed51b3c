/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHASKI_EMBEDDED_PORT_H
#define CHASKI_EMBEDDED_PORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a board gives to the relay. Every function gets the `context` of its struct first, so that
 * two relays in one image, or a test, need no globals. No function blocks but `idle`, and the
 * flash while it erases and programs. */

/* A region of NOR flash that belongs to the relay alone: `pages` pages of `page_size` bytes, found
 * by their offset from its start. Functions give 1 when it is done and 0 when it failed.
 *
 * After a power cut in the middle of program(), a prefix of its words has been programmed, and the
 * word after it may hold any mixture of old and new bits; after one in the middle of erase() the
 * page may hold anything. */
struct chaski_flash {
  void* context;
  uint32_t page_size; /* bytes, a power of two: what erase() erases */
  uint32_t pages;
  uint32_t word_size; /* bytes, 1 to 16, a power of two: the least that is programmed */
  /* Makes all bytes of that page 0xff. */
  int (*erase)(void* context, uint32_t page);
  /* Programs whole words in rising order: offset and size are multiples of word_size, and the words
   * were erased before and not programmed since. Does not cross the end of a page. */
  int (*program)(void* context, uint32_t offset, const uint8_t* bytes, uint32_t size);
  int (*read)(void* context, uint32_t offset, uint8_t* out, uint32_t size);
};

/* The UARTs that are links, numbered from 0: `count` of them, at most CHASKI_UARTS_MAX. The board
 * chooses their speed and keeps what comes until read() takes it; what it had no room for is lost,
 * and the framing above notices. */
#define CHASKI_UARTS_MAX 8u
struct chaski_uarts {
  void* context;
  uint32_t count;
  /* Takes up to `room` bytes that came, in order; gives how many, 0 when there are none. */
  size_t (*read)(void* context, uint32_t uart, uint8_t* out, size_t room);
  /* Gives how many bytes write() takes now. */
  size_t (*writable)(void* context, uint32_t uart);
  /* Takes the first of `size` bytes to send; gives how many it took. */
  size_t (*write)(void* context, uint32_t uart, const uint8_t* bytes, size_t size);
};

struct chaski_port {
  void* context;
  /* Microseconds since the board's own epoch; never back, and counting while it sleeps. */
  uint64_t (*time_us)(void* context);
  /* Fills `out` from the hardware's generator and gives 1; gives 0 when the generator is not ready
   * or its health test fails, and then `out` is not used. The relay says nothing to anybody before
   * this succeeded once. */
  int (*entropy)(void* context, uint8_t* out, size_t size);
  /* Tells the watchdog that the relay makes progress; called at least once a second. */
  void (*watchdog)(void* context);
  /* Sleeps until a byte comes, a UART can take bytes again, or `until_us` is reached; may return
   * early. */
  void (*idle)(void* context, uint64_t until_us);
  struct chaski_uarts uarts;
  const struct chaski_flash* flash; /* null: envelopes are kept in memory alone */
};

#ifdef __cplusplus
}
#endif

#endif
