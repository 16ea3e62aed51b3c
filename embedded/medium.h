/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHASKI_EMBEDDED_MEDIUM_H
#define CHASKI_EMBEDDED_MEDIUM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a board gives to the relay: its clock, its entropy and one medium that moves frames.
 *
 * Every function gets `context` first, so that two relays in one image, or a test, need no globals.
 * */
struct chaski_medium {
  void* context;
  /* Microseconds since the board's own epoch; never back, and counting while it sleeps. */
  uint64_t (*time_us)(void* context);
  /* Fills `out` from the hardware's generator. Must not return before it is seeded. */
  void (*entropy)(void* context, uint8_t* out, size_t size);
  /* Takes the next frame that came into `out`; gives its size, or 0 when there is none. */
  size_t (*receive)(void* context, uint8_t* out, size_t room);
  /* Whether the medium can take a frame now. The relay makes a frame only then. */
  int (*can_send)(void* context);
  void (*send)(void* context, const uint8_t* frame, size_t size);
  /* Sleeps until a frame comes or `until_us` is reached. */
  void (*idle)(void* context, uint64_t until_us);
};

#ifdef __cplusplus
}
#endif

#endif
