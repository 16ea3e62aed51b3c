// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace chaski::e2ee {

/// Writes little-endian numbers and bytes into a buffer that is exactly large enough.
class Writer {
 public:
  explicit Writer(base::MutableByteView out) : rest_(out) {}
  template <std::unsigned_integral T>
  Writer& number(T value) {
    CHASKI_ASSERT(rest_.size() >= sizeof(T));
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      rest_[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
    }
    rest_ = rest_.subspan(sizeof(T));
    return *this;
  }
  Writer& bytes(base::ByteView bytes) {
    CHASKI_ASSERT(rest_.size() >= bytes.size());
    std::copy(bytes.begin(), bytes.end(), rest_.begin());
    rest_ = rest_.subspan(bytes.size());
    return *this;
  }
  /// Bytes after a one-byte length; at most 255.
  Writer& short_text(std::string_view text) {
    CHASKI_ASSERT(text.size() <= 255);
    number(static_cast<std::uint8_t>(text.size()));
    return bytes(base::as_bytes(text));
  }
  base::MutableByteView rest() const { return rest_; }

 private:
  base::MutableByteView rest_;
};

/// Reads what Writer wrote; after the first thing that is not there, ok() is false for good and
/// everything read is zero or empty.
class Reader {
 public:
  explicit Reader(base::ByteView in) : rest_(in) {}
  base::ByteView bytes(std::size_t size) {
    if (size > rest_.size()) return fail();
    const base::ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  template <std::unsigned_integral T>
  T number() {
    const base::ByteView in = bytes(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = in.size(); i-- > 0;) value = (value << 8) | in[i];
    return static_cast<T>(value);
  }
  /// Fills a fixed-size value: TaggedBytes or Secret.
  template <class Value>
  void fill(Value& value) {
    const base::ByteView in = bytes(Value::kSize);
    std::copy(in.begin(), in.end(), value.mutable_view().begin());
  }
  std::string_view short_text() { return base::as_text(bytes(number<std::uint8_t>())); }
  base::ByteView rest() const { return rest_; }
  bool ok() const { return ok_; }
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  base::ByteView fail() {
    ok_ = false;
    rest_ = {};
    return {};
  }
  base::ByteView rest_;
  bool ok_ = true;
};

/// Whether these are all zero; takes as long whatever they are.
bool is_all_zero(base::ByteView bytes);

/// Bytes of the checksum that ends everything we save.
inline constexpr std::size_t kSaveChecksumSize = 16;
/// Writes the checksum over all but the last 16 bytes of `record` into those.
void finish_record(base::MutableByteView record);
/// What was saved without its checksum, or nothing when that is wrong: a bad disk, not an attacker.
std::optional<base::ByteView> open_record(base::ByteView record);

}  // namespace chaski::e2ee
