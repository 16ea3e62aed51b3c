/* SPDX-License-Identifier: Apache-2.0 */
/* libsodium's SipHash-2-4, whose rounds (Aumasson and Bernstein, 2012, section 2) are a function
 * here instead of being written out eight times. */
#include "crypto_shorthash/siphash24/ref/shorthash_siphash_ref.h"

__attribute__((noinline)) static void round_of(uint64_t* v0, uint64_t* v1, uint64_t* v2,
                                               uint64_t* v3) {
  *v0 += *v1;
  *v2 += *v3;
  *v1 = ROTL64(*v1, 13) ^ *v0;
  *v3 = ROTL64(*v3, 16) ^ *v2;
  *v0 = ROTL64(*v0, 32) + *v3;
  *v2 += *v1;
  *v1 = ROTL64(*v1, 17) ^ *v2;
  *v3 = ROTL64(*v3, 21) ^ *v0;
  *v2 = ROTL64(*v2, 32);
}

#undef SIPROUND
#define SIPROUND round_of(&v0, &v1, &v2, &v3)
#include "crypto_shorthash/siphash24/ref/shorthash_siphash24_ref.c"
