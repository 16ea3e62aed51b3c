// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "station.hpp"

namespace chaski::mesh_router::test {

/// What a lying neighbour does, beside what a production router does.
enum class Manner : std::uint8_t {
  honest,
  black_hole,   ///< takes custody of everything and passes nothing on
  ages_up,      ///< says of every envelope that it is about to expire
  ages_ahead,   ///< says of every envelope that it has some seconds left: too few to get on
  ages_down,    ///< says of every envelope that it is new and may go far
  forger,       ///< sends forged receipts for every envelope that it ever saw
  poisoner,     ///< says noise where it should say what it has
  boaster,      ///< says that it has an enormous number of ids
  kCount
};
const char* to_string(Manner manner);

/// Says of every whole envelope among these that it has so much of its life left.
void make_older(std::vector<Said>& records, std::uint64_t left_ms);

/// From now on this station's neighbours have to do with a liar.
void turn(Station& station, Manner manner, std::uint64_t seed);

}  // namespace chaski::mesh_router::test
