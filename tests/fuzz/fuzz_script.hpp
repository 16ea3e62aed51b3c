// SPDX-License-Identifier: Apache-2.0
// A fuzz input read as a script: numbers and byte strings until it ends, zeros after.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.hpp"

namespace chaski::fuzz {

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  bool at_end() const { return rest_.empty(); }
  std::uint8_t u8() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  std::uint32_t u24() {
    const std::uint32_t high = u8(), middle = u8(), low = u8();
    return high << 16 | middle << 8 | low;
  }
  /// Up to `size` bytes; fewer at the end.
  base::Bytes bytes(std::size_t size) {
    const base::ByteView taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  base::ByteView rest_;
};

}  // namespace chaski::fuzz
