// SPDX-License-Identifier: Apache-2.0
#include "node/body_pool.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"

namespace chaski::node {
namespace {

// Against a map: ids are made to share their homes, so that searches and removals cross.
TEST(BodyPool, agrees_with_a_map_whatever_comes_and_goes) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::SeededRandom random(seed);
    BodyPool pool;
    std::map<wire::EnvelopeId, std::vector<BodyPool::Body*>> held;
    for (int step = 0; step < 3'000; ++step) {
      wire::EnvelopeId id;
      id.bytes[0] = static_cast<std::uint8_t>(random.below(6) + 60);
      id.bytes[9] = static_cast<std::uint8_t>(random.below(40));
      auto& bodies = held[id];
      if (random.below(2) == 0 || bodies.empty()) {
        const base::Bytes bytes(id.bytes[9], id.bytes[0]);
        BodyPool::Body* body = pool.acquire(id, bytes);
        ASSERT_TRUE(base::equal(body->bytes(), bytes));
        ASSERT_TRUE(bodies.empty() || bodies.front() == body) << "the bytes lie in memory once";
        bodies.push_back(body);
      } else {
        pool.release(bodies.back());
        bodies.pop_back();
      }
      if (bodies.empty()) held.erase(id);
      ASSERT_EQ(pool.size(), held.size());
    }
    for (auto& [id, bodies] : held)
      for (BodyPool::Body* body : bodies) pool.release(body);
    EXPECT_EQ(pool.size(), 0u);
  }
}

}  // namespace
}  // namespace chaski::node
