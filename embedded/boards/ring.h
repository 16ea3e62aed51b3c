/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHASKI_EMBEDDED_BOARDS_RING_H
#define CHASKI_EMBEDDED_BOARDS_RING_H

#include <stddef.h>
#include <stdint.h>

/* Bytes between an interrupt and the relay: one side puts, the other takes, and on one processor
 * neither needs a lock. Sizes are powers of two, one byte of which stays free. */
#ifndef CHASKI_RX_RING
#define CHASKI_RX_RING 1024u
#endif
#ifndef CHASKI_TX_RING
#define CHASKI_TX_RING 512u
#endif

struct chaski_ring {
  volatile uint32_t head, tail; /* put at head, taken at tail */
  uint32_t mask;
  uint8_t* bytes;
};

static inline uint32_t chaski_ring_used(const struct chaski_ring* ring) {
  return (ring->head - ring->tail) & ring->mask;
}
static inline uint32_t chaski_ring_room(const struct chaski_ring* ring) {
  return ring->mask - chaski_ring_used(ring);
}
/* Gives 0, and the byte is lost, when the ring is full. */
static inline int chaski_ring_put(struct chaski_ring* ring, uint8_t byte) {
  if (chaski_ring_room(ring) == 0) return 0;
  ring->bytes[ring->head & ring->mask] = byte;
  __asm__ volatile("" ::: "memory"); /* the byte stands before the other side sees it */
  ring->head = (ring->head + 1u) & ring->mask;
  return 1;
}
/* Only when it is not empty. */
static inline uint8_t chaski_ring_take(struct chaski_ring* ring) {
  const uint8_t byte = ring->bytes[ring->tail & ring->mask];
  __asm__ volatile("" ::: "memory");
  ring->tail = (ring->tail + 1u) & ring->mask;
  return byte;
}
/* Many at once: how many there were, or how many it took. */
static inline size_t chaski_ring_read(struct chaski_ring* ring, uint8_t* out, size_t room) {
  size_t size = 0;
  while (size < room && chaski_ring_used(ring) > 0) out[size++] = chaski_ring_take(ring);
  return size;
}
static inline size_t chaski_ring_write(struct chaski_ring* ring, const uint8_t* bytes,
                                       size_t size) {
  size_t taken = 0;
  while (taken < size && chaski_ring_put(ring, bytes[taken])) ++taken;
  return taken;
}

#endif
