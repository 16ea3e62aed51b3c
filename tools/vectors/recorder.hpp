// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/random.hpp"

namespace chaski::vectors {

/// Remembers every byte string it gave, so that an example can show its secrets.
class Recorder final : public base::Random {
 public:
  explicit Recorder(base::Random& from) : from_(from) {}
  void fill(base::MutableByteView out) override {
    from_.fill(out);
    fills_.emplace_back(out.begin(), out.end());
  }
  const base::Bytes& operator[](std::size_t index) const { return fills_[index]; }

 private:
  base::Random& from_;
  std::vector<base::Bytes> fills_;
};

}  // namespace chaski::vectors
