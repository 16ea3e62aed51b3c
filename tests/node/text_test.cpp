// SPDX-License-Identifier: Apache-2.0
#include "node/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "node/origin.hpp"
#include "node/token_bucket.hpp"

namespace chaski::node {
namespace {

using namespace std::string_view_literals;

TEST(Text, utf8_takes_shortest_forms_only) {
  EXPECT_TRUE(is_utf8("allinta puriy"));
  EXPECT_TRUE(is_utf8("\xC3\xB1"));
  EXPECT_TRUE(is_utf8("\xF0\x9F\xA6\x99"));
  EXPECT_FALSE(is_utf8("\xC0\x80")) << "overlong";
  EXPECT_FALSE(is_utf8("\xE0\x80\x80")) << "overlong";
  EXPECT_FALSE(is_utf8("\xED\xA0\x80")) << "surrogate";
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80")) << "above U+10FFFF";
  EXPECT_FALSE(is_utf8("\xC3")) << "cut";
  EXPECT_FALSE(is_utf8("\x80")) << "no lead";
}

TEST(Text, a_bad_byte_is_found_wherever_it_stands) {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string good(size, 'x');
    ASSERT_TRUE(is_utf8(good));
    for (std::size_t at = 0; at < size; ++at) {
      std::string bad = good;
      bad[at] = '\xFF';
      ASSERT_FALSE(is_utf8(bad)) << size << " " << at;
      ASSERT_EQ(repaired_utf8(bad), good.substr(0, at) + "\xEF\xBF\xBD" + good.substr(at + 1));
    }
  }
}

TEST(Text, names_are_short_and_plain) {
  EXPECT_TRUE(is_valid_name("north"));
  EXPECT_TRUE(
      is_valid_name("Ana Mar\xC3\xAD"
                    "a"));
  EXPECT_TRUE(is_valid_name(std::string(32, 'x')));
  EXPECT_FALSE(is_valid_name(std::string(33, 'x')));
  EXPECT_FALSE(is_valid_name(""));
  EXPECT_FALSE(is_valid_name(" x"));
  EXPECT_FALSE(is_valid_name("x "));
  EXPECT_FALSE(is_valid_name("a\nb"));
  EXPECT_FALSE(is_valid_name("a\0b"sv));
  EXPECT_FALSE(
      is_valid_name("a\xE2\x80\xAE"
                    "b"))
      << "turns the direction";
  EXPECT_FALSE(is_valid_name("a\xFF"));
}

TEST(Text, prefix_never_cuts_a_character) {
  EXPECT_EQ(utf8_prefix("a\xC3\xB1"
                        "b",
                        2),
            "a");
  EXPECT_EQ(utf8_prefix("a\xC3\xB1"
                        "b",
                        3),
            "a\xC3\xB1");
  EXPECT_EQ(utf8_prefix("ab", 5), "ab");
}

RC_GTEST_PROP(Text, what_is_repaired_is_valid_and_what_was_valid_is_kept,
              (const std::string& any)) {
  const std::string repaired = repaired_utf8(any);
  RC_ASSERT(is_utf8(repaired));
  if (is_utf8(any)) {
    RC_ASSERT(repaired == any);
  }
}

TEST(Origin, lifetimes_are_rounded_up_to_few_classes) {
  EXPECT_FALSE(lifetime_class(0));
  EXPECT_EQ(lifetime_class(1), 3600u);
  EXPECT_EQ(lifetime_class(3600), 3600u);
  EXPECT_EQ(lifetime_class(3601), 6u * 3600);
  EXPECT_EQ(lifetime_class(14 * 24 * 3600), 14u * 24 * 3600);
  EXPECT_FALSE(lifetime_class(14 * 24 * 3600 + 1));
}

TEST(Origin, age_and_hops_do_not_mark_the_author) {
  // Afraid of edges: who sees the most hops there are, or next to no age, knows who wrote.
  base::SeededRandom random(3);
  constexpr int kDraws = 70'400;  // 704 x 100
  std::array<int, kInitialHopsMax + 1> hops{};
  int under_3_s = 0;
  std::uint64_t oldest = 0;
  for (int i = 0; i < kDraws; ++i) {
    const wire::CarryState state = initial_carry_state(random);
    ASSERT_LT(state.age_ms, kInitialAgeMax_ms);
    ASSERT_GE(state.hops_left, 48);
    ASSERT_LE(state.hops_left, 64);
    oldest = std::max(oldest, state.age_ms);
    under_3_s += state.age_ms < 3'000 ? 1 : 0;
    ++hops[state.hops_left];
  }
  EXPECT_GT(oldest, 55'000u);
  EXPECT_LT(under_3_s, kDraws / 150);  // .5 %; of one draw it would be 5 %
  EXPECT_NEAR(hops[64], kDraws / 704, 40);
  // Each of the rare ones is at most a little over twice as frequent as the one above.
  for (std::size_t h = 48; h < 64; ++h) {
    EXPECT_GT(hops[h], 60) << h;
    EXPECT_LT(hops[h], 2.6 * hops[h + 1]) << h;
  }
}

TEST(TokenBucket, gives_a_burst_and_then_one_a_period) {
  using namespace std::chrono_literals;
  TokenBucket bucket(3, 100ms);
  base::Time now = base::from_us(5'000'000);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(bucket.has(now));
    bucket.take(now);
  }
  EXPECT_FALSE(bucket.has(now));
  EXPECT_EQ(bucket.next_at(), now + 100ms);
  now += 100ms;
  EXPECT_TRUE(bucket.has(now));
  bucket.take(now);
  EXPECT_FALSE(bucket.has(now));
  now += 10s;
  for (int i = 0; i < 3; ++i) bucket.take(now);
  EXPECT_FALSE(bucket.has(now)) << "a long pause saves up one burst, not more";
}

}  // namespace
}  // namespace chaski::node
