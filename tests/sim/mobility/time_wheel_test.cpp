// SPDX-License-Identifier: Apache-2.0
// Afraid of: an event that comes late, early, twice or never because of where it lay in the wheel.
#include "sim/mobility/time_wheel.hpp"

#include <gtest/gtest.h>

#include <queue>

#include "base/random.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

struct Event {
  std::uint64_t key = 0;
  std::uint32_t tie = 0;
  friend bool operator<(const Event& a, const Event& b) {
    return a.key != b.key ? a.key < b.key : a.tie < b.tie;
  }
  friend bool operator>(const Event& a, const Event& b) { return b < a; }
  friend bool operator==(const Event&, const Event&) = default;
};

/// The library's heap, which is right and slow.
using Oracle = std::priority_queue<Event, std::vector<Event>, std::greater<>>;

TEST(TimeWheel, GivesWhatAHeapGives) {
  for (const std::uint64_t seed : test::seeds(40)) {
    SCOPED_TRACE(testing::Message() << "CHASKI_SEED=" << seed);
    base::SeededRandom random(seed);
    TimeWheel<Event> wheel;
    Oracle oracle;
    std::uint64_t now = 0;
    // From events all at one time to some that are centuries apart.
    const std::uint64_t reach = random.below(62);
    for (int i = 0; i < 20'000; ++i) {
      const bool grows = i < 10'000 ? random.below(3) > 0 : random.below(3) == 0;
      if (grows || oracle.empty()) {
        const std::uint64_t ahead = random.next_u64() >> (63 - random.below(reach + 1));
        const Event event{now + ahead, static_cast<std::uint32_t>(random.below(1'000))};
        wheel.push(event);
        oracle.push(event);
        continue;
      }
      ASSERT_EQ(wheel.size(), oracle.size());
      ASSERT_EQ(wheel.front(), oracle.top());
      now = oracle.top().key;
      wheel.pop();
      oracle.pop();
    }
    for (; !oracle.empty(); oracle.pop(), wheel.pop()) ASSERT_EQ(wheel.front(), oracle.top());
    EXPECT_TRUE(wheel.empty());
  }
}

TEST(TimeWheel, ThousandsAtOneTimeAreInOrder) {
  TimeWheel<Event> wheel;
  for (std::uint32_t i = 0; i < 50'000; ++i) wheel.push({77, (i * 7'919) % 50'000});
  for (std::uint32_t i = 0; i < 50'000; ++i, wheel.pop()) ASSERT_EQ(wheel.front().tie, i);
  EXPECT_TRUE(wheel.empty());
}

}  // namespace
}  // namespace chaski::sim
