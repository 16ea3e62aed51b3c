// SPDX-License-Identifier: Apache-2.0
#include "attachment/copy_sealing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace chaski::attachment::test {
namespace {

TEST(CopySealing, APieceOpensInItsPlaceAndUnderItsKeyAlone) {
  CopyKey key;
  key.mutable_view()[0] = 1;
  CopyKey other;
  const base::Bytes text(1'000, 5);
  base::Bytes piece = text;
  piece.resize(text.size() + kCopyTagSize);
  seal_piece(key, 7, piece);
  EXPECT_EQ(std::search(piece.begin(), piece.end(), text.begin(), text.begin() + 16), piece.end());
  base::Bytes out(text.size());
  EXPECT_TRUE(open_piece(key, 7, piece, out));
  EXPECT_EQ(out, text);
  EXPECT_FALSE(open_piece(key, 8, piece, out));
  EXPECT_FALSE(open_piece(other, 7, piece, out));
  for (std::size_t at = 0; at < piece.size(); at += 37) {
    piece[at] ^= 1;
    EXPECT_FALSE(open_piece(key, 7, piece, out));
    piece[at] ^= 1;
  }
  EXPECT_FALSE(open_piece(key, 7, base::ByteView(piece).first(piece.size() - 1), out));
}

}  // namespace
}  // namespace chaski::attachment::test
