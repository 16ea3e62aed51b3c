// SPDX-License-Identifier: Apache-2.0
// A board with little memory among neighbours with much: nothing that comes in pieces makes it fall
// over, and what it could carry it carries.
#include <gtest/gtest.h>

#include "liar.hpp"

namespace chaski::mesh_router::test {
namespace {

constexpr std::size_t kFrame = 228;

RouterLimits of_a_small_board() {
  RouterLimits limits;
  limits.reassembly = {.envelope_max = 2'000, .bytes_max = 2'200};
  return limits;
}

std::uint64_t dropped(Station& station, DropReason why) {
  return station.router().counters().dropped[static_cast<std::size_t>(why)];
}

TEST(LeftOut, WhatIsTooLargeIsRefusedForGoodAndTheRestArrives) {
  Net net;
  Station& a = net.add();
  Station& b = net.add(of_a_small_board());
  const Message text = make_message(net.random, {808});
  const Message chunk = make_message(net.random, {10'000});
  const Message file = make_message(net.random, {65'824});
  for (const Message* message : {&file, &chunk, &text}) a.send(*message, net.now);
  net.connect(0, 1, kFrame);
  net.run(10s);
  EXPECT_TRUE(b.holds(text.id));
  EXPECT_FALSE(b.holds(chunk.id));
  EXPECT_FALSE(b.holds(file.id));
  EXPECT_EQ(dropped(b, DropReason::too_large), 2u);
  EXPECT_EQ(a.events<RefusedEvent>().size(), 2u);
  const std::uint64_t sent = a.router().counters().bytes_sent;
  net.run(60s);
  EXPECT_LT(a.router().counters().bytes_sent, sent + 1'000) << "it comes again and again";
  const Message later = make_message(net.random, {808});
  a.send(later, net.now);
  net.run(10s);
  EXPECT_TRUE(b.holds(later.id)) << "the link is as good as before";
  EXPECT_FALSE(net.link_broken);
  EXPECT_TRUE(a.holds(file.id)) << "whoever is not taken keeps its custody";
}

TEST(LeftOut, WhatHasNoRoomBesideOthersComesLater) {
  std::uint64_t turned_away = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Net net(seed);
    Station& a = net.add();
    Station& b = net.add(of_a_small_board());
    std::vector<Message> sent;
    for (const auto priority :
         {wire::Priority::bulk, wire::Priority::normal, wire::Priority::urgent}) {
      for (int i = 0; i < 4; ++i) {
        sent.push_back(make_message(net.random, {1'672, 3'600, priority}));
      }
    }
    net.connect(0, 1, kFrame);
    net.run(1s);
    for (const Message& message : sent) {
      a.send(message, net.now);
      for (auto frames = net.random.below(8); frames > 0; --frames) net.step();
    }
    net.run(120s);
    for (const Message& message : sent) EXPECT_TRUE(b.holds(message.id)) << "seed " << seed;
    EXPECT_FALSE(net.link_broken);
    turned_away += dropped(b, DropReason::storage_full);
  }
  EXPECT_GT(turned_away, 0u) << "it never came to that";
}

}  // namespace
}  // namespace chaski::mesh_router::test
