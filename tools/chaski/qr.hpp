// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chaski::tools {

/// Light modules around a code; the standard (ISO 18004) wants four.
inline constexpr int kQuietZone = 4;

/// A link as a QR code carries it: in upper case, which readers of links take as well and a code
/// has a shorter form for (alphanumeric mode): a fifth fewer modules a side.
std::string for_qr_code(std::string_view link);

/// How a QR code is painted: two modules a character, one above the other.
enum class QrPaint {
  coloured,  ///< black on white by escape sequences, right on every terminal
  bright,    ///< without colour: light modules are the blocks, for light text on a dark ground
};

/// The QR code of `text` in half-block characters, one line of text two rows of modules; nothing
/// when it is too long for a QR code (2,953 bytes).
std::optional<std::string> qr_in_blocks(std::string_view text, QrPaint paint);

/// Columns that the code of `text` takes, quiet zone included; nothing as above.
std::optional<int> qr_columns(std::string_view text);

}  // namespace chaski::tools
