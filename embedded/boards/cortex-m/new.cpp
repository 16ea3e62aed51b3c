// SPDX-License-Identifier: Apache-2.0
// `new` of every image: from the arena that the linker placed, and from nowhere else. There is no
// malloc; scripts/size looks that the map has none.
#include <cstdint>
#include <cstdlib>
#include <new>

#include "embedded/arena.hpp"

extern "C" {
extern char chaski_arena_begin[], chaski_arena_end[];
std::uint32_t chaski_heap_used(void);
}

namespace {

chaski::embedded::Arena& arena() {
  // Made when it is first asked, which may be before any constructor; and never destroyed.
  static bool made = false;
  alignas(chaski::embedded::Arena) static char place[sizeof(chaski::embedded::Arena)];
  if (!made) {
    made = true;
    new (place) chaski::embedded::Arena(
        chaski_arena_begin, static_cast<std::size_t>(chaski_arena_end - chaski_arena_begin));
  }
  return *std::launder(reinterpret_cast<chaski::embedded::Arena*>(place));
}

}  // namespace

std::uint32_t chaski_heap_used(void) {
  return static_cast<std::uint32_t>(arena().peak());
}

/// A relay that cannot go on starts again, with what it committed.
void* operator new(std::size_t size) {
  void* const piece = arena().take(size);
  if (piece == nullptr) std::abort();
  return piece;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return arena().take(size);
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void operator delete(void* piece) noexcept {
  arena().give(piece);
}
void operator delete(void* piece, std::size_t) noexcept {
  arena().give(piece);
}
void operator delete[](void* piece) noexcept {
  arena().give(piece);
}
void operator delete[](void* piece, std::size_t) noexcept {
  arena().give(piece);
}
