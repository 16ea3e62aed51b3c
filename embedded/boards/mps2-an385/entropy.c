/* SPDX-License-Identifier: Apache-2.0 */
/* The machine has no generator of random numbers. What it gives instead is made of a seed that
 * somebody put into the seed page from outside, and a counter beside it that never comes back: A
 * REAL BOARD MUST USE ITS TRUE RANDOM NUMBER GENERATOR HERE. Without a seed, entropy fails.
 *
 * The seed page: 32 bytes of seed, and then words whose bits are cleared one by one, one for each
 * request, before the request is answered. 32,512 requests later the seed is used up. */
#include <sodium/crypto_generichash.h>
#include <sodium/utils.h>

#include "embedded/boards/mps2-an385/mps2_an385.h"

#define SEED_WORDS 8u
#define PAGE_WORDS 1024u
#define OUT_MAX 64u

/* The number of this request, taken for good; 0 when there are no more. */
static uint32_t take_number(volatile uint32_t* page) {
  for (uint32_t word = SEED_WORDS; word < PAGE_WORDS; ++word) {
    const uint32_t left = page[word];
    if (left == 0) continue;
    mps2_flash_word(&page[word], left & (left - 1u));
    return (word - SEED_WORDS) * 32u + (uint32_t)__builtin_popcount(~left) + 1u;
  }
  return 0;
}

int mps2_entropy(void* context, uint8_t* out, size_t size) {
  (void)context;
  volatile uint32_t* page = &MPS2_SEED_PAGE;
  uint32_t question[SEED_WORDS + 1u];
  uint32_t any = 0, all = 0xffffffffu;
  for (uint32_t word = 0; word < SEED_WORDS; ++word) {
    question[word] = page[word];
    any |= question[word];
    all &= question[word];
  }
  if (any == 0 || all == 0xffffffffu || size > OUT_MAX || size < 16u) return 0;
  question[SEED_WORDS] = take_number(page);
  if (question[SEED_WORDS] == 0) return 0;
  const int result = crypto_generichash(out, size, (const unsigned char*)question, sizeof question,
                                        (const unsigned char*)"chaski mps2 seed page", 21);
  sodium_memzero(question, sizeof question);
  return result == 0;
}
