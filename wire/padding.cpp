// SPDX-License-Identifier: Apache-2.0
#include "wire/padding.hpp"

#include <algorithm>
#include <array>

namespace chaski::wire {

namespace {

constexpr std::size_t body_of_packets(std::size_t packets) { return 160 + 216 * (packets - 1); }

constexpr std::array<std::size_t, 9> kClasses{
    body_of_packets(1),  body_of_packets(2),  body_of_packets(4),
    body_of_packets(8),  body_of_packets(16), body_of_packets(32),
    body_of_packets(64), body_of_packets(128), body_of_packets(305)};
static_assert(kClasses.back() == kBodySizeMax);

}  // namespace

std::optional<std::size_t> padded_body_size(std::size_t size) {
  const auto* found = std::lower_bound(kClasses.begin(), kClasses.end(), size);
  if (found == kClasses.end()) return std::nullopt;
  return *found;
}

bool is_padding_class(std::size_t size) {
  return std::binary_search(kClasses.begin(), kClasses.end(), size);
}

}  // namespace chaski::wire
