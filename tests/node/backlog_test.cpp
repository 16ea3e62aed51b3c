// SPDX-License-Identifier: Apache-2.0
// Thousands of messages wait for one reader, and come in an order that nobody chose: each must be
// read, and once. CHASKI_SEED=<n> replays one order of the random ones.
#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>

#include "tests/node/person.hpp"
#include "wire/records.hpp"

namespace chaski::node {
namespace {

constexpr std::size_t kMessages = 5'000;
constexpr std::size_t kFrame = 4'096;

/// What one neighbour of the reader still has to hand over, by number of the message.
using Order = std::vector<std::size_t>;

struct Backlog : testing::Test {
  Person ana{1, "ana"};
  Person ben{2, "ben"};
  base::Time now = base::from_us(10'000'000);
  std::vector<base::Bytes> waiting;
  std::uint64_t age_ms = 70'000;  ///< of what is handed over

  Backlog() {
    std::vector<wire::DeliveryTag> fresh;
    const auto link = ana.meeting.invite();
    const auto accepted = ben.meeting.add({.link = *link}, ben.router, now, 0, fresh);
    EXPECT_TRUE(ana.meeting.add({.link = *accepted->answer_link}, ana.router, now, 0, fresh));
    settle();
  }
  static std::string text(std::size_t number) { return "number " + std::to_string(number); }

  base::Bytes seal(Person& from, const std::string& what) {
    e2ee::Content content;
    content.payload.assign(what.begin(), what.end());
    e2ee::Session* session = from.contacts.writing_session(0);
    return session->seal(content, 7 * 24 * 3'600, wire::Priority::normal, from.random).envelope;
  }
  void write(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) waiting.push_back(seal(ana, text(waiting.size())));
  }
  /// Ben writes and Ana reads it: what she writes next is of a new epoch.
  void answer() { ASSERT_EQ(ana.hear(seal(ben, "go on"), now), mesh_router::Claim::consumed); }

  Order in_order() const {
    Order order(waiting.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
  }
  static Order reversed(Order order) {
    std::reverse(order.begin(), order.end());
    return order;
  }
  static Order shuffled(Order order, std::uint64_t seed) {
    base::SeededRandom random(seed);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    return order;
  }

  /// Ben's loop after an input: everything is settled and committed, and he answers.
  void settle() {
    ben.inbox.settle(ben.router, now);
    while (ben.router.next_event()) {
    }
    ben.contacts.save_dirty();
    ASSERT_TRUE(ben.store.commit());
    ben.router.committed(now);
    for (const base::LinkId link : ben.router.ready_links()) drain(link);
  }
  void drain(base::LinkId link) {
    base::Bytes frame(kFrame);
    for (std::size_t size = 0; (size = ben.router.next_frame(link, frame, now)) > 0;) {
      wire::RecordReader reader(base::ByteView(frame).first(size));
      for (auto record = reader.next(); record && *record; record = reader.next()) {
        if ((*record)->type != wire::RecordType::refuse) continue;
        ASSERT_EQ(wire::decode_refuse((*record)->payload)->reason, wire::RefuseReason::known);
      }
    }
  }

  /// Hands `orders` over, each on a link of its own, frame by frame in turns.
  void hand_over(const std::vector<Order>& orders) {
    std::vector<std::size_t> handed(orders.size());
    for (std::size_t i = 0; i < orders.size(); ++i) {
      const mesh_router::NeighbourId neighbour = ben.random.bytes<mesh_router::NeighbourId>();
      ASSERT_TRUE(ben.router.link_up(link_of(i), neighbour, {.frame_size_max = kFrame}, now));
    }
    for (bool more = true; more;) {
      more = false;
      for (std::size_t i = 0; i < orders.size(); ++i) {
        hand_frame(link_of(i), orders[i], handed[i]);
        if (HasFatalFailure()) return;
        more = more || handed[i] < orders[i].size();
      }
      now += std::chrono::milliseconds(1);
    }
    for (std::size_t i = 0; i < orders.size(); ++i) ben.router.link_down(link_of(i), now);
    settle();
  }
  static base::LinkId link_of(std::size_t i) { return base::LinkId{i + 1}; }

  void hand_frame(base::LinkId link, const Order& order, std::size_t& handed) {
    base::Bytes frame(kFrame);
    wire::RecordWriter writer(frame);
    const wire::CarryState state{.age_ms = age_ms, .hops_left = 9, .copies = 0};
    for (; handed < order.size(); ++handed) {
      const wire::CarriedEnvelope carried{state, waiting[order[handed]]};
      const auto room = writer.add(wire::RecordType::envelope,
                                   wire::carried_size(state, carried.envelope.size()));
      if (!room) break;
      ASSERT_TRUE(wire::encode_carried(carried, *room));
    }
    ASSERT_TRUE(ben.router.receive(link, base::ByteView(frame).first(writer.size()), now));
    settle();
  }

  std::vector<std::string> read() {
    MessageQuery query;
    query.limit = 100'000;
    std::vector<std::string> out;
    for (const MessageRecord& message : ben.store.people().messages(query))
      if (message.direction == Direction::incoming) out.push_back(message.text);
    return out;
  }
  /// Time passes with nobody near.
  void wait_until(base::Time end) {
    while (ben.inbox.next_wakeup() && *ben.inbox.next_wakeup() <= end) {
      now = std::max(now, *ben.inbox.next_wakeup());
      ben.inbox.wake(ben.router, now);
      settle();
    }
    now = end;
  }
  void expect_all_once() {
    const std::vector<std::string> texts = read();
    EXPECT_EQ(texts.size(), waiting.size());
    const std::set<std::string> once(texts.begin(), texts.end());
    EXPECT_EQ(once.size(), waiting.size());
  }
};

TEST_F(Backlog, is_read_in_the_order_of_writing) {
  write(kMessages);
  hand_over({in_order()});
  expect_all_once();
}

TEST_F(Backlog, is_read_youngest_first) {
  write(kMessages);
  hand_over({reversed(in_order())});
  expect_all_once();
}

TEST_F(Backlog, is_read_in_any_order) {
  const char* replay = std::getenv("CHASKI_SEED");
  write(kMessages);
  hand_over({shuffled(in_order(), replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1)});
  expect_all_once();
}

TEST_F(Backlog, is_read_when_the_blocks_starts_come_first) {
  // The worst for who jumps ahead when something far ahead is recognised.
  write(kMessages);
  Order order;
  for (std::size_t number = 0; number < waiting.size(); number += 16) order.push_back(number);
  for (std::size_t number = 0; number < waiting.size(); ++number)
    if (number % 16 != 0) order.push_back(number);
  hand_over({order});
  expect_all_once();
}

TEST_F(Backlog, is_read_from_two_neighbours_at_once) {
  write(kMessages);
  hand_over({in_order(), reversed(in_order())});
  expect_all_once();
}

TEST_F(Backlog, is_read_from_two_neighbours_who_have_half_each) {
  write(kMessages);
  Order halves[2];
  for (const std::size_t number : shuffled(in_order(), 3)) halves[number % 2].push_back(number);
  hand_over({halves[0], halves[1]});
  expect_all_once();
}

TEST_F(Backlog, over_two_epochs_is_read_youngest_first_and_in_any_order) {
  for (const bool backwards : {true, false}) {
    write(kMessages / 2);
    answer();
    write(kMessages / 2);
    hand_over({backwards ? reversed(in_order()) : shuffled(in_order(), 4)});
    expect_all_once();
    if (HasFailure()) return;
    answer();
  }
}

TEST_F(Backlog, what_does_not_come_within_an_hour_holds_nothing_up) {
  write(kMessages);
  Order halves[2];
  for (const std::size_t number : shuffled(in_order(), 5))
    halves[halves[0].size() > halves[1].size() ? 1 : 0].push_back(number);
  hand_over({halves[0]});
  const std::size_t at_once = read().size();
  EXPECT_GE(at_once, 2'000u) << "as many as there is room for keys of the others";
  EXPECT_LT(at_once, halves[0].size());
  wait_until(now + HeldBack::kPatience - std::chrono::minutes(1));
  EXPECT_EQ(read().size(), at_once);
  wait_until(now + std::chrono::minutes(1));
  EXPECT_EQ(read().size(), halves[0].size());
  EXPECT_FALSE(ben.inbox.next_wakeup());
  // Keys of that age give way: what is new waits for nothing.
  const std::size_t old = waiting.size();
  write(100);
  Order later;
  for (std::size_t number = old; number < waiting.size(); number += 2) later.push_back(number);
  hand_over({later});
  EXPECT_EQ(read().size(), halves[0].size() + later.size());
  // The other half comes late: of it is read what there was room for, and that is all of the room.
  Order missing = halves[1];
  for (std::size_t number = old + 1; number < waiting.size(); number += 2)
    missing.push_back(number);
  hand_over({missing});
  const std::size_t above_the_last = 1;
  EXPECT_EQ(read().size(),
            halves[0].size() + later.size() + e2ee::Session::kSkippedMax + above_the_last);
}

TEST_F(Backlog, what_is_held_back_is_read_before_it_expires) {
  write(kMessages);
  Order half;
  for (std::size_t number = 0; number < waiting.size(); number += 2) half.push_back(number);
  const std::uint64_t ten_minutes_left = (std::uint64_t{7} * 24 * 60 - 10) * 60 * 1'000;
  age_ms = ten_minutes_left;
  hand_over({half});
  EXPECT_LT(read().size(), half.size());
  wait_until(now + std::chrono::minutes(5));
  EXPECT_EQ(read().size(), half.size());
}

}  // namespace
}  // namespace chaski::node
