// SPDX-License-Identifier: Apache-2.0
#include "reconcile/kernel_portable.hpp"

#include <algorithm>
#include <array>

namespace chaski::reconcile {

namespace {

constexpr unsigned kWindow = 4;  // bits of a factor that one look-up takes
constexpr unsigned kWindows = kFieldBits / kWindow;
/// Rows whose tables are made before a column is summed: 1 KiB of stack.
constexpr std::size_t kTables = 8;

/// What an element is times 0, 1, x, x + 1 … x^3 + x^2 + x + 1, not reduced: 51 bits.
class Multiples {
 public:
  void set(Element a) {
    at_[0] = 0;
    at_[1] = a;
    for (std::size_t i = 2; i < at_.size(); i += 2) {
      at_[i] = at_[i / 2] << 1;
      at_[i + 1] = at_[i] ^ a;
    }
  }
  std::uint64_t operator[](std::size_t window) const { return at_[window]; }

 private:
  std::array<std::uint64_t, 1u << kWindow> at_;
};

/// A sum of products, kept apart by the place of the window in the second factor, so that adding
/// one is a look-up for each window, and shifting waits for the end.
class Sum {
 public:
  void add(const Multiples& a, Element b) {
#pragma GCC unroll 12
    for (unsigned i = 0; i < kWindows; ++i)
      at_[i] ^= a[static_cast<std::size_t>(b >> (kWindow * i) & 0xF)];
  }

  /// The sum modulo the field's polynomial f. With H what stands at x^48 and above, the quotient is
  /// H plus what runs over once more when H is multiplied by f's low part, x^5 + x^3 + x^2 + 1.
  Element reduced() const {
    const std::uint64_t low = four(0);
    const std::uint64_t middle = four(4);  // times x^16
    const std::uint64_t high = four(8);    // times x^32
    const std::uint64_t h = low >> 48 ^ middle >> 32 ^ high >> 16;
    const std::uint64_t q = h ^ h >> 43 ^ h >> 45 ^ h >> 46;
    return (low ^ middle << 16 ^ high << 32 ^ q ^ q << 2 ^ q << 3 ^ q << 5) & kFieldMask;
  }

 private:
  /// Four neighbouring windows: 51 bits and three shifts of four fill 63.
  std::uint64_t four(std::size_t i) const {
    return at_[i] ^ at_[i + 1] << kWindow ^ at_[i + 2] << (2 * kWindow) ^
           at_[i + 3] << (3 * kWindow);
  }

  std::array<std::uint64_t, kWindows> at_{};
};

Element multiply_one(Element a, Element b) {
  Multiples multiples;
  multiples.set(a);
  Sum product;
  product.add(multiples, b);
  return product.reduced();
}

void multiply_each(std::span<const Element> a, const Element* b, Element* out) {
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = multiply_one(a[i], b[i]);
}

void add_scaled_rows(const Element* scales, Rows rows, std::span<Element> out) {
  std::array<Multiples, kTables> tables;
  for (std::size_t at = 0; at < rows.count; at += kTables) {
    const std::size_t count = std::min(kTables, rows.count - at);
    for (std::size_t r = 0; r < count; ++r) tables[r].set(scales[at + r]);
    for (std::size_t k = 0; k < out.size(); ++k) {
      const Element* element = rows.first + static_cast<std::ptrdiff_t>(at) * rows.stride + k;
      Sum sum;
      for (std::size_t r = 0; r < count; ++r, element += rows.stride) {
        sum.add(tables[r], *element);
      }
      out[k] ^= sum.reduced();
    }
  }
}

}  // namespace

constinit const Kernel kPortableKernel = {Arithmetic::portable, multiply_one, multiply_each,
                                          add_scaled_rows};

}  // namespace chaski::reconcile
