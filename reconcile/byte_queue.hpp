// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace chaski::reconcile {

/// A stream of bytes between the one who appends and the one who consumes; one piece in memory.
class ByteQueue {
 public:
  base::ByteView view() const { return base::ByteView(bytes_).subspan(begin_); }
  std::size_t size() const { return bytes_.size() - begin_; }
  bool empty() const { return size() == 0; }
  std::size_t memory_used() const { return bytes_.capacity(); }

  void append(base::ByteView more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  /// At most size(). What was consumed is moved over when it is the larger half, so that each byte
  /// is moved about once.
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ < bytes_.size() - begin_) return;
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  void release() { *this = ByteQueue(); }

 private:
  base::Bytes bytes_;
  std::size_t begin_ = 0;
};

}  // namespace chaski::reconcile
