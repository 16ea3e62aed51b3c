// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace chaski::tools {

/// Text that others wrote, made harmless for a terminal.
///
/// Control characters (escape sequences among them), the characters that turn the direction of
/// writing (Unicode TR 9 and the "Trojan Source" attack), invisible ones and bytes that are not
/// UTF-8 are shown as `\n`, `\x1b` or `\u{202e}`. What is left is printed as it is.
std::string one_line(std::string_view text);

/// The same, but line ends are kept and each further line begins with `indent`, so that no line of
/// a message can pass for a line of ours.
std::string indented(std::string_view text, std::string_view indent);

/// Whether the bytes are UTF-8 (RFC 3629: no surrogates, nothing overlong).
bool is_utf8(std::string_view text);

}  // namespace chaski::tools
