// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace chaski::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;

/// N bytes that are one kind of thing: two kinds (two tags) do not convert into each other.
///
/// Value type, zero-initialised, ordered bytewise. Not for secret keys: see e2ee/keys.hpp.
template <class Tag, std::size_t N>
struct TaggedBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  /// The N bytes of `view`, or nothing when its size is not exactly N.
  static std::optional<TaggedBytes> from(ByteView view) {
    if (view.size() != N) return std::nullopt;
    TaggedBytes out;
    std::copy(view.begin(), view.end(), out.bytes.begin());
    return out;
  }
  ByteView view() const { return {bytes.data(), N}; }
  MutableByteView mutable_view() { return {bytes.data(), N}; }
  bool is_zero() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  }
  friend bool operator==(const TaggedBytes&, const TaggedBytes&) = default;
  friend auto operator<=>(const TaggedBytes&, const TaggedBytes&) = default;
};

/// The bytes of a string, not copied.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Bytes as text, not copied and not checked: for what was text before.
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Whether two byte strings are equal; not constant time, so never for secrets.
inline bool equal(ByteView a, ByteView b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

}  // namespace chaski::base
