// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chaski::tools {

/// Pixels a module has in a PNG.
inline constexpr int kModulePixels = 8;

/// The QR code of `text` as an SVG 1.1 document, a unit for each module, quiet zone included;
/// nothing when it is too long for a QR code.
std::optional<std::string> qr_as_svg(std::string_view text);

/// The same as a PNG (ISO 15948), grey, kModulePixels for each module.
std::optional<std::string> qr_as_png(std::string_view text);

}  // namespace chaski::tools
