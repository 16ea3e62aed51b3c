// SPDX-License-Identifier: Apache-2.0
// Afraid of: a length where the way is not known, a count that comes round.
#include "sim/people/ways.hpp"

#include <gtest/gtest.h>

namespace chaski::sim {
namespace {

wire::EnvelopeId id_of(std::uint8_t number) {
  wire::EnvelopeId id{};
  id.bytes[0] = number;
  return id;
}

TEST(Ways, CountTheLinksOfTheFirstWay) {
  Ways ways(2, 5);
  ways.written(1, 0, id_of(7));
  ways.taken(1, 0, id_of(7));
  ways.taken(2, 1, id_of(7));
  ways.taken(2, 0, id_of(7));
  ways.taken(3, 1, id_of(8));
  EXPECT_EQ(ways.hops(1, 0), 0);
  EXPECT_EQ(ways.hops(1, 1), 1);
  EXPECT_EQ(ways.hops(1, 2), 2);
  EXPECT_EQ(ways.hops(1, 3), 0);
  EXPECT_EQ(ways.carriers(1, 3), 3);
  EXPECT_EQ(ways.carriers(1, 2), 2) << "who reads it does not count";
  EXPECT_EQ(ways.hops(0, 1), 0);
  EXPECT_EQ(ways.carriers(0, 1), 1);
}

TEST(Ways, SayNothingOfWhatLedThroughAStranger) {
  Ways ways(1, 5);
  ways.written(0, 0, id_of(1));
  ways.taken(1, std::nullopt, id_of(1));
  ways.taken(2, 1, id_of(1));
  ways.taken(3, 4, id_of(1));
  for (const NodeIndex node : {1u, 2u, 3u}) EXPECT_EQ(ways.hops(0, node), 0);
  EXPECT_EQ(ways.carriers(0, 4), 4);
}

TEST(Ways, TheLongestStaysTheLongest) {
  Ways ways(1, 400);
  ways.written(0, 0, id_of(1));
  for (NodeIndex node = 1; node < 400; ++node) ways.taken(node, node - 1, id_of(1));
  EXPECT_EQ(ways.hops(0, Ways::kHopsMax - 1), Ways::kHopsMax - 1);
  EXPECT_EQ(ways.hops(0, Ways::kHopsMax), Ways::kHopsMax);
  EXPECT_EQ(ways.hops(0, 399), Ways::kHopsMax);
  EXPECT_EQ(ways.carriers(0, 399), 399);
}

}  // namespace
}  // namespace chaski::sim
