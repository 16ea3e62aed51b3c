// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chaski::e2ee {

/// One of the pictures that two people compare, with the English word that they read out.
struct PairingSymbol {
  std::string_view emoji;  ///< one character of Unicode, in UTF-8
  std::string_view word;   ///< lower-case letters; no two words begin with the same three
};

inline constexpr std::size_t kPairingSymbolsKnown = 64;
inline constexpr std::size_t kPairingSymbols = 6;

/// The short authentication string of a pairing: six numbers of symbols, 36 bits.
using PairingSymbols = std::array<std::uint8_t, kPairingSymbols>;

/// The symbol of a number below kPairingSymbolsKnown; the list is in docs/protocol/pairing.md.
const PairingSymbol& pairing_symbol(std::uint8_t number);

/// The six words with one space between: "llama fire egg moon bus cake".
std::string words_of(const PairingSymbols& symbols);

}  // namespace chaski::e2ee
