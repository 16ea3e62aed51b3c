// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <qrcodegen/qrcodegen.hpp>
#include <string_view>

namespace chaski::tools {

/// The QR code (ISO 18004, lowest correction level) of `text`; nothing when it is too long for one
/// (2,953 bytes). Outside its modules it is light.
std::optional<qrcodegen::QrCode> qr_code(std::string_view text);

}  // namespace chaski::tools
