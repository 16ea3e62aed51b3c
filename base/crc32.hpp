// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace chaski::base {

/// What a CRC-32 starts from.
inline constexpr std::uint32_t kCrc32Start = 0xffff'ffff;

/// Goes on with a CRC-32 that stands at `state`, from kCrc32Start; crc32_value() is what is sent.
///
/// Polynomial 0x04c11db7, reflected, all ones before and after: CRC-32/ISO-HDLC, as in IEEE 802.3
/// and ITU-T V.42, 8.1.1.6.2; of "123456789" it is 0xcbf43926. A table of 64 bytes.
std::uint32_t crc32_update(std::uint32_t state, ByteView bytes);

constexpr std::uint32_t crc32_value(std::uint32_t state) {
  return ~state;
}

}  // namespace chaski::base
