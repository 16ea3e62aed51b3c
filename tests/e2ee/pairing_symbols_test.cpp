// SPDX-License-Identifier: Apache-2.0
// Symbols that two people confuse, or that do not all come up.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/random.hpp"
#include "e2ee/pairing_keys.hpp"

namespace chaski::e2ee::test {
namespace {

TEST(PairingSymbols, AreSixtyFourDifferentPicturesAndWords) {
  std::set<std::string_view> pictures;
  std::set<std::string_view> words;
  std::set<std::string_view> starts;
  for (std::uint8_t i = 0; i < kPairingSymbolsKnown; ++i) {
    const PairingSymbol& symbol = pairing_symbol(i);
    pictures.insert(symbol.emoji);
    words.insert(symbol.word);
    starts.insert(symbol.word.substr(0, 3));
    for (const char c : symbol.word) EXPECT_TRUE(c >= 'a' && c <= 'z') << symbol.word;
    const auto before = i == 0 ? std::string_view() : pairing_symbol(i - 1).word;
    EXPECT_LT(before, symbol.word);
  }
  EXPECT_EQ(pictures.size(), 64U);
  EXPECT_EQ(words.size(), 64U);
  EXPECT_EQ(starts.size(), 64U) << "two words that begin alike are mistaken on the phone";
}

TEST(PairingSymbols, EachOfThemComesUpInEachPlace) {
  base::SeededRandom random(5);
  std::array<std::set<int>, kPairingSymbols> seen;
  SharedSecret shared;
  for (int i = 0; i < 2'000; ++i) {
    random.fill(shared.mutable_view());
    const PairingSymbols symbols = pairing_keys(shared, {}).symbols;
    for (std::size_t k = 0; k < symbols.size(); ++k) seen[k].insert(symbols[k]);
  }
  for (const auto& place : seen) EXPECT_EQ(place.size(), 64U);
}

}  // namespace
}  // namespace chaski::e2ee::test
