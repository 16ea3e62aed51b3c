// SPDX-License-Identifier: Apache-2.0
#include "tests/embedded/heap_meter.hpp"

#include <cstdlib>
#include <new>

namespace {

std::size_t used = 0;

/// In front of each block: its size, in a field that keeps the block aligned.
constexpr std::size_t kHeader = alignof(std::max_align_t);

}  // namespace

namespace chaski::embedded {

std::size_t heap_bytes() { return used; }

}  // namespace chaski::embedded

void* operator new(std::size_t size) {
  void* const block = std::malloc(size + kHeader);
  if (block == nullptr) throw std::bad_alloc();
  *static_cast<std::size_t*>(block) = size;
  used += size;
  return static_cast<char*>(block) + kHeader;
}

void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  void* const block = static_cast<char*>(pointer) - kHeader;
  used -= *static_cast<std::size_t*>(block);
  std::free(block);
}

void operator delete(void* pointer, std::size_t) noexcept { operator delete(pointer); }
