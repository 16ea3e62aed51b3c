// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace chaski::mesh_router {

/// A queue in one block of memory that doubles when full and allocates nothing while unused.
///
/// Bounding it is the owner's part. T must be default constructible.
template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& front() { return (*this)[0]; }
  T& operator[](std::size_t index) {
    CHASKI_ASSERT(index < size_);
    return items_[(first_ + index) & (items_.size() - 1)];
  }
  const T& operator[](std::size_t index) const {
    CHASKI_ASSERT(index < size_);
    return items_[(first_ + index) & (items_.size() - 1)];
  }
  void push_back(T item) {
    if (size_ == items_.size()) grow();
    items_[(first_ + size_) & (items_.size() - 1)] = std::move(item);
    ++size_;
  }
  void pop_front() {
    CHASKI_ASSERT(size_ > 0);
    first_ = (first_ + 1) & (items_.size() - 1);
    --size_;
  }
  std::size_t memory_used() const { return items_.capacity() * sizeof(T); }

 private:
  void grow() {
    std::vector<T> next(items_.empty() ? 8 : items_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) next[i] = std::move((*this)[i]);
    items_ = std::move(next);
    first_ = 0;
  }

  std::vector<T> items_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
