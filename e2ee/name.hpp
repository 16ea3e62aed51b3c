// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace chaski::e2ee {

inline constexpr std::size_t kNameSizeMax = 32;

/// Whether a text of one line may be shown in a terminal as it is: UTF-8 (RFC 3629) without control
/// characters, line separators or characters that turn the direction of text.
bool is_one_plain_line(std::string_view text);

/// Whether a person's name may travel: 0 to 32 bytes, one plain line.
bool is_valid_name(std::string_view name);

}  // namespace chaski::e2ee
