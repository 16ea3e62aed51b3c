// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace chaski::embedded {

/// A fixed piece of memory that is given out in pieces: what stands behind `new` on a board, where
/// there is no malloc.
///
/// First fit over free pieces in the order of their addresses, neighbours joined when they come
/// back; what is given out is aligned to 8 bytes and costs 8 beside its size. Nothing grows: a
/// piece that does not fit is refused, and peak() says how near that was.
class Arena {
 public:
  static constexpr std::size_t kAlign = 8;

  /// `at` is aligned to kAlign; both it and `size` outlive the arena.
  Arena(void* at, std::size_t size);

  /// Null when there is no piece that large.
  void* take(std::size_t size);
  /// Null, or what take() gave and nobody gave back.
  void give(void* piece);

  /// Bytes given out, with what each costs.
  std::size_t used() const { return used_; }
  std::size_t used_max() const { return used_max_; }
  /// The end of the highest piece there ever was: what the arena had to be at least.
  std::size_t peak() const { return peak_; }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    std::size_t size;
    Free* next;
  };
  static constexpr std::size_t kHeader = kAlign;

  char* begin_;
  std::size_t size_;
  Free* free_ = nullptr;
  std::size_t used_ = 0;
  std::size_t used_max_ = 0;
  std::size_t peak_ = 0;
};

}  // namespace chaski::embedded
