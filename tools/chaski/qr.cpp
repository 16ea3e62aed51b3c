// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/qr.hpp"

#include <algorithm>
#include <stdexcept>

#include "tools/chaski/qr_code.hpp"

namespace chaski::tools {

namespace {

const char* half_block(bool upper, bool lower) {
  if (upper && lower) return "█";
  if (upper) return "▀";
  return lower ? "▄" : " ";
}

}  // namespace

std::optional<qrcodegen::QrCode> qr_code(std::string_view text) {
  try {
    return qrcodegen::QrCode::encodeText(std::string(text).c_str(), qrcodegen::QrCode::Ecc::LOW);
  } catch (const std::length_error&) {  // qrcodegen::data_too_long
    return std::nullopt;
  }
}

std::string for_qr_code(std::string_view link) {
  std::string out(link);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

std::optional<std::string> qr_in_blocks(std::string_view text, QrPaint paint) {
  const auto code = qr_code(text);
  if (!code) return std::nullopt;
  const int last = code->getSize() + kQuietZone;
  // getModule() is light outside the code, so the quiet zone needs no case of its own.
  const bool inked_dark = paint == QrPaint::coloured;
  const auto inked = [&](int x, int y) {
    if (y >= last) return false;  // below an odd last row
    return code->getModule(x, y) == inked_dark;
  };
  std::string out;
  for (int y = -kQuietZone; y < last; y += 2) {
    if (paint == QrPaint::coloured) out += "\x1b[30;107m";
    for (int x = -kQuietZone; x < last; ++x) out += half_block(inked(x, y), inked(x, y + 1));
    if (paint == QrPaint::coloured) out += "\x1b[0m";
    out += '\n';
  }
  return out;
}

std::optional<int> qr_columns(std::string_view text) {
  const auto code = qr_code(text);
  if (!code) return std::nullopt;
  return code->getSize() + 2 * kQuietZone;
}

}  // namespace chaski::tools
