// SPDX-License-Identifier: Apache-2.0
#include "reconcile/sketch.hpp"

#include <algorithm>
#include <array>

#include "reconcile/sketch_with.hpp"

namespace chaski::reconcile {

namespace {

/// Ids that are worked on together, so that each arithmetic can do many products at once: about
/// 3 KiB of stack, or 800 B on a processor of 32 bits, which has no such arithmetic.
constexpr std::size_t kBlock = sizeof(void*) > 4 ? 32 : 8;
/// Power sums that one pass over a block adds to.
constexpr std::size_t kColumns = 8;

/// A block of ids on its way through the syndromes.
///
/// id^(2 (first + k + i) + 1) is id^(2 (first + k)) times id^(2 i + 1): with a row of kColumns odd
/// powers for each id and one running even power, kColumns syndromes cost each id one product that
/// is reduced, and kColumns that are only summed up.
class Block {
 public:
  Block(const Kernel& kernel, std::span<const ShortId> ids, std::size_t first)
      : kernel_(kernel), size_(ids.size()) {
    std::array<Element, kBlock> squares;
    std::array<Element, kBlock> power;
    kernel_.multiply_each(ids, ids.data(), squares.data());
    std::copy(ids.begin(), ids.end(), power.begin());
    const std::span<const Element> powers(power.data(), size_);
    for (std::size_t i = 0;; ++i) {
      for (std::size_t b = 0; b < size_; ++b) odd_powers_[b * kColumns + i] = power[b];
      if (i + 1 == kColumns) break;
      kernel_.multiply_each(powers, squares.data(), power.data());
    }
    start_at(squares, first);
    // id^(2 kColumns) is id^(2 kColumns - 1) times id.
    kernel_.multiply_each(powers, ids.data(), step_.data());
  }

  void add_to(std::span<Element> sums) {
    for (std::size_t k = 0; k < sums.size(); k += kColumns) {
      const std::size_t columns = std::min(kColumns, sums.size() - k);
      kernel_.add_scaled_rows(running_.data(),
                              {odd_powers_.data(), size_, std::ptrdiff_t{kColumns}},
                              sums.subspan(k, columns));
      kernel_.multiply_each({running_.data(), size_}, step_.data(), running_.data());
    }
  }

 private:
  /// running_ = id^(2 first), by squaring and multiplying.
  void start_at(std::array<Element, kBlock>& squares, std::size_t first) {
    running_.fill(1);
    for (; first != 0; first >>= 1) {
      if ((first & 1) != 0) {
        kernel_.multiply_each({running_.data(), size_}, squares.data(), running_.data());
      }
      kernel_.multiply_each({squares.data(), size_}, squares.data(), squares.data());
    }
  }

  const Kernel& kernel_;
  std::size_t size_;
  std::array<Element, kBlock * kColumns> odd_powers_;  ///< id^1, id^3 …, a row for each id
  std::array<Element, kBlock> running_;                ///< id^(2 (first + k))
  std::array<Element, kBlock> step_;                   ///< id^(2 kColumns)
};

}  // namespace

void add_power_sums_with(const Kernel& kernel, std::span<const ShortId> ids, std::size_t first,
                         std::span<Element> sums) {
  for (std::size_t at = 0; at < ids.size(); at += kBlock) {
    const std::size_t size = std::min(kBlock, ids.size() - at);
    Block(kernel, ids.subspan(at, size), first).add_to(sums);
  }
}

void add_power_sums(std::span<const ShortId> ids, std::size_t first, std::span<Element> sums) {
  add_power_sums_with(kernel(), ids, first, sums);
}

void write_syndromes(std::span<const Element> syndromes, base::MutableByteView out) {
  for (std::size_t i = 0; i < syndromes.size(); ++i) {
    for (std::size_t byte = 0; byte < kSyndromeSize; ++byte) {
      out[i * kSyndromeSize + byte] = static_cast<std::uint8_t>(syndromes[i] >> (8 * byte));
    }
  }
}

void append_syndromes(std::span<const Element> syndromes, base::Bytes& out) {
  const std::size_t at = out.size();
  out.resize(at + syndromes.size() * kSyndromeSize);
  write_syndromes(syndromes, base::MutableByteView(out).subspan(at));
}

void read_syndromes(base::ByteView bytes, std::span<Element> out) {
  for (std::size_t i = 0; i < bytes.size() / kSyndromeSize; ++i) {
    Element element = 0;
    for (std::size_t byte = kSyndromeSize; byte-- > 0;) {
      element = element << 8 | bytes[i * kSyndromeSize + byte];
    }
    out[i] = element;
  }
}

}  // namespace chaski::reconcile
