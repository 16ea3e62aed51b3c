// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace chaski::reconcile {

/// A queue in one piece of memory: where flash counts, a fraction of the code of std::deque.
template <class T>
class Fifo {
 public:
  bool empty() const { return begin_ == items_.size(); }
  std::size_t size() const { return items_.size() - begin_; }
  T& front() { return items_[begin_]; }
  const T& front() const { return items_[begin_]; }
  T& back() { return items_.back(); }
  auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(begin_); }
  auto end() const { return items_.end(); }

  void push_back(T item) { items_.push_back(std::move(item)); }
  /// Takes the oldest out. What is gone is moved over when it is the larger half.
  T pop_front() {
    T item = std::move(items_[begin_++]);
    if (begin_ >= items_.size() - begin_) {
      items_.erase(items_.begin(), begin());
      begin_ = 0;
    }
    return item;
  }
  void clear() {
    items_.clear();
    begin_ = 0;
  }

 private:
  std::vector<T> items_;
  std::size_t begin_ = 0;
};

}  // namespace chaski::reconcile
