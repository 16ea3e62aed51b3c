// SPDX-License-Identifier: Apache-2.0
// Invitations with a price: the answer waits until its stamp is found, and the node never does.
#include <gtest/gtest.h>

#include "e2ee/session.hpp"
#include "node/file_desk.hpp"
#include "node/inbox.hpp"
#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

/// High enough that the few slices of one run() hardly ever find it.
constexpr unsigned kPrice = 16;

/// ana has invited ben for a price, and ben has taken the link; nothing went back by hand.
struct Priced : testing::Test {
  Pair pair{7};
  std::string answer_link;

  Priced() {
    EXPECT_TRUE(pair.a.node->create_identity("ana"));
    EXPECT_TRUE(pair.b.node->create_identity("ben"));
    const auto link = pair.a.node->invite(pair.now, kPrice);
    EXPECT_TRUE(link);
    pair.a.settle(pair.now);
    const auto added = pair.b.node->add(*link, "", pair.now, {});
    EXPECT_TRUE(added);
    answer_link = *added->answer_link;
    pair.b.settle(pair.now);
  }
  std::size_t held(Party& party) { return party.node->router().usage().envelopes; }
  /// ben works until nothing is left to do.
  void work() {
    for (int i = 0; i < 10'000 && !pair.b.node->work().empty(); ++i) {
      pair.now = std::max(pair.now, *pair.b.node->next_wakeup());
      pair.b.node->wake(pair.now);
      pair.b.settle(pair.now);
    }
    EXPECT_TRUE(pair.b.node->work().empty());
  }
};

TEST_F(Priced, answer_goes_through_the_mesh_once_it_is_paid_for) {
  ASSERT_EQ(pair.b.node->work().size(), 1u);
  EXPECT_EQ(pair.b.node->work()[0].contact, "ana");
  EXPECT_EQ(pair.b.node->work()[0].price_bits, kPrice);
  EXPECT_EQ(held(pair.b), 0u) << "an answer without its stamp has left";
  // What ben writes meanwhile travels, and is read once the answer is there.
  ASSERT_TRUE(pair.b.node->send("ana", "hello", {}, pair.now, {}));
  pair.dial(1);
  pair.run();
  EXPECT_FALSE(pair.a.node->find_contact("ben"));
  work();
  pair.run();
  EXPECT_TRUE(pair.a.node->find_contact("ben"));
  EXPECT_EQ(pair.a.inbox(), std::vector<std::string>{"hello"});
  // The same answer by hand is known, though its stamp differs.
  const auto again = pair.a.node->add(answer_link, "benny", pair.now, {});
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_TRUE(pair.a.node->find_contact("benny"));
}

TEST_F(Priced, work_comes_in_slices_with_pauses_and_tells_how_far_it_is) {
  std::uint64_t done = 0;
  for (int slices = 0; !pair.b.node->work().empty(); ++slices) {
    ASSERT_LT(slices, 1'000);
    pair.now = std::max(pair.now, *pair.b.node->next_wakeup());
    pair.b.node->wake(pair.now);
    const auto work = pair.b.node->work();
    if (work.empty()) break;
    EXPECT_EQ(work[0].hashes_done - done, StampDesk::kHashesPerSlice);
    done = work[0].hashes_done;
    EXPECT_EQ(work[0].hashes_expected, 1u << kPrice);
    EXPECT_LE(work[0].left, 1s);
    EXPECT_EQ(*pair.b.node->next_wakeup(), pair.now + StampDesk::kPause);
    // Woken early for something else, it works no more.
    pair.b.node->wake(pair.now + StampDesk::kPause / 2);
    EXPECT_EQ(pair.b.node->work()[0].hashes_done, done);
  }
}

TEST_F(Priced, work_survives_a_crash) {
  for (int crash = 0; crash < 3; ++crash) {
    pair.b.node->wake(*pair.b.node->next_wakeup());
    pair.b.crash(pair.now);
    ASSERT_EQ(pair.b.node->work().size(), 1u);
    EXPECT_EQ(pair.b.node->work()[0].contact, "ana");
  }
  work();
  pair.b.crash(pair.now);
  EXPECT_TRUE(pair.b.node->work().empty());
  EXPECT_EQ(held(pair.b), 1u);
  pair.dial(1);
  pair.run();
  EXPECT_TRUE(pair.a.node->find_contact("ben"));
}

TEST_F(Priced, work_can_be_given_up_and_the_link_still_serves) {
  EXPECT_EQ(pair.b.node->cancel_work("nobody").error(), PersonError::unknown_contact);
  ASSERT_TRUE(pair.b.node->cancel_work("ana"));
  EXPECT_EQ(pair.b.node->cancel_work("ana").error(), PersonError::no_work);
  pair.b.settle(pair.now);
  pair.b.crash(pair.now);
  EXPECT_TRUE(pair.b.node->work().empty());
  ASSERT_TRUE(pair.a.node->add(answer_link, "", pair.now, {}));
}

TEST_F(Priced, work_ends_when_the_contact_has_the_answer_by_hand) {
  ASSERT_TRUE(pair.a.node->add(answer_link, "", pair.now, {}));
  ASSERT_TRUE(pair.a.node->send("ben", "got it", {}, pair.now, {}));
  pair.dial(0);
  pair.run();
  EXPECT_EQ(pair.b.inbox(), std::vector<std::string>{"got it"});
  EXPECT_TRUE(pair.b.node->work().empty());
}

TEST_F(Priced, a_full_store_is_asked_again_without_more_work) {
  pair.b.store.set_accepts(false);
  for (int i = 0; i < 100; ++i) {
    pair.now = std::max(pair.now, *pair.b.node->next_wakeup());
    pair.b.node->wake(pair.now);
  }
  ASSERT_EQ(pair.b.node->work().size(), 1u);
  const auto done = pair.b.node->work()[0].hashes_done;
  pair.now += StampDesk::kRetry;
  pair.b.node->wake(pair.now);
  EXPECT_EQ(pair.b.node->work()[0].hashes_done, done);
  EXPECT_EQ(pair.b.node->work()[0].left, 0s);
  pair.b.store.set_accepts(true);
  work();
  EXPECT_EQ(held(pair.b), 1u);
}

TEST_F(Priced, no_more_answers_wait_than_the_bound) {
  for (std::size_t i = 1; i < StampDesk::kWaitingMax + 1; ++i) {
    Party other(100 + i);
    ASSERT_TRUE(other.node->create_identity("p"));
    const auto link = other.node->invite(pair.now, wire::kStampBitsMax);
    const auto added = pair.b.node->add(*link, "p" + std::to_string(i), pair.now, {});
    if (i < StampDesk::kWaitingMax) {
      ASSERT_TRUE(added);
    } else {
      EXPECT_EQ(added.error(), PersonError::store_full);
    }
  }
  EXPECT_EQ(pair.a.node->invite(pair.now, wire::kStampBitsMax + 1).error(), PersonError::bad_price);
}

/// The inviter alone, and what strangers send under the answer tag.
struct StampFlood : testing::Test {
  MemoryNodeStore store{1u << 24};
  base::SeededRandom random{3};
  Context context{.store = store, .random = random, .events = {}, .wall = {}, .dirty = false};
  ContactBook contacts{store.people()};
  FileDesk files{context, contacts};
  Messenger messenger{context, contacts};
  Meeting meeting{context, contacts};
  Conversation conversation{context, contacts, messenger, files};
  IntroductionDesk introductions{context, contacts, messenger, meeting};
  Inbox inbox{context, contacts, messenger, conversation, meeting, files.receiver(),
              introductions};
  base::Time now = base::from_us(1'000'000);
  e2ee::Identity stranger = e2ee::Identity::generate(random);

  e2ee::InvitePublic invite(unsigned price) {
    if (!meeting.owner()) {
      EXPECT_TRUE(meeting.create_identity("ana"));
    }
    return *e2ee::parse_invite(*meeting.invite(price));
  }
  mesh_router::Claim hear(const e2ee::Answer& answer) {
    const base::Bytes bytes = e2ee::answer_envelope(answer, 3'600, random);
    return inbox.on_envelope(wire::envelope_id(bytes), *wire::decode_envelope(bytes), {}, now);
  }
  bool has_tokens(const e2ee::Answer& answer) {
    return meeting.invites().find(answer.tag)->failed_opens.has(now);
  }
};

TEST_F(StampFlood, of_unstamped_first_contacts_costs_hashes_alone_and_holds_up_nobody) {
  const auto accepted = *e2ee::accept_invite(stranger, "ben", invite(12), random);
  e2ee::Answer junk = accepted.answer;
  // Somebody who has seen the tag, and somebody who has seen the invitation and will not work.
  for (int i = 0; i < 10'000; ++i) {
    random.fill(junk.body);
    ASSERT_EQ(hear(i % 2 == 0 ? junk : accepted.answer), mesh_router::Claim::not_ours);
  }
  EXPECT_TRUE(has_tokens(accepted.answer));
  EXPECT_EQ(contacts.size(), 0u);
  e2ee::UnpaidAnswer paid = *accepted.unpaid;
  auto search = paid.search(random);
  ASSERT_TRUE(search.work(1u << 20));
  paid.pay(*search.nonce());
  EXPECT_EQ(hear(paid.answer), mesh_router::Claim::consumed) << "at once, in the same instant";
  EXPECT_TRUE(contacts.find_name("ben"));
}

TEST_F(StampFlood, without_a_price_the_tokens_are_what_bounds_the_cost) {
  const auto accepted = *e2ee::accept_invite(stranger, "ben", invite(0), random);
  e2ee::Answer junk = accepted.answer;
  for (int i = 0; i < 100; ++i) {
    random.fill(junk.body);
    ASSERT_EQ(hear(junk), mesh_router::Claim::not_ours);
  }
  EXPECT_FALSE(has_tokens(accepted.answer));
}

}  // namespace
}  // namespace chaski::node
