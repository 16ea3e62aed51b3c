// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace chaski::e2ee {

inline constexpr std::size_t kNameSizeMax = 32;

/// Whether a person's name may travel: 0 to 32 bytes of UTF-8 (RFC 3629) without control
/// characters, line separators or characters that turn the direction of text (a name is shown in a
/// terminal).
bool is_valid_name(std::string_view name);

}  // namespace chaski::e2ee
