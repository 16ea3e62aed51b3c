// SPDX-License-Identifier: Apache-2.0
#include "e2ee/pairing_symbols.hpp"

#include "base/assert.hpp"

namespace chaski::e2ee {
namespace {

/// In alphabetical order. Things that nobody mistakes for one another, in pictures or in words.
constexpr std::array<PairingSymbol, kPairingSymbolsKnown> kSymbols{{
    {"🍎", "apple"}, {"🥑", "avocado"}, {"🎈", "balloon"}, {"🍌", "banana"}, {"🐻", "bear"},
    {"🔔", "bell"}, {"🍞", "bread"}, {"🚌", "bus"}, {"🌵", "cactus"}, {"🎂", "cake"}, {"🐫", "camel"},
    {"🥕", "carrot"}, {"🧀", "cheese"}, {"🍀", "clover"}, {"🌽", "corn"}, {"🐮", "cow"}, {"🦀", "crab"},
    {"💎", "diamond"}, {"🐶", "dog"}, {"🥁", "drum"}, {"🦅", "eagle"}, {"🥚", "egg"},
    {"🐘", "elephant"}, {"🔥", "fire"}, {"🐟", "fish"}, {"🌻", "flower"}, {"🐸", "frog"},
    {"👻", "ghost"}, {"🎁", "gift"}, {"👓", "glasses"}, {"🍇", "grapes"}, {"🎸", "guitar"},
    {"🔨", "hammer"}, {"🎩", "hat"}, {"🍯", "honey"}, {"🐴", "horse"}, {"🏠", "house"}, {"🔑", "key"},
    {"💡", "lamp"}, {"🍋", "lemon"}, {"🦙", "llama"}, {"🎭", "mask"}, {"🐵", "monkey"}, {"🌙", "moon"},
    {"🐭", "mouse"}, {"🍄", "mushroom"}, {"🐙", "octopus"}, {"🐧", "penguin"}, {"🐷", "pig"},
    {"🍕", "pizza"}, {"🥔", "potato"}, {"🌈", "rainbow"}, {"🚀", "rocket"}, {"🌹", "rose"},
    {"🚢", "ship"}, {"👟", "shoe"}, {"🐌", "snail"}, {"🚂", "train"}, {"🌲", "tree"}, {"🎺", "trumpet"},
    {"🐢", "turtle"}, {"☔", "umbrella"}, {"🌋", "volcano"}, {"🦓", "zebra"},
}};

}  // namespace

const PairingSymbol& pairing_symbol(std::uint8_t number) {
  CHASKI_ASSERT(number < kSymbols.size());
  return kSymbols[number];
}

std::string words_of(const PairingSymbols& symbols) {
  std::string out;
  for (const std::uint8_t number : symbols) {
    if (!out.empty()) out += ' ';
    out += pairing_symbol(number).word;
  }
  return out;
}

}  // namespace chaski::e2ee
