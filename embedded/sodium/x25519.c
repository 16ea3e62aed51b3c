/* SPDX-License-Identifier: Apache-2.0 */
/* libsodium's curve25519 in one piece: its two files have each their own copy of the field's
 * product, written out, and a square that is nearly as long. Here is one product, libsodium's, and
 * a square is a product. */
#include <stdlib.h>

#include "private/ed25519_ref10.h"

#define fe25519_sq(h, f) fe25519_mul(h, f, f)
#include "crypto_core/ed25519/ref10/ed25519_ref10.c"
/* Named by a table of functions, never called: base_point.c is. */
#define ge25519_scalarmult_base(h, a) ((void)(h), (void)(a), abort())
#include "crypto_scalarmult/curve25519/ref10/x25519_ref10.c"
