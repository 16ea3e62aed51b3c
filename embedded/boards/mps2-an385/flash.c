/* SPDX-License-Identifier: Apache-2.0 */
/* NOR flash that PSRAM plays. The machine has none that a program can write; QEMU can keep its
 * PSRAM in a file, which then holds what was written whenever QEMU ends. The rules are those of
 * real NOR flash, and so is the time it takes, so that a power cut meets a page half erased and an
 * entry half written: programming only clears bits and takes 20 us a word, erasing takes 5 ms a
 * page and goes through it from its start. */
#include "embedded/boards/mps2-an385/mps2_an385.h"

#define PAGE_SIZE 4096u
#define FIRST_PAGE 16u
#define PAGES 256u
#define WORD_US 20u
#define ERASE_US 5000u

static volatile uint32_t* word_at(uint32_t offset) {
  return &CHASKI_REGISTER(0x21000000u + FIRST_PAGE * PAGE_SIZE + offset);
}

static void pass(uint64_t until_us) {
  while (chaski_clock_us() < until_us) {
  }
}

static int erase(void* context, uint32_t page) {
  (void)context;
  if (page >= PAGES) return 0;
  const uint64_t begin_us = chaski_clock_us();
  for (uint32_t at = 0; at < PAGE_SIZE; at += 4u) {
    pass(begin_us + (uint64_t)ERASE_US * at / PAGE_SIZE);
    *word_at(page * PAGE_SIZE + at) = 0xffffffffu;
  }
  return 1;
}

void mps2_flash_word(volatile uint32_t* word, uint32_t value) {
  pass(chaski_clock_us() + WORD_US);
  *word &= value;
}

static int program(void* context, uint32_t offset, const uint8_t* bytes, uint32_t size) {
  (void)context;
  const uint32_t end = PAGES * PAGE_SIZE;
  if (offset % 4u != 0 || size % 4u != 0 || offset > end || size > end - offset) return 0;
  for (uint32_t at = 0; at < size; at += 4u) {
    const uint32_t value = (uint32_t)bytes[at] | (uint32_t)bytes[at + 1u] << 8 |
                           (uint32_t)bytes[at + 2u] << 16 | (uint32_t)bytes[at + 3u] << 24;
    if (*word_at(offset + at) != 0xffffffffu) return 0; /* was programmed and not erased since */
    mps2_flash_word(word_at(offset + at), value);
  }
  return 1;
}

static int read_flash(void* context, uint32_t offset, uint8_t* out, uint32_t size) {
  (void)context;
  const uint32_t end = PAGES * PAGE_SIZE;
  if (offset > end || size > end - offset) return 0;
  const volatile uint8_t* from = (const volatile uint8_t*)word_at(0) + offset;
  for (uint32_t at = 0; at < size; ++at) out[at] = from[at];
  return 1;
}

const struct chaski_flash mps2_flash = {0, PAGE_SIZE, PAGES, 4u, erase, program, read_flash};
