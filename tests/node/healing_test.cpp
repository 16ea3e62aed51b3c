// SPDX-License-Identifier: Apache-2.0
// Standing invitations are given, and sessions that went wrong begin anew by themselves.
#include "healing_world.hpp"
#include "node/prekey_desk.hpp"

namespace chaski::node {
namespace {

constexpr std::size_t kAna = 0;
constexpr std::size_t kBen = 1;
constexpr std::size_t kEve = 2;

struct Healing : testing::Test {
  HealingWorld world{5, {"ana", "ben", "eve"}};
  void friends() {
    world.introduce(kAna, kBen);
    world.live(kAna, kBen);
  }
  /// Both write, they come near each other, both have read it.
  void expect_both_ways(const std::string& mark) {
    EXPECT_TRUE(world.write(kAna, kBen, mark + " from ana"));
    EXPECT_TRUE(world.write(kBen, kAna, mark + " from ben"));
    world.meet(kAna, kBen);
    EXPECT_EQ(world.times_read(kBen, mark + " from ana"), 1);
    EXPECT_EQ(world.times_read(kAna, mark + " from ben"), 1);
    EXPECT_EQ(world.writes_in(kAna, kBen), world.writes_in(kBen, kAna));
  }
};

TEST_F(Healing, lists_are_given_some_time_after_the_meeting_and_not_before) {
  world.introduce(kAna, kBen);
  const std::size_t carried = world.carried(kBen);
  world.pass(PrekeyDesk::kDelayMin - 1s);
  EXPECT_EQ(world.carried(kBen), carried);
  world.pass(PrekeyDesk::kDelayMax);
  EXPECT_EQ(world.carried(kBen), carried + 1);
  world.meet(kAna, kBen);
  EXPECT_EQ(world.standing(kAna, kBen).theirs.size(), Standing::kGiven);
  EXPECT_EQ(world.standing(kBen, kAna).theirs.size(), Standing::kGiven);
  world.meet(kAna, kBen);
  EXPECT_TRUE(world.standing(kAna, kBen).given);
  EXPECT_TRUE(world.standing(kBen, kAna).given);
  EXPECT_EQ(world.people[kAna].renewed_by_them, 0u);
  EXPECT_TRUE(world.people[kAna].read.empty()) << "a list is no message";
}

TEST_F(Healing, a_restart_forgets_neither_when_a_list_is_due_nor_what_was_given) {
  world.introduce(kAna, kBen);
  const auto at = world.standing(kBen, kAna).give_at;
  EXPECT_GE(at, world.now + PrekeyDesk::kDelayMin);
  world.restart(kBen);
  EXPECT_EQ(world.standing(kBen, kAna).give_at, at);
  world.live(kAna, kBen);
  world.restart(kAna);
  world.restart(kBen);
  world.live(kAna, kBen);
  EXPECT_EQ(world.standing(kAna, kBen).theirs.size(), Standing::kGiven);
  EXPECT_TRUE(world.standing(kAna, kBen).given);
}

TEST_F(Healing, a_restored_person_writes_at_once_and_nobody_has_to_meet) {
  friends();
  const auto backup = world.back_up(kAna);
  expect_both_ways("before");
  const auto old = world.writes_in(kAna, kBen);
  world.restore(kAna, backup);
  EXPECT_FALSE(world.people[kAna].node->find_contact("ben")->needs_meeting);
  EXPECT_TRUE(world.write(kAna, kBen, "I lost my disk"));
  world.meet(kAna, kBen);
  EXPECT_TRUE(world.was_read(kBen, "I lost my disk"));
  EXPECT_EQ(world.people[kBen].renewed_by_them, 1u);
  EXPECT_NE(world.writes_in(kBen, kAna), old);
  expect_both_ways("after");
  // Ana's list is new, for what she gave before is lost to her; Ben's is filled up.
  world.live(kAna, kBen);
  EXPECT_EQ(world.standing(kAna, kBen).ours.size(), Standing::kGiven);
  const auto theirs = world.standing(kBen, kAna).theirs;
  ASSERT_EQ(theirs.size(), Standing::kGiven);
  for (const auto& one : theirs) {
    const auto ours = world.standing(kAna, kBen).ours;
    EXPECT_TRUE(std::any_of(ours.begin(), ours.end(), [&](const auto& own) {
      return own.given.answer_tag() == one.answer_tag();
    }));
  }
}

TEST_F(Healing, a_restored_person_who_says_nothing_is_heard_of_within_the_hour) {
  friends();
  const auto backup = world.back_up(kAna);
  world.restore(kAna, backup);
  const std::size_t carried = world.carried(kAna);
  world.pass(PrekeyDesk::kDelayMin - 1s);
  EXPECT_EQ(world.carried(kAna), carried) << "nothing leaves at the moment of the restore";
  world.pass(PrekeyDesk::kDelayMax);
  world.meet(kAna, kBen);
  EXPECT_EQ(world.people[kBen].renewed_by_them, 1u);
  expect_both_ways("after");
}

TEST_F(Healing, trust_and_pins_stay_as_they_were) {
  friends();
  const auto number = e2ee::safety_number(*world.people[kAna].node->identity(),
                                          *world.people[kBen].node->identity());
  ASSERT_TRUE(world.people[kAna].node->verify("ben", number));
  ASSERT_TRUE(world.people[kBen].node->verify("ana", number));
  world.settle(kAna);
  world.settle(kBen);
  world.restore(kAna, world.back_up(kAna));
  EXPECT_TRUE(world.write(kAna, kBen, "here I am"));
  world.meet(kAna, kBen);
  expect_both_ways("x");
  EXPECT_EQ(world.people[kAna].node->find_contact("ben")->trust, Trust::verified);
  EXPECT_EQ(world.people[kBen].node->find_contact("ana")->trust, Trust::verified);
}

TEST_F(Healing, what_was_under_way_in_the_old_session_still_opens) {
  friends();
  EXPECT_TRUE(world.write(kAna, kBen, "under way"));
  ASSERT_TRUE(world.people[kAna].node->heal("ben", world.now));
  world.settle(kAna);
  EXPECT_TRUE(world.write(kAna, kBen, "in the new one"));
  EXPECT_TRUE(world.write(kBen, kAna, "from him, in the old one"));
  world.pass(kDay * 13);
  world.meet(kAna, kBen);
  EXPECT_EQ(world.times_read(kBen, "under way"), 1);
  EXPECT_EQ(world.times_read(kBen, "in the new one"), 1);
  EXPECT_EQ(world.times_read(kAna, "from him, in the old one"), 1);
  expect_both_ways("then");
  world.live(kAna, kBen, 16);
  EXPECT_EQ(world.sessions(kAna, kBen).size(), 1u) << "the old one is gone";
  EXPECT_EQ(world.sessions(kBen, kAna).size(), 1u);
}

TEST_F(Healing, both_at_once_end_in_one_session) {
  friends();
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(round);
    ASSERT_TRUE(world.people[kAna].node->heal("ben", world.now));
    ASSERT_TRUE(world.people[kBen].node->heal("ana", world.now));
    world.settle(kAna);
    world.settle(kBen);
    EXPECT_TRUE(world.write(kAna, kBen, "a" + std::to_string(round)));
    EXPECT_TRUE(world.write(kBen, kAna, "b" + std::to_string(round)));
    world.meet(kAna, kBen);
    EXPECT_EQ(world.times_read(kBen, "a" + std::to_string(round)), 1);
    EXPECT_EQ(world.times_read(kAna, "b" + std::to_string(round)), 1);
    expect_both_ways(std::to_string(round));
    world.live(kAna, kBen);
  }
}

TEST_F(Healing, both_restored_at_once_find_each_other_after_a_meeting_of_neither) {
  friends();
  const auto ana = world.back_up(kAna);
  const auto ben = world.back_up(kBen);
  world.restore(kAna, ana);
  world.restore(kBen, ben);
  // What each holds of the other is dead: their secrets were in no backup.
  EXPECT_TRUE(world.write(kAna, kBen, "lost"));
  world.meet(kAna, kBen);
  EXPECT_FALSE(world.was_read(kBen, "lost"));
  // They have to meet, and may, though each has a session that leads nowhere.
  world.introduce(kAna, kBen);
  expect_both_ways("met again");
}

TEST_F(Healing, a_backup_that_is_restored_twice_harms_nobody) {
  friends();
  const auto backup = world.back_up(kAna);
  world.restore(kAna, backup);
  EXPECT_TRUE(world.write(kAna, kBen, "first life"));
  world.meet(kAna, kBen);
  expect_both_ways("in it");
  world.restore(kAna, backup);
  // The first try may fall on the invitation that the first life used up: then nobody hears, and
  // another is answered by itself a day later.
  EXPECT_TRUE(world.write(kAna, kBen, "second life"));
  for (int day = 0; day < 8 && world.people[kBen].renewed_by_them < 2; ++day)
    world.live(kAna, kBen);
  EXPECT_GE(world.people[kBen].renewed_by_them, 2u);
  expect_both_ways("later");
}

TEST_F(Healing, a_backup_of_before_the_first_list_says_that_they_have_to_meet) {
  world.introduce(kAna, kBen);
  const auto backup = world.back_up(kAna);
  world.live(kAna, kBen);
  world.restore(kAna, backup);
  EXPECT_TRUE(world.people[kAna].node->find_contact("ben")->needs_meeting);
  const auto sent = world.people[kAna].node->send("ben", "x", {}, world.now, {});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error(), PersonError::needs_meeting);
  EXPECT_EQ(world.people[kAna].node->heal("ben", world.now).error(), PersonError::needs_meeting);
  // Ben, who has lost nothing, reaches her with one that she gave: no, its secret is lost too.
  ASSERT_TRUE(world.people[kBen].node->heal("ana", world.now));
  world.settle(kBen);
  world.meet(kAna, kBen);
  EXPECT_EQ(world.people[kAna].renewed_by_them, 0u);
  world.introduce(kBen, kAna);
  expect_both_ways("met again");
}

TEST_F(Healing, one_invitation_is_not_accepted_twice) {
  const auto link = world.people[kAna].node->invite(world.now);
  ASSERT_TRUE(world.people[kBen].node->add(*link, "", world.now, world.wall(kBen)));
  world.settle(kBen);
  const auto again = world.people[kBen].node->add(*link, "", world.now, world.wall(kBen));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), PersonError::contact_exists);
}

TEST_F(Healing, a_disk_that_was_put_back_heals_when_nothing_comes_of_what_is_written) {
  friends();
  expect_both_ways("day one");
  const auto disk = world.copy_disk(kAna);
  for (int i = 0; i < 5; ++i) expect_both_ways("gone " + std::to_string(i));
  world.roll_back(kAna, disk);
  EXPECT_TRUE(world.write(kAna, kBen, "with a used key", 3600));
  world.meet(kAna, kBen);
  EXPECT_FALSE(world.was_read(kBen, "with a used key")) << "its tag was used up";
  for (int day = 0; day < 3; ++day) world.live(kAna, kBen);
  EXPECT_EQ(world.people[kAna].renewed, 1u) << "by itself, and once";
  EXPECT_EQ(world.people[kBen].renewed_by_them, 1u);
  expect_both_ways("healed");
}

TEST_F(Healing, somebody_who_is_away_is_tried_ever_more_rarely) {
  friends();
  EXPECT_TRUE(world.write(kAna, kBen, "where are you", 3600));
  std::vector<std::int64_t> days;
  std::size_t before = 0;
  for (int day = 1; day <= 40; ++day) {
    world.pass(kDay);
    if (world.people[kAna].renewed != before) days.push_back(day);
    before = world.people[kAna].renewed;
  }
  ASSERT_GE(days.size(), 4u);
  EXPECT_LE(days.size(), 6u);
  for (std::size_t i = 2; i < days.size(); ++i)
    EXPECT_GT(days[i] - days[i - 1], days[i - 1] - days[i - 2]);
  EXPECT_GE(world.standing(kAna, kBen).theirs.size(), 2u);
  // He comes home to what is younger than an envelope can be old.
  EXPECT_TRUE(world.write(kAna, kBen, "are you back"));
  world.meet(kAna, kBen);
  EXPECT_EQ(world.times_read(kBen, "are you back"), 1);
  expect_both_ways("yes");
}

TEST_F(Healing, a_sign_of_life_leaves_the_session_as_it_is) {
  friends();
  for (int day = 0; day < 10; ++day) {
    EXPECT_TRUE(world.write(kAna, kBen, "short-lived", 3600));
    world.pass(5h);
    EXPECT_TRUE(world.write(kAna, kBen, "long"));
    world.live(kAna, kBen);
  }
  EXPECT_EQ(world.people[kAna].renewed, 0u);
}

TEST_F(Healing, a_clock_far_behind_only_delays_it) {
  friends();
  expect_both_ways("before");
  const auto backup = world.back_up(kAna);
  // A later session, which the backup does not know of.
  world.pass(kDay);
  ASSERT_TRUE(world.people[kBen].node->heal("ana", world.now));
  world.settle(kBen);
  expect_both_ways("newer");
  world.people[kAna].clock_error_s = -1'700'000'000;
  world.restore(kAna, backup);
  EXPECT_TRUE(world.write(kAna, kBen, "heard"));
  world.live(kAna, kBen);
  EXPECT_TRUE(world.was_read(kBen, "heard")) << "what she writes is read at once";
  EXPECT_TRUE(world.write(kBen, kAna, "unheard", 3600));
  for (int day = 0; day < 3; ++day) world.live(kAna, kBen);
  EXPECT_EQ(world.people[kBen].renewed, 2u) << "his silence tells him";
  expect_both_ways("healed");
}

// Attacks.

TEST_F(Healing, a_contact_who_got_anothers_invitations_does_not_become_that_other) {
  friends();
  world.introduce(kEve, kBen);
  world.live(kEve, kBen);
  const Standing stolen = world.standing(kAna, kBen);
  ASSERT_FALSE(stolen.theirs.empty());
  const auto ben = *world.people[kBen].node->identity();
  const auto ana = *world.people[kAna].node->identity();
  const auto eve = e2ee::Identity::load(
      *world.people[kEve].store->people().load_value(kIdentityValue));
  base::SeededRandom random(1);
  for (std::size_t i = 0; i < stolen.theirs.size(); ++i) {
    // As herself, and with what she can make of Ana's public keys.
    const auto invite = e2ee::standing_invite(stolen.theirs[i], ben,
                                              i % 2 == 0 ? ana : eve->public_identity());
    auto accepted = e2ee::accept_invite(*eve, "", invite, random, e2ee::kGenerationMax);
    ASSERT_TRUE(accepted);
    const auto bytes = e2ee::answer_envelope(accepted->answer, 86'400, random);
    // Written into her own store, it goes to Ben like any other.
    world.carry(kEve, bytes);
    world.meet(kEve, kBen);
  }
  EXPECT_EQ(world.people[kBen].renewed_by_them, 0u);
  EXPECT_EQ(world.standing(kBen, kAna).ours.size(), Standing::kGiven) << "none was used up";
  ASSERT_TRUE(world.people[kAna].node->heal("ben", world.now));
  world.settle(kAna);
  expect_both_ways("all the same");
}

TEST_F(Healing, an_answer_that_is_replayed_does_nothing) {
  friends();
  ASSERT_TRUE(world.people[kAna].node->heal("ben", world.now));
  world.settle(kAna);
  const auto disk = world.copy_disk(kAna);  // with the answer in it
  world.meet(kAna, kBen);
  EXPECT_EQ(world.people[kBen].renewed_by_them, 1u);
  const auto session = world.writes_in(kBen, kAna);
  // Somebody who carried it brings it again, to a node that has even forgotten that it had it.
  HealingWorld::Someone& ben = world.people[kBen];
  auto copy = world.copy_disk(kBen);
  copy.tombstones.clear();
  world.roll_back(kBen, copy);
  for (const auto& [record, bytes] : disk.envelopes) world.carry(kEve, bytes);
  world.meet(kEve, kBen);
  EXPECT_EQ(ben.renewed_by_them, 1u);
  EXPECT_EQ(world.writes_in(kBen, kAna), session);
}

TEST_F(Healing, a_contact_who_lies_in_a_list_breaks_nothing) {
  // Whatever a list says, only what decode_prekeys() takes is kept; here an empty one, which takes
  // back what was given.
  MemoryNodeStore store(1'000);
  base::SeededRandom random(3);
  Context context{.store = store, .random = random, .events = {}, .wall = {}, .dirty = false};
  ContactBook book(store.people());
  const auto them = e2ee::Identity::generate(random);
  const auto us = e2ee::Identity::generate(random);
  auto accepted = e2ee::accept_invite(us, "", e2ee::make_invite(them, "", random).invite, random);
  ContactRecord record;
  record.name = "x";
  record.identity = them.public_identity();
  book.add(record, HeldSession{.session = std::move(accepted->session)}, {});
  PrekeyDesk desk(context, book);
  e2ee::Prekeys list{.serial = 5, .invitations = {e2ee::make_standing(random).given}};
  desk.take(0, 1, e2ee::encode_prekeys(list));
  EXPECT_EQ(book.at(0).standing.theirs.size(), 1u);
  desk.take(0, 1, base::Bytes(100, 0xFF));
  EXPECT_EQ(book.at(0).standing.theirs.size(), 1u);
  e2ee::Prekeys older{.serial = 4, .invitations = {}};
  desk.take(0, 1, e2ee::encode_prekeys(older));
  desk.take(0, 0, e2ee::encode_prekeys({.serial = 9, .invitations = {}}));
  EXPECT_EQ(book.at(0).standing.theirs.size(), 1u) << "one from before does not count";
  desk.take(0, 2, e2ee::encode_prekeys(older));
  EXPECT_TRUE(book.at(0).standing.theirs.empty()) << "the newer session does";
}

}  // namespace
}  // namespace chaski::node
