// SPDX-License-Identifier: Apache-2.0
#include "embedded/arena.hpp"

#include <algorithm>
#include <new>

#include "base/assert.hpp"

namespace chaski::embedded {
namespace {

/// No piece is smaller, so that it can be in the list once it comes back.
constexpr std::size_t kPieceMin = 2 * Arena::kAlign;
static_assert(sizeof(void*) + sizeof(std::size_t) <= kPieceMin);

}  // namespace

Arena::Arena(void* at, std::size_t size)
    : begin_(static_cast<char*>(at)), size_(size & ~(kAlign - 1)) {
  CHASKI_ASSERT(size_ >= kPieceMin);
  free_ = new (at) Free{size_, nullptr};
}

void* Arena::take(std::size_t size) {
  if (size > size_) return nullptr;
  const std::size_t wanted = std::max(kPieceMin, (size + kHeader + kAlign - 1) & ~(kAlign - 1));
  Free** link = &free_;
  while (*link != nullptr && (*link)->size < wanted) link = &(*link)->next;
  Free* const piece = *link;
  if (piece == nullptr) return nullptr;
  std::size_t given = piece->size;
  if (given - wanted >= kPieceMin) {
    char* const rest = reinterpret_cast<char*>(piece) + wanted;
    *link = new (rest) Free{given - wanted, piece->next};
    given = wanted;
  } else {
    *link = piece->next;
  }
  char* const start = reinterpret_cast<char*>(piece);
  new (start) std::size_t(given);
  used_ += given;
  used_max_ = std::max(used_max_, used_);
  peak_ = std::max(peak_, static_cast<std::size_t>(start - begin_) + given);
  return start + kHeader;
}

void Arena::give(void* piece) {
  if (piece == nullptr) return;
  char* const start = static_cast<char*>(piece) - kHeader;
  const std::size_t size = *reinterpret_cast<std::size_t*>(start);
  CHASKI_ASSERT(start >= begin_ && start + size <= begin_ + size_ && size >= kPieceMin);
  used_ -= size;
  Free* before = nullptr;
  Free* after = free_;
  while (after != nullptr && reinterpret_cast<char*>(after) < start) {
    before = after;
    after = after->next;
  }
  Free* const back = new (start) Free{size, after};
  if (after != nullptr && start + size == reinterpret_cast<char*>(after)) {
    back->size += after->size;
    back->next = after->next;
  }
  if (before == nullptr) {
    free_ = back;
  } else if (reinterpret_cast<char*>(before) + before->size == start) {
    before->size += back->size;
    before->next = back->next;
  } else {
    before->next = back;
  }
}

}  // namespace chaski::embedded
