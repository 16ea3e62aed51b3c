// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/qr.hpp"

#include <gtest/gtest.h>
#include <png.h>

#include <cstdio>
#include <qrcodegen/qrcodegen.hpp>
#include <set>
#include <sstream>
#include <vector>

#include "tools/chaski/qr_picture.hpp"

namespace chaski::tools {
namespace {

using qrcodegen::QrCode;

/// The modules of a picture in half blocks, true where there is ink: two rows a line.
std::vector<std::vector<bool>> read_back(const std::string& picture) {
  std::vector<std::vector<bool>> rows;
  std::istringstream lines(picture);
  for (std::string line; std::getline(lines, line);) {
    std::vector<bool> upper;
    std::vector<bool> lower;
    for (std::size_t i = 0; i < line.size();) {
      if (line[i] == '\x1b') {
        i = line.find('m', i) + 1;
        continue;
      }
      const std::size_t size = line[i] == ' ' ? 1 : 3;
      const std::string cell = line.substr(i, size);
      upper.push_back(cell == "█" || cell == "▀");
      lower.push_back(cell == "█" || cell == "▄");
      i += size;
    }
    rows.push_back(upper);
    rows.push_back(lower);
  }
  return rows;
}

void expect_same_modules(const std::string& text, QrPaint paint) {
  const QrCode code = QrCode::encodeText(text.c_str(), QrCode::Ecc::LOW);
  const auto picture = qr_in_blocks(text, paint);
  ASSERT_TRUE(picture.has_value());
  const auto rows = read_back(*picture);
  const int side = code.getSize() + 2 * kQuietZone;
  EXPECT_EQ(qr_columns(text), side);
  std::vector<std::vector<bool>> expected;
  // An odd number of rows leaves half a line below the code, without ink.
  for (int y = 0; y < side + side % 2; ++y) {
    std::vector<bool>& row = expected.emplace_back();
    for (int x = 0; x < side; ++x) {
      const bool dark = code.getModule(x - kQuietZone, y - kQuietZone);
      row.push_back(y < side && dark == (paint == QrPaint::coloured));
    }
  }
  EXPECT_EQ(rows, expected);
}

TEST(Qr, ThePictureHasTheModulesOfTheCodeAndItsQuietZone) {
  for (const std::size_t size : {1U, 50U, 300U, 1'000U}) {
    expect_same_modules("chaski:" + std::string(size, 'x'), QrPaint::coloured);
    expect_same_modules("chaski:" + std::string(size, 'x'), QrPaint::bright);
  }
}

TEST(Qr, ThePngHasTheModulesOfTheCodeAndItsQuietZone) {
  const std::string text = "CHASKI:INVITE/" + std::string(250, 'A');
  const QrCode code = QrCode::encodeText(text.c_str(), QrCode::Ecc::LOW);
  const auto png = qr_as_png(text);
  ASSERT_TRUE(png.has_value());
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  ASSERT_NE(png_image_begin_read_from_memory(&image, png->data(), png->size()), 0);
  image.format = PNG_FORMAT_GRAY;
  const int side = (code.getSize() + 2 * kQuietZone) * kModulePixels;
  ASSERT_EQ(static_cast<int>(image.width), side);
  ASSERT_EQ(static_cast<int>(image.height), side);
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  ASSERT_NE(png_image_finish_read(&image, nullptr, pixels.data(), side, nullptr), 0);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const bool dark =
          code.getModule(x / kModulePixels - kQuietZone, y / kModulePixels - kQuietZone);
      ASSERT_EQ(pixels[static_cast<std::size_t>(y * side + x)], dark ? 0 : 255) << x << "," << y;
    }
  }
}

TEST(Qr, TheSvgHasTheModulesOfTheCode) {
  const std::string text = "CHASKI:INVITE/" + std::string(250, 'A');
  const QrCode code = QrCode::encodeText(text.c_str(), QrCode::Ecc::LOW);
  const auto svg = qr_as_svg(text);
  ASSERT_TRUE(svg.has_value());
  const int side = code.getSize();
  std::set<std::pair<int, int>> dark;
  const std::size_t path = svg->find("d=\"");
  ASSERT_NE(path, std::string::npos);
  for (std::size_t at = svg->find('M', path); at != std::string::npos;
       at = svg->find('M', at + 1)) {
    int x = 0;
    int y = 0;
    int right = 0;
    int left = 0;
    ASSERT_EQ(std::sscanf(svg->c_str() + at, "M%d,%dh%dv1h-%dz", &x, &y, &right, &left), 4);
    EXPECT_EQ(left, right);
    for (int i = 0; i < right; ++i) dark.emplace(x + i, y);
  }
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      EXPECT_EQ(dark.contains({x, y}), code.getModule(x, y)) << x << "," << y;
    }
  }
  EXPECT_NE(svg->find("viewBox=\"-4 -4 " + std::to_string(side + 8)), std::string::npos);
}

TEST(Qr, LinksInUpperCaseNeedFewerModules) {
  const std::string link = "chaski:invite/" + std::string(250, 'a');
  EXPECT_EQ(for_qr_code(link), "CHASKI:INVITE/" + std::string(250, 'A'));
  EXPECT_LT(*qr_columns(for_qr_code(link)), *qr_columns(link) - 5);
}

TEST(Qr, ATextThatIsTooLongHasNoCode) {
  EXPECT_FALSE(qr_as_png(std::string(2'954, 'x')).has_value());
  EXPECT_FALSE(qr_as_svg(std::string(2'954, 'x')).has_value());
  EXPECT_TRUE(qr_in_blocks(std::string(2'953, 'x'), QrPaint::bright).has_value());
  EXPECT_EQ(qr_in_blocks(std::string(2'954, 'x'), QrPaint::bright), std::nullopt);
  EXPECT_EQ(qr_columns(std::string(2'954, 'x')), std::nullopt);
}

}  // namespace
}  // namespace chaski::tools
