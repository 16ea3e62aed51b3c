// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/qr.hpp"

#include <gtest/gtest.h>

#include <qrcodegen/qrcodegen.hpp>
#include <sstream>
#include <vector>

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

TEST(Qr, ATextThatIsTooLongHasNoCode) {
  EXPECT_TRUE(qr_in_blocks(std::string(2'953, 'x'), QrPaint::bright).has_value());
  EXPECT_EQ(qr_in_blocks(std::string(2'954, 'x'), QrPaint::bright), std::nullopt);
  EXPECT_EQ(qr_columns(std::string(2'954, 'x')), std::nullopt);
}

}  // namespace
}  // namespace chaski::tools
