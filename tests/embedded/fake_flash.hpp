// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <set>
#include <vector>

#include "base/random.hpp"
#include "embedded/port.h"

namespace chaski::embedded {

/// NOR flash in memory, which loses power where it is told to: after that it does nothing more.
///
/// Programming clears bits; a word that is programmed twice between two erases ends the program, as
/// does a call that chaski_flash forbids: some flash cannot do that.
class FakeFlash {
 public:
  /// What is left of the word that power went at.
  enum class Torn : std::uint8_t { untouched, whole, some_bits };

  FakeFlash(std::uint32_t page_size, std::uint32_t pages, std::uint32_t word_size)
      : erases(pages),
        bytes(std::size_t{page_size} * pages, 0xff),
        written_(bytes.size() / word_size) {
    flash_ = {this, page_size, pages, word_size, erase, program, read};
  }
  FakeFlash(const FakeFlash& other) : FakeFlash(0, 0, 1) { *this = other; }
  FakeFlash& operator=(const FakeFlash& other) {
    erases = other.erases;
    bytes = other.bytes;
    bad_pages = other.bad_pages;
    written_ = other.written_;
    flash_ = other.flash_;
    flash_.context = this;
    steps = other.steps;
    power = other.power;
    cut_at = other.cut_at;
    torn = other.torn;
    random = other.random;
    return *this;
  }

  const chaski_flash& flash() const { return flash_; }

  std::vector<std::uint64_t> erases;  ///< of each page
  std::vector<std::uint8_t> bytes;
  std::set<std::uint32_t> bad_pages;      ///< neither take words nor are erased whole, and say so
  std::uint64_t silent_fault_one_in = 0;  ///< a word that is not what was written, and no error
  std::uint64_t steps = 0;                ///< words programmed and pages erased
  bool power = true;
  std::uint64_t cut_at = UINT64_MAX;  ///< the step at which power goes
  Torn torn = Torn::some_bits;
  base::SeededRandom random{1};

  void restore_power() {
    power = true;
    cut_at = UINT64_MAX;
  }

 private:
  static FakeFlash& self(void* context) { return *static_cast<FakeFlash*>(context); }
  static void require(bool holds) {
    if (!holds) std::abort();
  }
  std::uint8_t some_of(std::uint8_t bits) {
    return static_cast<std::uint8_t>(bits & random.next_u64());
  }

  static int erase(void* context, std::uint32_t page) {
    FakeFlash& f = self(context);
    require(page < f.flash_.pages);
    if (!f.power) return 0;
    const std::size_t begin = std::size_t{page} * f.flash_.page_size;
    const std::size_t end = begin + f.flash_.page_size;
    const bool cut = f.steps++ == f.cut_at;
    const bool bad = f.bad_pages.contains(page);
    ++f.erases[page];
    if (cut) f.power = false;
    if (cut && f.torn == Torn::untouched) return 0;
    const bool half = (cut && f.torn == Torn::some_bits) || bad;
    // Half an erase: every byte may be old, erased or between; or all of a part.
    const std::uint64_t style = f.random.below(4);
    const std::size_t middle = begin + f.random.below(f.flash_.page_size);
    for (std::size_t i = begin; i < end; ++i) {
      const bool spared = style == 0 ? i < middle : style == 1 ? i >= middle : false;
      const std::uint8_t raised = !half || style < 2 ? 0xff
                                  : style == 2       ? f.some_of(0xff)
                                                     : (f.random.below(2) == 0 ? 0xff : 0);
      if (!half || !spared) f.bytes[i] |= raised;
    }
    if (!half) {
      const auto words = f.written_.begin();
      std::fill(words + static_cast<long>(begin / f.flash_.word_size),
                words + static_cast<long>(end / f.flash_.word_size), false);
    }
    return cut || bad ? 0 : 1;
  }

  static int program(void* context, std::uint32_t offset, const std::uint8_t* from,
                     std::uint32_t size) {
    FakeFlash& f = self(context);
    const std::uint32_t word = f.flash_.word_size;
    require(size > 0 && offset % word == 0 && size % word == 0 && offset + size <= f.bytes.size());
    require(offset / f.flash_.page_size == (offset + size - 1) / f.flash_.page_size);
    if (!f.power) return 0;
    for (std::uint32_t at = 0; at < size; at += word) {
      require(!f.written_[(offset + at) / word]);
      const bool cut = f.steps++ == f.cut_at;
      // Who finds a word erased after a cut cannot know that it was tried.
      f.written_[(offset + at) / word] = !cut;
      if (cut) f.power = false;
      if (cut && f.torn == Torn::untouched) return 0;
      const bool bad = f.bad_pages.contains(offset / f.flash_.page_size);
      const bool wrong = f.silent_fault_one_in != 0 && f.random.below(f.silent_fault_one_in) == 0;
      for (std::uint32_t i = at; i < at + word; ++i) {
        const auto cleared = static_cast<std::uint8_t>(~from[i]);
        const bool some = (cut && f.torn == Torn::some_bits) || bad || wrong;
        f.bytes[offset + i] &= static_cast<std::uint8_t>(~(some ? f.some_of(cleared) : cleared));
      }
      if (cut || bad) return 0;
    }
    return 1;
  }

  static int read(void* context, std::uint32_t offset, std::uint8_t* out, std::uint32_t size) {
    FakeFlash& f = self(context);
    require(offset + size <= f.bytes.size());
    std::copy_n(f.bytes.begin() + offset, size, out);
    return 1;
  }

  std::vector<bool> written_;
  chaski_flash flash_{};
};

}  // namespace chaski::embedded
