// SPDX-License-Identifier: Apache-2.0
#include "sim/world/connection.hpp"

#include <gtest/gtest.h>

#include "sim/world/event_heap.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

TEST(Direction, frames_take_their_time_on_the_air_and_then_the_delay) {
  base::SeededRandom random(1);
  Direction direction;
  const LinkModel model{.delay = 10ms, .bytes_per_s = 1'000};
  const base::Time now = base::from_us(1'000'000);
  EXPECT_EQ(direction.send(model, 500, random, now), now + 510ms);
  EXPECT_EQ(direction.send(model, 500, random, now), now + 1010ms) << "one after another";
  EXPECT_EQ(direction.send(model, 500, random, now + 5s), now + 5510ms);
}

TEST(Direction, a_full_send_buffer_makes_its_writer_wait) {
  base::SeededRandom random(1);
  Direction direction;
  const LinkModel model{.bytes_per_s = 4'096};
  const base::Time now = base::from_us(10'000'000);
  EXPECT_LE(direction.room_at(model), now);
  (void)direction.send(model, 2 * Direction::kSendBufferMax, random, now);
  EXPECT_EQ(direction.room_at(model), now + 1s);
}

TEST(Direction, without_a_bandwidth_there_is_always_room) {
  base::SeededRandom random(1);
  Direction direction;
  const LinkModel model{};
  const base::Time now = base::from_us(10'000'000);
  for (int i = 0; i < 1'000; ++i) (void)direction.send(model, 65'535, random, now);
  EXPECT_LE(direction.room_at(model), now);
}

TEST(Direction, lost_frames_come_later_and_never_out_of_order) {
  base::SeededRandom random(2);
  Direction direction;
  const LinkModel model{.delay = 5ms, .loss = 0.3, .resend_after = 200ms};
  base::Time now = base::from_us(1'000'000);
  base::Time last{};
  int late = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto arrival = direction.send(model, 100, random, now);
    if (!arrival) continue;
    ASSERT_GE(*arrival, last);
    last = *arrival;
    if (*arrival > now + model.delay) ++late;
    now += 2s;
  }
  EXPECT_GT(late, 500);
  EXPECT_LT(late, 700) << "about three in ten";
}

TEST(Direction, what_is_sent_again_is_on_the_air_again) {
  base::SeededRandom random(5);
  const LinkModel lossy{.delay = 5ms, .loss = 0.3};
  Direction direction;
  double sends = 0;
  for (int i = 0; i < 20'000; ++i) {
    (void)direction.send(lossy, 100, random, base::from_us(i));
    sends += direction.last_sends();
  }
  EXPECT_NEAR(sends / 20'000, 1 / .7, .02);
  (void)direction.send(LinkModel{.loss = 1.0}, 100, random, base::from_us(1));
  EXPECT_EQ(direction.last_sends(), Direction::kLossesMax);

  Direction slow;
  const LinkModel plain{.delay = 10ms, .bytes_per_s = 1'000};
  const base::Time now = base::from_us(1'000'000);
  EXPECT_EQ(slow.send(plain, 500, random, now, 2.5), now + 1'260ms) << "and takes its time";
  EXPECT_EQ(slow.last_sends(), 2.5);
}

TEST(Direction, a_frame_lost_too_often_breaks_the_connection) {
  base::SeededRandom random(3);
  Direction direction;
  const LinkModel hopeless{.loss = 1.0};
  EXPECT_FALSE(direction.send(hopeless, 100, random, base::from_us(1)));
}

TEST(EventHeap, gives_events_by_time_and_then_in_the_order_of_planning) {
  EventHeap heap;
  base::SeededRandom random(4);
  for (std::uint32_t i = 0; i < 5'000; ++i)
    heap.push({.at = base::from_us(static_cast<std::int64_t>(random.below(50))), .subject = i});
  Event before = heap.pop();
  while (!heap.empty()) {
    EXPECT_GE(heap.next_time(), before.at);
    const Event event = heap.pop();
    ASSERT_TRUE(event.at > before.at || event.subject > before.subject);
    before = event;
  }
}

}  // namespace
}  // namespace chaski::sim
