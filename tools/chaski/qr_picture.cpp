// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/qr_picture.hpp"

#include <fmt/format.h>
#include <png.h>

#include <cstdint>
#include <vector>

#include "tools/chaski/qr.hpp"
#include "tools/chaski/qr_code.hpp"

namespace chaski::tools {

namespace {

constexpr std::uint8_t kBlack = 0;
constexpr std::uint8_t kWhite = 255;

/// One subpath for each run of dark modules in a row.
std::string runs(const qrcodegen::QrCode& code) {
  std::string path;
  const int size = code.getSize();
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size;) {
      int end = x;
      while (code.getModule(end, y)) ++end;
      if (end > x) path += fmt::format("M{},{}h{}v1h-{}z", x, y, end - x, end - x);
      x = end + 1;
    }
  }
  return path;
}

}  // namespace

std::optional<std::string> qr_as_svg(std::string_view text) {
  const auto code = qr_code(text);
  if (!code) return std::nullopt;
  const int side = code->getSize() + 2 * kQuietZone;
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
      "viewBox=\"-{0} -{0} {1} {1}\" shape-rendering=\"crispEdges\">\n"
      "<rect x=\"-{0}\" y=\"-{0}\" width=\"{1}\" height=\"{1}\" fill=\"#ffffff\"/>\n"
      "<path fill=\"#000000\" d=\"{2}\"/>\n"
      "</svg>\n",
      kQuietZone, side, runs(*code));
}

std::optional<std::string> qr_as_png(std::string_view text) {
  const auto code = qr_code(text);
  if (!code) return std::nullopt;
  const int side = (code->getSize() + 2 * kQuietZone) * kModulePixels;
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const bool dark = code->getModule(x / kModulePixels - kQuietZone,
                                        y / kModulePixels - kQuietZone);
      pixels.push_back(dark ? kBlack : kWhite);
    }
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.format = PNG_FORMAT_GRAY;
  image.width = image.height = static_cast<png_uint_32>(side);
  png_alloc_size_t size = 0;
  if (png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), side, nullptr) == 0) {
    return std::nullopt;
  }
  std::string out(size, '\0');
  if (png_image_write_to_memory(&image, out.data(), &size, 0, pixels.data(), side, nullptr) == 0) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

}  // namespace chaski::tools
