// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/safe_text.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

namespace chaski::tools {
namespace {

TEST(SafeText, PlainTextStaysAsItIs) {
  for (const char* text : {"", "the bridge holds", "é ñ 漢字 العربية", "👩‍🚒 family", "a\\b"}) {
    EXPECT_EQ(one_line(text), text);
  }
}

TEST(SafeText, ControlCharactersAreShown) {
  EXPECT_EQ(one_line("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(one_line("a\r\n\tb"), "a\\r\\n\\tb");
  EXPECT_EQ(one_line(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(one_line("\u009b31m"), "\\u{9b}31m");  // the one-byte escape of a terminal
}

TEST(SafeText, DirectionAndInvisibleCharactersAreShown) {
  EXPECT_EQ(one_line("a\u202eb"), "a\\u{202e}b");
  EXPECT_EQ(one_line("\u2066\u2069\u200b\ufeff\u2028"),
            "\\u{2066}\\u{2069}\\u{200b}\\u{feff}\\u{2028}");
  EXPECT_EQ(one_line("\U000e0041"), "\\u{e0041}");
}

TEST(SafeText, BytesThatAreNoTextAreShown) {
  EXPECT_EQ(one_line("a\xff\xfe"), "a\\xff\\xfe");
  EXPECT_EQ(one_line("\xc3"), "\\xc3");                  // cut short
  EXPECT_EQ(one_line("\xc0\xaf"), "\\xc0\\xaf");         // overlong
  EXPECT_EQ(one_line("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(one_line("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
}

TEST(SafeText, FurtherLinesAreIndented) {
  EXPECT_EQ(indented("a\nb\n", "  | "), "a\n  | b\n  | ");
  EXPECT_EQ(indented("a\r\x1b", "  "), "a\\r\\x1b");
}

TEST(SafeText, Utf8IsToldFromOtherBytes) {
  EXPECT_TRUE(is_utf8("漢字 \x1b"));
  EXPECT_FALSE(is_utf8("\xff"));
  EXPECT_FALSE(is_utf8("\xe2\x82"));
}

bool has_control(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return true;
  }
  return text.find("\xc2\x9b") != std::string_view::npos;
}

RC_GTEST_PROP(SafeText, WhateverComesOutIsHarmlessText, (const std::vector<std::uint8_t>& bytes)) {
  const std::string text(bytes.begin(), bytes.end());
  const std::string shown = one_line(text);
  RC_ASSERT(is_utf8(shown));
  RC_ASSERT(!has_control(shown));
  RC_ASSERT(one_line(shown) == shown);
}

}  // namespace
}  // namespace chaski::tools
