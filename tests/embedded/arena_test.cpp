// SPDX-License-Identifier: Apache-2.0
// What stands behind `new` on a board gives no byte out twice, and gets all of them back.
#include "embedded/arena.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/random.hpp"
#include "tests/seeds.hpp"

namespace chaski::embedded {
namespace {

constexpr std::size_t kSize = 8'192;

struct Piece {
  std::uint8_t* at;
  std::size_t size;
  std::uint8_t mark;
};

TEST(Arena, PiecesDoNotOverlapAndComeBack) {
  for (const std::uint64_t seed : test::seeds(20)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    alignas(Arena::kAlign) static std::uint8_t memory[kSize];
    Arena arena(memory, kSize);
    base::SeededRandom random(seed);
    std::vector<Piece> pieces;
    std::size_t refused = 0;
    for (int step = 0; step < 5'000; ++step) {
      if (random.below(100) < 55) {
        const std::size_t size = random.below(random.below(10) == 0 ? 2'000 : 100);
        const auto mark = static_cast<std::uint8_t>(random.next_u64());
        auto* const at = static_cast<std::uint8_t*>(arena.take(size));
        if (at == nullptr) {
          ++refused;
          continue;
        }
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(at) % Arena::kAlign, 0U);
        ASSERT_TRUE(at >= memory && at + size <= memory + kSize);
        std::memset(at, mark, size);
        pieces.push_back({at, size, mark});
      } else if (!pieces.empty()) {
        const std::size_t which = random.below(pieces.size());
        const Piece piece = pieces[which];
        pieces[which] = pieces.back();
        pieces.pop_back();
        for (std::size_t i = 0; i < piece.size; ++i) ASSERT_EQ(piece.at[i], piece.mark);
        arena.give(piece.at);
      }
      ASSERT_LE(arena.used(), arena.used_max());
      ASSERT_LE(arena.used_max(), arena.peak());
      ASSERT_LE(arena.peak(), kSize);
    }
    EXPECT_GT(refused, 0U) << "it was never full";
    for (const Piece& piece : pieces) arena.give(piece.at);
    EXPECT_EQ(arena.used(), 0U);
    // All of it is one piece again.
    EXPECT_NE(arena.take(kSize - Arena::kAlign), nullptr);
    EXPECT_EQ(arena.take(1), nullptr);
  }
}

TEST(Arena, WhatIsTooLargeIsRefused) {
  alignas(Arena::kAlign) std::uint8_t memory[64];
  Arena arena(memory, sizeof memory);
  EXPECT_EQ(arena.take(SIZE_MAX), nullptr);
  EXPECT_EQ(arena.take(64), nullptr);
  EXPECT_NE(arena.take(56), nullptr);
}

}  // namespace
}  // namespace chaski::embedded
