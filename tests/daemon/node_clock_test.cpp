// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "daemon/node_clock.hpp"

namespace chaski::daemon {
namespace {

constexpr std::int64_t k2026 = 1'780'000'000;
constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDay = 24 * kHour;
const base::Time kThen = base::from_us(5'000'000'000);

SavedClock saved(std::int64_t wall_s) { return {kThen, {900'000'000, wall_s, "boot-a"}}; }

TEST(NodeClock, WithinOneBootTheTimeAwayIsExactWhateverTheWallSays) {
  for (const std::int64_t wall :
       {std::int64_t{0}, k2026, k2026 - kDay, std::int64_t{14'548'000'000}}) {
    EXPECT_EQ(resume(saved(k2026), {900'000'123, wall, "boot-a"}), kThen + base::Duration{123});
  }
}

TEST(NodeClock, OverARebootTheWallClockTells) {
  EXPECT_EQ(resume(saved(k2026), {7, k2026 + kHour, "boot-b"}), kThen + std::chrono::hours(1));
}

TEST(NodeClock, AWallClockThatWentBackOrWasNeverSetCountsNothing) {
  EXPECT_EQ(resume(saved(k2026), {7, k2026 - 1, "boot-b"}), kThen);
  EXPECT_EQ(resume(saved(k2026), {7, 0, "boot-b"}), kThen) << "1970 after a blackout";
  EXPECT_EQ(resume(saved(0), {7, k2026, "boot-b"}), kThen) << "it was 1970 when it was saved";
}

TEST(NodeClock, AWallClockFarAheadCountsThirtyDaysAtMost) {
  const std::int64_t year_2431 = 14'548'000'000;
  EXPECT_EQ(resume(saved(k2026), {7, year_2431, "boot-b"}), kThen + std::chrono::hours(24 * 30));
  EXPECT_EQ(resume(saved(year_2431), {7, k2026, "boot-b"}), kThen) << "and when it is put right";
}

TEST(NodeClock, TheSameBootIdWithAnEarlierBootTimeIsNotTrusted) {
  EXPECT_EQ(resume(saved(k2026), {5, k2026 + kHour, "boot-a"}), kThen + std::chrono::hours(1));
}

TEST(NodeClock, NeverGoesBack) {
  EXPECT_TRUE(
      rc::check([](std::int64_t boot, std::int64_t wall, std::int64_t wall_then, bool same) {
        RC_PRE(boot < INT64_MAX / 2);
        const auto start = resume(saved(wall_then), {boot, wall, same ? "boot-a" : ""});
        RC_ASSERT(start >= kThen);
      }));
}

TEST(NodeClock, IsKeptAsBytes) {
  const SavedClock clock{base::from_us(3), {1'234'567'890'123, -1, std::string(36, 'b')}};
  const auto back = decode_clock(encode_clock(clock));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->node, clock.node);
  EXPECT_EQ(back->reading.boot_us, clock.reading.boot_us);
  EXPECT_EQ(back->reading.wall_s, clock.reading.wall_s);
  EXPECT_EQ(back->reading.boot_id, clock.reading.boot_id);
  EXPECT_FALSE(decode_clock(encode_clock({base::from_us(-1), {}})));
  EXPECT_FALSE(decode_clock(encode_clock({base::from_us(INT64_MAX), {}})));
  EXPECT_FALSE(decode_clock(base::Bytes(23)));
  EXPECT_FALSE(decode_clock(base::Bytes(24 + 37)));
}

TEST(BootClock, GoesOnFromWhatWasSaved) {
  BootClock first(std::nullopt);
  EXPECT_GT(first.now(), base::Time{});
  const auto bytes = first.to_save(true);
  ASSERT_TRUE(bytes);
  EXPECT_FALSE(first.to_save(false)) << "saved a moment ago";
  const base::Time before = first.now();
  BootClock second(bytes);
  EXPECT_GE(second.now(), before);
  EXPECT_LT(second.now() - before, std::chrono::seconds(60));
}

TEST(BootClock, StartsAnewWhenWhatWasSavedIsBroken) {
  BootClock clock(base::Bytes{1, 2, 3});
  EXPECT_GT(clock.now(), base::Time{});
}

}  // namespace
}  // namespace chaski::daemon
