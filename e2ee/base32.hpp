// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace chaski::e2ee {

/// RFC 4648 section 6, lower case, no padding.
std::string to_base32(base::ByteView bytes);

/// The bytes of a base32 text of either case, or nothing when a character, the length or the unused
/// last bits are not what to_base32() writes.
std::optional<base::Bytes> from_base32(std::string_view text);

}  // namespace chaski::e2ee
