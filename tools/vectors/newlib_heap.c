/* SPDX-License-Identifier: Apache-2.0 */
/* What nlohmann's JSON calls of newlib (printing of numbers) may want memory; ours has none to
 * give but this, and only this program links it. */
#include <stddef.h>

void* _sbrk(ptrdiff_t by);
void* _sbrk(ptrdiff_t by) {
  static char heap[16384];
  static size_t used;
  if (by < 0 || (size_t)by > sizeof heap - used) return (void*)-1;
  used += (size_t)by;
  return &heap[used - (size_t)by];
}
