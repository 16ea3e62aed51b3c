// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chaski::node {

/// Longest name of a person or contact, in bytes of UTF-8.
inline constexpr std::size_t kNameSizeMax = 32;

/// Whether the bytes are UTF-8 as RFC 3629 has it: shortest forms only, no surrogates.
bool is_utf8(std::string_view text);
/// The text with U+FFFD in place of every byte that is not part of valid UTF-8.
std::string repaired_utf8(std::string_view text);
/// 1 to kNameSizeMax bytes of UTF-8 without control or direction characters, and no space at an
/// end.
bool is_valid_name(std::string_view name);
/// A few characters under the same rules, or none, which takes a reaction back.
bool is_valid_reaction(std::string_view reaction);
/// The longest prefix of at most `size_max` bytes that does not cut a character.
std::string_view utf8_prefix(std::string_view text, std::size_t size_max);

}  // namespace chaski::node
