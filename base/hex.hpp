// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace chaski::base {

/// Lower-case hexadecimal, two characters a byte.
std::string to_hex(ByteView bytes);

/// The bytes of a hexadecimal string of either case, or nothing when it is odd or has another
/// character.
std::optional<Bytes> from_hex(std::string_view text);

/// The first 8 hexadecimal characters: what logs may show of an id.
std::string short_hex(ByteView bytes);

}  // namespace chaski::base
