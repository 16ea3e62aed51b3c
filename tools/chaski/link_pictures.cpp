// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/link_pictures.hpp"

#include <fmt/format.h>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/qr.hpp"
#include "tools/chaski/qr_picture.hpp"

namespace chaski::tools {

LinkPictures::LinkPictures(const LinkOptions& options) {
  if (!options.png.empty()) png_.emplace(options.png);
  if (!options.svg.empty()) svg_.emplace(options.svg);
}

void LinkPictures::write(const std::string& link) {
  if (!png_ && !svg_) return;
  const auto png = qr_as_png(for_qr_code(link));
  const auto svg = qr_as_svg(for_qr_code(link));
  if (!png || !svg) {
    throw CommandError{ExitCode::refused, "link_too_long", "the link is too long for a QR code",
                       "hand it over as text"};
  }
  if (png_) png_->write(*png);
  if (svg_) svg_->write(*svg);
}

std::string qr_words(const Context& context, QrWish wish, const std::string& link) {
  const bool terminal = context.screen.terminal();
  if (wish == QrWish::never || (wish == QrWish::when_terminal && !terminal)) return {};
  const std::string text = for_qr_code(link);
  const auto columns = qr_columns(text);
  if (!columns) return "The link is too long for a QR code.\n";
  if (terminal && *columns > context.screen.columns()) {
    return fmt::format("The QR code needs {} columns and this terminal has {}: make it wider and "
                       "try again, or use --png.\n",
                       *columns, context.screen.columns());
  }
  const auto paint = context.screen.coloured() ? QrPaint::coloured : QrPaint::bright;
  return qr_in_blocks(text, paint).value_or("");
}

}  // namespace chaski::tools
