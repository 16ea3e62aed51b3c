// SPDX-License-Identifier: Apache-2.0
#include "vault/guarded_key.hpp"

#include <sodium.h>

#include <algorithm>
#include <new>

#include "base/assert.hpp"

namespace chaski::vault {

GuardedBytes::GuardedBytes(std::size_t size) : data_(nullptr), size_(size) {
  const int ready = sodium_init();
  CHASKI_ASSERT(ready >= 0);
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  if (data_ == nullptr) throw std::bad_alloc();
  std::fill_n(data_, size_, std::uint8_t{0});  // sodium_malloc fills with something else
}

GuardedBytes& GuardedBytes::operator=(GuardedBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

GuardedBytes::~GuardedBytes() { sodium_free(data_); }

bool memory_can_be_locked() {
  static std::uint8_t probe = 0;
  if (sodium_mlock(&probe, sizeof probe) != 0) return false;
  sodium_munlock(&probe, sizeof probe);
  return true;
}

}  // namespace chaski::vault
