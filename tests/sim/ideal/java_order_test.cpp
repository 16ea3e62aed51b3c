// SPDX-License-Identifier: Apache-2.0
// Afraid of: an order that is nearly Java's, on which every transfer hangs.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "sim/ideal/message_buffer.hpp"
#include "sim/ideal/update_order.hpp"
#include "sim/traffic/java_random.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

/// A java.util.HashMap of numbers by name.
class Names {
 public:
  void put(const std::string& name, std::uint32_t number) {
    HeldCopy copy;
    copy.message = id(name);
    copy.hash = hash(name);
    copy.size_bytes = number;
    buffer_.put(copy);
  }
  void remove(const std::string& name) { buffer_.erase(id(name), hash(name)); }
  std::vector<std::uint32_t> values() const {
    std::vector<std::uint32_t> out;
    for (const HeldCopy& copy : buffer_.all()) out.push_back(copy.size_bytes);
    return out;
  }
  const MessageBuffer& buffer() const { return buffer_; }

 private:
  static std::uint32_t hash(const std::string& name) { return spread_hash(java_hash(name)); }
  std::uint32_t id(const std::string& name) {
    const auto found = std::find(known_.begin(), known_.end(), name);
    if (found == known_.end()) known_.push_back(name);
    return static_cast<std::uint32_t>(
        std::find(known_.begin(), known_.end(), name) - known_.begin());
  }
  MessageBuffer buffer_;
  std::vector<std::string> known_;
};

// What HashMap.values() of OpenJDK 17 gave; AaBB, BBAa, BBBB and AaAa have one hash.
TEST(MessageBuffer, IsWalkedThroughAsAHashMap) {
  Names names;
  for (std::uint32_t i = 1; i <= 30; ++i) names.put("M" + std::to_string(i), i);
  for (std::uint32_t i = 3; i <= 30; i += 4) names.remove("M" + std::to_string(i));
  names.put("AaBB", 31);
  names.put("BBAa", 32);
  names.put("BBBB", 33);
  names.put("AaAa", 34);
  names.remove("BBAa");
  names.put("M7", 7);
  names.put("BBAa", 35);
  EXPECT_EQ(names.values(),
            (std::vector<std::uint32_t>{1,  2,  4,  5,  6,  20, 7,  8,  9,  22, 21, 24, 26, 25,
                                        28, 29, 31, 33, 34, 35, 30, 10, 13, 12, 14, 17, 16, 18}));
  for (std::uint32_t i = 36; i <= 60; ++i) names.put("M" + std::to_string(i), i);
  EXPECT_EQ(names.values(),
            (std::vector<std::uint32_t>{1,  2,  4,  5,  40, 6,  7,  42, 8,  41, 9,  44, 43, 46,
                                        45, 48, 47, 49, 31, 33, 34, 35, 51, 50, 53, 52, 55, 10,
                                        54, 13, 57, 12, 56, 59, 14, 58, 17, 16, 18, 60, 20, 22,
                                        21, 24, 26, 25, 28, 29, 30, 37, 36, 39, 38}));
  const auto values = names.values();
  EXPECT_EQ(names.buffer().bytes(), std::accumulate(values.begin(), values.end(), 0u));
}

TEST(MessageBuffer, WhatIsPutAgainIsReplacedInItsPlace) {
  Names names;
  names.put("AaBB", 1);
  names.put("BBAa", 2);
  names.put("AaBB", 1);
  EXPECT_EQ(names.values(), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(names.buffer().bytes(), 3u);
}

// Collections.shuffle of seven, with new Random(0), (0), (1), (1), (1), (7).
TEST(UpdateOrder, IsShuffledAsJavaShuffles) {
  UpdateOrder order(7, true, 0);
  for (const int second : {0, 0, 1, 1, 1, 7}) order.next(second);
  std::vector<NodeIndex> nodes(7);
  for (NodeIndex node = 0; node < 7; ++node) nodes[order.place(node)] = node;
  EXPECT_EQ(nodes, (std::vector<NodeIndex>{2, 6, 1, 4, 0, 5, 3}));
}

TEST(UpdateOrder, PowersAreShufflesOneByOne) {
  for (const std::uint64_t seed : test::seeds(20)) {
    base::SeededRandom random(seed);
    const auto count = static_cast<std::uint32_t>(1 + random.below(40));
    const auto order_seed = static_cast<std::uint16_t>(random.below(3));
    UpdateOrder order(count, true, order_seed);
    std::vector<NodeIndex> nodes(count);
    std::iota(nodes.begin(), nodes.end(), 0u);
    std::int64_t second = 0;
    for (int look = 0; look < 300; ++look) {
      if (random.below(10) == 0) second += static_cast<std::int64_t>(random.below(3));
      order.next(second);
      JavaRandom(shuffle_seed(second, order_seed)).shuffle(nodes);
      if (random.below(4) != 0) continue;
      for (std::uint32_t place = 0; place < count; ++place) {
        ASSERT_EQ(order.place(nodes[place]), place) << seed;
      }
    }
  }
}

TEST(UpdateOrder, IsByNumberWhereItIsNotShuffled) {
  UpdateOrder order(5, false, 0);
  order.next(3);
  for (NodeIndex node = 0; node < 5; ++node) EXPECT_EQ(order.place(node), node);
}

}  // namespace
}  // namespace chaski::sim
