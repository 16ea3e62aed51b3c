// SPDX-License-Identifier: Apache-2.0
// What strangers can do who have seen one of our tags on the air.
#include "tests/node/person.hpp"

namespace chaski::node {
namespace {

using mesh_router::Claim;

struct Junk : testing::Test {
  Person ana{1, "ana"};
  Person ben{2, "ben"};
  base::SeededRandom random{3};
  base::Time now = base::from_us(10'000'000);

  Junk() {
    std::vector<wire::DeliveryTag> fresh;
    const auto link = ana.meeting.invite();
    const auto accepted = ben.meeting.add({.link = *link}, ben.router, now, 0, fresh);
    EXPECT_TRUE(ana.meeting.add({.link = *accepted->answer_link}, ana.router, now, 0, fresh));
  }
  base::Bytes junk_under(const base::Bytes& envelope) {
    auto fields = *wire::decode_envelope(envelope);
    base::Bytes body(fields.body.size());
    random.fill(body);
    fields.body = body;
    return wire::encode_envelope(fields);
  }
};

TEST_F(Junk, under_a_copied_tag_is_carried_like_any_other) {
  const base::Bytes good = ana.write("ben", "hello", now);
  const base::Bytes bad = junk_under(good);
  EXPECT_EQ(ben.hear(bad, now), Claim::not_ours);
  EXPECT_EQ(ben.hear(good, now), Claim::consumed);
  EXPECT_EQ(ben.store.people().message_count(), 1u);
}

TEST_F(Junk, costs_a_bounded_number_of_decryptions_and_loses_no_message) {
  const base::Bytes good = ana.write("ben", "hello", now);
  // 10,000 junk envelopes a second under the tag of a message that has not come yet.
  for (int i = 0; i < 10'000; ++i) {
    const base::Bytes bad = junk_under(good);
    ASSERT_EQ(ben.hear(bad, now), Claim::not_ours);
  }
  EXPECT_FALSE(ben.contacts.at(0).failed_opens.has(now));
  // The message itself comes while there is no token: it is carried, and opened later.
  wire::CarryState state{.age_ms = 1'000, .hops_left = 9, .copies = 0};
  ASSERT_EQ(ben.hear(good, now), Claim::not_ours);
  ASSERT_TRUE(ben.router.submit(good, state, now));
  ASSERT_TRUE(ben.inbox.next_wakeup());
  EXPECT_GT(*ben.inbox.next_wakeup(), now);
  now = *ben.inbox.next_wakeup();
  ben.inbox.wake(ben.router, now);
  EXPECT_EQ(ben.store.people().message_count(), 1u);
}

TEST_F(Junk, under_one_contacts_tag_does_not_hold_up_another) {
  Person eva{9, "eva"};
  std::vector<wire::DeliveryTag> fresh;
  const auto link = eva.meeting.invite();
  const auto accepted = ben.meeting.add({.link = *link}, ben.router, now, 0, fresh);
  ASSERT_TRUE(eva.meeting.add({.link = *accepted->answer_link}, eva.router, now, 0, fresh));
  const base::Bytes seen = ana.write("ben", "hello", now);
  for (int i = 0; i < 200; ++i) ben.hear(junk_under(seen), now);
  EXPECT_EQ(ben.hear(eva.write("ben", "from eva", now), now), Claim::consumed);
}

TEST_F(Junk, under_an_answer_tag_does_not_use_up_the_invitation) {
  std::vector<wire::DeliveryTag> fresh;
  Person eva{9, "eva"};
  const auto link = ana.meeting.invite();
  ASSERT_TRUE(link);
  const auto accepted = eva.meeting.add({.link = *link}, eva.router, now, 0, fresh);
  ASSERT_TRUE(accepted);
  base::Bytes answer;
  eva.store.envelopes().for_each([&](mesh_router::StoreKey key, const auto&) {
    const base::ByteView bytes = eva.store.envelopes().read(key);
    answer.assign(bytes.begin(), bytes.end());
  });
  for (int i = 0; i < 8; ++i) ASSERT_EQ(ana.hear(junk_under(answer), now), Claim::not_ours);
  EXPECT_EQ(ana.hear(answer, now), Claim::consumed);
  EXPECT_TRUE(ana.contacts.find_name("eva"));
  EXPECT_EQ(ana.hear(answer, now), Claim::not_ours) << "good for one answer";
}

TEST_F(Junk, nothing_is_consumed_while_the_store_takes_nothing) {
  const base::Bytes good = ana.write("ben", "hello", now);
  ben.store.set_accepts(false);
  EXPECT_EQ(ben.hear(good, now), Claim::not_ours);
  EXPECT_EQ(ben.store.people().message_count(), 0u);
  ben.store.set_accepts(true);
  EXPECT_EQ(ben.hear(good, now), Claim::consumed);
}

TEST_F(Junk, a_message_that_comes_twice_is_opened_once) {
  const base::Bytes good = ana.write("ben", "hello", now);
  EXPECT_EQ(ben.hear(good, now), Claim::consumed);
  EXPECT_EQ(ben.hear(good, now), Claim::not_ours);
  EXPECT_EQ(ben.store.people().message_count(), 1u);
}

TEST_F(Junk, far_more_messages_than_the_window_arrive_in_any_order) {
  std::vector<base::Bytes> envelopes;
  for (int i = 0; i < 500; ++i)
    envelopes.push_back(ana.write("ben", "number " + std::to_string(i), now));
  // The router of ben holds them all before the first is known to be his: the worst order.
  for (std::size_t i = envelopes.size(); i-- > 1;)
    if (ben.hear(envelopes[i], now) == Claim::not_ours) {
      ASSERT_TRUE(ben.router.submit(envelopes[i], {.age_ms = 0, .hops_left = 9, .copies = 0}, now));
    }
  EXPECT_EQ(ben.hear(envelopes[0], now), Claim::consumed);
  ben.inbox.settle(ben.router, now);
  EXPECT_EQ(ben.store.people().message_count(), 500u);
}

}  // namespace
}  // namespace chaski::node
