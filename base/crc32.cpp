// SPDX-License-Identifier: Apache-2.0
#include "base/crc32.hpp"

#include <array>

namespace chaski::base {
namespace {

constexpr std::uint32_t kReflected = 0xedb8'8320;

/// What four bits that leave at the low end do to the rest.
constexpr std::array<std::uint32_t, 16> make_table() {
  std::array<std::uint32_t, 16> table{};
  for (std::uint32_t value = 0; value < table.size(); ++value) {
    std::uint32_t state = value;
    for (int bit = 0; bit < 4; ++bit) {
      state = (state & 1u) != 0 ? (state >> 1) ^ kReflected : state >> 1;
    }
    table[value] = state;
  }
  return table;
}

constexpr auto kTable = make_table();

}  // namespace

std::uint32_t crc32_update(std::uint32_t state, ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    state ^= byte;
    state = (state >> 4) ^ kTable[state & 15u];
    state = (state >> 4) ^ kTable[state & 15u];
  }
  return state;
}

}  // namespace chaski::base
