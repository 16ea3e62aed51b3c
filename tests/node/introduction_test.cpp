// SPDX-License-Identifier: Apache-2.0
// A contact introduces two others to each other: what each of the three sees, and when.
#include <set>

#include "introduction_world.hpp"
#include "node/introducee.hpp"
#include "node/introducer.hpp"
#include "node/prekey_desk.hpp"

namespace chaski::node {
namespace {

constexpr std::size_t kAnna = 0;
constexpr std::size_t kBen = 1;
constexpr std::size_t kCleo = 2;
constexpr std::size_t kDora = 3;

using State = IntroductionState;
using Word = IntroductionWord::State;

struct Introductions : testing::Test {
  IntroductionWorld world{9, {"anna", "ben", "cleo", "dora"}};
  void SetUp() override {
    world.introduce(kAnna, kBen);
    world.introduce(kAnna, kCleo);
  }
  /// Anna sees both, one after the other; `before` happens on the way.
  void visit() {
    world.meet(kAnna, kBen);
    world.meet(kAnna, kCleo);
  }
  /// Up to both offers.
  void offered(std::string_view note = "") {
    ASSERT_TRUE(world.bring(kAnna, kBen, kCleo, note));
    visit();
  }
  /// Up to both consents, which Anna has.
  void agreed() {
    offered();
    ASSERT_TRUE(world.accept(kBen));
    ASSERT_TRUE(world.accept(kCleo));
    visit();
  }
  void told() {
    world.let_it_leave();
    visit();
  }
  void expect_both_ways(std::size_t a, std::size_t b, const std::string& a_is,
                        const std::string& b_is) {
    Node& first = *world.people[a].node;
    Node& second = *world.people[b].node;
    ASSERT_TRUE(first.send(b_is, "to " + b_is, {}, world.now, world.wall(a)));
    ASSERT_TRUE(second.send(a_is, "to " + a_is, {}, world.now, world.wall(b)));
    world.settle(a);
    world.settle(b);
    world.meet(a, b);
    EXPECT_EQ(world.times_read(b, "to " + b_is), 1);
    EXPECT_EQ(world.times_read(a, "to " + a_is), 1);
  }
};

TEST_F(Introductions, two_who_both_say_yes_become_contacts_and_write) {
  offered("you both sing");
  const IntroductionInfo at_ben = world.last(kBen);
  EXPECT_EQ(at_ben.state, State::offered);
  EXPECT_EQ(at_ben.by, "anna");
  EXPECT_EQ(at_ben.name, "cleo");
  EXPECT_EQ(at_ben.note, "you both sing");
  EXPECT_FALSE(at_ben.ours);
  EXPECT_GT(at_ben.left, Introducee::kOpenFor - 1min);
  visit();
  EXPECT_EQ(world.last(kAnna).parties[0].offer, Word::delivered);

  ASSERT_TRUE(world.accept(kBen));
  EXPECT_EQ(world.state(kBen), State::accepted);
  ASSERT_TRUE(world.accept(kCleo));
  visit();
  EXPECT_EQ(world.state(kAnna), State::meeting);
  EXPECT_EQ(world.last(kAnna).parties[1].reply, IntroductionReply::yes);
  told();
  EXPECT_EQ(world.state(kBen), State::meeting);
  EXPECT_EQ(world.state(kCleo), State::meeting);
  visit();
  EXPECT_EQ(world.state(kAnna), State::met);

  world.let_it_leave();
  EXPECT_EQ(world.state(kBen), State::met);
  EXPECT_EQ(world.last(kBen).contact, "cleo");
  world.meet(kBen, kCleo);
  EXPECT_EQ(world.state(kCleo), State::met);
  const auto ben = world.people[kCleo].node->find_contact("ben");
  ASSERT_TRUE(ben);
  EXPECT_EQ(ben->identity, *world.people[kBen].node->identity());
  EXPECT_EQ(ben->trust, Trust::unverified);
  EXPECT_EQ(ben->own_name, "ben");
  EXPECT_EQ(world.people[kBen].node->find_contact("cleo")->trust, Trust::unverified);
  expect_both_ways(kBen, kCleo, "ben", "cleo");
}

TEST_F(Introductions, the_answer_may_come_through_the_one_who_introduced_and_before_the_meeting) {
  agreed();
  world.let_it_leave();
  world.meet(kAnna, kBen);  // Ben is told, Cleo is far away
  std::set<wire::EnvelopeId> before;
  for (const auto& [record, bytes] : world.copy_disk(kBen).envelopes) before.insert(record.id);
  world.let_it_leave();
  ASSERT_EQ(world.state(kBen), State::met);
  ASSERT_TRUE(world.write(kBen, kCleo, "before you know me"));
  for (const auto& [record, bytes] : world.copy_disk(kBen).envelopes)
    if (!before.contains(record.id)) world.carry(kCleo, bytes);  // which she cannot read
  EXPECT_EQ(world.state(kCleo), State::accepted);
  EXPECT_FALSE(world.was_read(kCleo, "before you know me"));
  world.meet(kAnna, kCleo);  // and looks at it again when she knows who may answer
  EXPECT_EQ(world.state(kCleo), State::met);
  EXPECT_EQ(world.times_read(kCleo, "before you know me"), 1);
  expect_both_ways(kBen, kCleo, "ben", "cleo");
}

TEST_F(Introductions, who_says_yes_chooses_the_name) {
  offered();
  EXPECT_EQ(world.accept(kBen, "anna").error(), PersonError::name_taken);
  EXPECT_EQ(world.accept(kBen, "two\nlines").error(), PersonError::bad_name);
  ASSERT_TRUE(world.accept(kBen, "the singer"));
  ASSERT_TRUE(world.accept(kCleo));
  visit();
  told();
  world.let_it_leave();
  world.meet(kBen, kCleo);
  expect_both_ways(kBen, kCleo, "ben", "the singer");
}

TEST_F(Introductions, nothing_that_leaves_by_itself_leaves_at_once) {
  world.pass(PrekeyDesk::kDelayMax);  // lists of standing invitations are out
  agreed();
  const std::size_t carried = world.carried(kAnna);
  world.pass(IntroductionPost::kDelayMin - 1s);
  EXPECT_EQ(world.carried(kAnna), carried);
  EXPECT_EQ(world.last(kAnna).parties[0].meet, Word::due);
  world.pass(IntroductionPost::kDelayMax);
  EXPECT_EQ(world.carried(kAnna), carried + 2);
  world.meet(kAnna, kBen);
  const std::size_t of_ben = world.carried(kBen);
  world.pass(IntroductionPost::kDelayMin - 5s);
  EXPECT_EQ(world.carried(kBen), of_ben);
  EXPECT_EQ(world.state(kBen), State::meeting);
  world.pass(IntroductionPost::kDelayMax);
  EXPECT_EQ(world.carried(kBen), of_ben + 1);
  EXPECT_EQ(world.state(kBen), State::met);
}

TEST_F(Introductions, no_identity_leaves_before_both_consented) {
  offered();
  ASSERT_TRUE(world.accept(kBen));
  for (int day = 0; day < 5; ++day) {
    world.pass(kDay);
    visit();
  }
  EXPECT_FALSE(world.was_told_of(kBen, kCleo));
  EXPECT_FALSE(world.was_told_of(kCleo, kBen));
  EXPECT_EQ(world.state(kAnna), State::offered);
  ASSERT_TRUE(world.accept(kCleo));
  visit();
  told();
  EXPECT_TRUE(world.was_told_of(kCleo, kBen));
  EXPECT_TRUE(world.was_told_of(kBen, kCleo));
}

TEST_F(Introductions, a_no_is_told_to_the_one_who_introduces_and_to_nobody_else) {
  offered();
  ASSERT_TRUE(world.accept(kBen));
  ASSERT_TRUE(world.decline(kCleo));
  visit();
  EXPECT_EQ(world.state(kAnna), State::declined);
  EXPECT_EQ(world.last(kAnna).parties[1].reply, IntroductionReply::no);
  world.let_it_leave();
  visit();
  EXPECT_EQ(world.state(kBen), State::accepted) << "as when nothing came";
  world.pass(Introducee::kAcceptedFor + kDay);
  EXPECT_EQ(world.state(kBen), State::lapsed);
  EXPECT_FALSE(world.knows(kBen, kCleo));
  EXPECT_FALSE(world.knows(kCleo, kBen));
}

TEST_F(Introductions, a_yes_can_be_taken_back_until_they_were_told) {
  agreed();
  ASSERT_TRUE(world.decline(kBen));
  world.meet(kAnna, kBen);
  EXPECT_EQ(world.state(kAnna), State::declined);
  told();
  EXPECT_FALSE(world.was_told_of(kCleo, kBen));
  EXPECT_EQ(world.accept(kBen).error(), PersonError::introduction_over);
  EXPECT_EQ(world.decline(kBen).error(), PersonError::introduction_over);
}

TEST_F(Introductions, a_no_is_final_when_it_overtakes_the_yes) {
  offered();
  ASSERT_TRUE(world.accept(kCleo));
  // Cleo's two envelopes reach Anna in the wrong order: the yes only after the no.
  const auto yes = world.copy_disk(kCleo).envelopes;
  ASSERT_TRUE(world.decline(kCleo));
  ASSERT_TRUE(world.accept(kBen));
  std::vector<base::Bytes> late;
  for (const auto& [record, bytes] : yes) late.push_back(bytes);
  visit();
  EXPECT_EQ(world.state(kAnna), State::declined);
  for (const base::Bytes& bytes : late) world.carry(kAnna, bytes);
  EXPECT_EQ(world.state(kAnna), State::declined);
}

TEST_F(Introductions, what_nobody_answers_lapses_and_is_forgotten) {
  offered();
  world.pass(Introducer::kOpenFor + kDay);
  EXPECT_EQ(world.state(kAnna), State::lapsed);
  EXPECT_EQ(world.state(kBen), State::lapsed);
  EXPECT_EQ(world.accept(kBen).error(), PersonError::introduction_over);
  world.pass(Introducer::kShownFor + kDay);
  EXPECT_TRUE(world.list(kAnna).empty());
  EXPECT_TRUE(world.list(kBen).empty());
}

TEST_F(Introductions, the_secrets_of_one_that_lapses_are_gone) {
  offered();
  ASSERT_TRUE(world.accept(kCleo));
  const auto secret = [&] {
    const auto book = IntroductionBook::load(
        *world.people[kCleo].store->people().load_value(kIntroductionsValue));
    return book && book->theirs.front().made.has_value();
  };
  EXPECT_TRUE(secret());
  world.pass(Introducee::kAcceptedFor + kDay);
  EXPECT_EQ(world.state(kCleo), State::lapsed);
  EXPECT_FALSE(secret());
}

TEST_F(Introductions, an_offer_that_ran_out_on_its_way_is_said_so) {
  ASSERT_TRUE(world.bring(kAnna, kBen, kCleo));
  world.meet(kAnna, kBen);
  world.meet(kAnna, kBen);
  world.pass(kDay * 15);
  EXPECT_EQ(world.last(kAnna).parties[0].offer, Word::delivered);
  EXPECT_EQ(world.last(kAnna).parties[1].offer, Word::expired);
  EXPECT_EQ(world.state(kAnna), State::offered);
}

TEST_F(Introductions, a_meeting_that_ran_out_on_its_way_is_said_so) {
  agreed();
  world.let_it_leave();
  world.meet(kAnna, kBen);
  world.meet(kAnna, kBen);
  world.pass(kDay * 15);
  EXPECT_EQ(world.last(kAnna).parties[0].meet, Word::delivered);
  EXPECT_EQ(world.last(kAnna).parties[1].meet, Word::expired);
  EXPECT_EQ(world.state(kAnna), State::lapsed);
}

TEST_F(Introductions, what_ran_out_while_the_node_was_off_is_known_after_the_start) {
  agreed();
  world.let_it_leave();
  world.people[kAnna].node.reset();
  world.now += kDay * 20;
  world.start(kAnna);
  world.pass(1min);
  EXPECT_EQ(world.last(kAnna).parties[0].meet, Word::expired);
  EXPECT_EQ(world.state(kAnna), State::lapsed);
}

TEST_F(Introductions, every_state_survives_a_restart) {
  const auto all_start_again = [&] {
    const std::vector<std::string> before = {
        to_string(world.state(kAnna)), to_string(world.state(kBen)), to_string(world.state(kCleo))};
    for (const std::size_t who : {kAnna, kBen, kCleo}) world.restart(who);
    EXPECT_EQ(before, (std::vector<std::string>{to_string(world.state(kAnna)),
                                                to_string(world.state(kBen)),
                                                to_string(world.state(kCleo))}));
  };
  offered();
  all_start_again();
  ASSERT_TRUE(world.accept(kBen));
  ASSERT_TRUE(world.accept(kCleo));
  all_start_again();
  visit();
  all_start_again();
  told();
  all_start_again();
  world.let_it_leave();
  all_start_again();
  world.meet(kBen, kCleo);
  all_start_again();
  EXPECT_EQ(world.state(kCleo), State::met);
  expect_both_ways(kBen, kCleo, "ben", "cleo");
}

TEST_F(Introductions, they_are_gone_while_the_person_is_locked) {
  offered();
  Node& ben = *world.people[kBen].node;
  const std::uint32_t number = world.last(kBen).number;
  ben.lock(world.now);
  EXPECT_TRUE(ben.introductions(world.now).empty());
  EXPECT_EQ(ben.accept_introduction(number, "", world.now, {}).error(), PersonError::locked);
  EXPECT_EQ(ben.decline_introduction(number, world.now, {}).error(), PersonError::locked);
  EXPECT_EQ(ben.introduce("anna", "anna", "", world.now, {}).error(), PersonError::locked);
  ben.unlock(world.now);
  EXPECT_EQ(world.state(kBen), State::offered);
}

TEST_F(Introductions, what_makes_no_sense_is_refused) {
  Node& anna = *world.people[kAnna].node;
  const auto introduce = [&](const char* a, const char* b, const std::string& note) {
    return anna.introduce(a, b, note, world.now, {}).error();
  };
  EXPECT_EQ(introduce("ben", "nobody", ""), PersonError::unknown_contact);
  EXPECT_EQ(introduce("ben", "ben", ""), PersonError::same_contact);
  EXPECT_EQ(introduce("ben", "cleo", "two\nlines"), PersonError::bad_note);
  EXPECT_EQ(introduce("ben", "cleo", std::string(201, 'x')), PersonError::bad_note);
  EXPECT_TRUE(world.list(kAnna).empty());
  ASSERT_TRUE(world.bring(kAnna, kBen, kCleo, std::string(200, 'x')));
  EXPECT_EQ(introduce("cleo", "ben", ""), PersonError::introduction_open);
  EXPECT_EQ(anna.accept_introduction(77, "", world.now, {}).error(),
            PersonError::unknown_introduction);
  EXPECT_EQ(anna.decline_introduction(77, world.now, {}).error(),
            PersonError::unknown_introduction);
}

TEST_F(Introductions, nobody_is_introduced_who_is_blocked_or_changed) {
  Node& anna = *world.people[kAnna].node;
  ASSERT_TRUE(anna.set_blocked("ben", true, world.now));
  EXPECT_EQ(anna.introduce("ben", "cleo", "", world.now, {}).error(),
            PersonError::contact_blocked);
  EXPECT_EQ(anna.introduce("cleo", "ben", "", world.now, {}).error(),
            PersonError::contact_blocked);
}

TEST_F(Introductions, who_is_blocked_between_the_yes_and_the_meeting_is_not_told_of) {
  agreed();
  ASSERT_TRUE(world.people[kAnna].node->set_blocked("ben", true, world.now));
  told();
  EXPECT_EQ(world.state(kAnna), State::refused);
  EXPECT_FALSE(world.was_told_of(kCleo, kBen));
  EXPECT_FALSE(world.was_told_of(kBen, kCleo));
}

TEST_F(Introductions, who_blocked_the_one_who_introduces_hears_nothing_of_it) {
  ASSERT_TRUE(world.people[kBen].node->set_blocked("anna", true, world.now));
  world.settle(kBen);
  offered();
  EXPECT_TRUE(world.list(kBen).empty());
  ASSERT_TRUE(world.people[kBen].node->set_blocked("anna", false, world.now));
  world.settle(kBen);
  EXPECT_EQ(world.state(kBen), State::offered) << "it was carried, and is read now";
  ASSERT_TRUE(world.people[kBen].node->set_blocked("anna", true, world.now));
  EXPECT_EQ(world.accept(kBen).error(), PersonError::contact_blocked);
  EXPECT_EQ(world.state(kBen), State::offered);
}

TEST_F(Introductions, somebody_who_is_blocked_does_not_come_back_through_a_friend) {
  world.introduce(kBen, kCleo);
  ASSERT_TRUE(world.people[kBen].node->set_blocked("cleo", true, world.now));
  world.settle(kBen);
  agreed();
  told();
  EXPECT_EQ(world.state(kBen), State::refused);
  EXPECT_TRUE(world.people[kBen].node->find_contact("cleo")->blocked);
}

TEST_F(Introductions, friends_who_are_introduced_stay_what_they_are) {
  world.introduce(kBen, kCleo);
  Node& ben = *world.people[kBen].node;
  ASSERT_TRUE(ben.verify("cleo", e2ee::safety_number(
                                     *ben.identity(), *world.people[kCleo].node->identity())));
  const auto session = world.writes_in(kBen, kCleo);
  agreed();
  told();
  EXPECT_EQ(world.state(kBen), State::known);
  EXPECT_EQ(world.last(kBen).contact, "cleo");
  world.let_it_leave();
  EXPECT_EQ(world.writes_in(kBen, kCleo), session);
  EXPECT_EQ(ben.find_contact("cleo")->trust, Trust::verified);
  EXPECT_EQ(ben.contacts().size(), 2u);
  expect_both_ways(kBen, kCleo, "ben", "cleo");
}

TEST_F(Introductions, friends_who_lost_each_other_find_each_other_through_a_third) {
  world.introduce(kBen, kCleo);
  // Both lost their disks before any list went round: they would have to meet.
  for (const std::size_t who : {kBen, kCleo}) {
    auto backup = world.back_up(who);
    const auto other = world.people[who].node->find_contact(who == kBen ? "cleo" : "ben");
    backup.standing.erase(standing_name(other->id.view()));
    world.restore(who, backup);
    world.introduce(kAnna, who);
  }
  ASSERT_TRUE(world.people[kBen].node->find_contact("cleo")->needs_meeting);
  agreed();
  told();
  world.let_it_leave();
  world.meet(kBen, kCleo);
  EXPECT_EQ(world.state(kBen), State::met);
  EXPECT_EQ(world.state(kCleo), State::met);
  EXPECT_EQ(world.people[kBen].node->contacts().size(), 2u);
  expect_both_ways(kBen, kCleo, "ben", "cleo");
}

TEST_F(Introductions, two_friends_may_introduce_the_same_two_at_once) {
  world.introduce(kDora, kBen);
  world.introduce(kDora, kCleo);
  ASSERT_TRUE(world.bring(kAnna, kBen, kCleo));
  ASSERT_TRUE(world.bring(kDora, kCleo, kBen));
  const auto everybody = [&] {
    for (const std::size_t by : {kAnna, kDora})
      for (const std::size_t who : {kBen, kCleo}) world.meet(by, who);
  };
  everybody();
  for (const std::size_t who : {kBen, kCleo}) {
    for (const IntroductionInfo& one : world.list(who)) {
      ASSERT_TRUE(world.people[who].node->accept_introduction(one.number, "", world.now, {}));
      world.settle(who);
    }
  }
  everybody();
  world.let_it_leave();
  everybody();
  world.let_it_leave();
  for (int day = 0; day < 3; ++day) world.meet(kBen, kCleo);
  expect_both_ways(kBen, kCleo, "ben", "cleo");
  EXPECT_EQ(world.writes_in(kBen, kCleo), world.writes_in(kCleo, kBen));
  EXPECT_EQ(world.people[kBen].node->contacts().size(), 3u);
}

TEST_F(Introductions, one_contact_cannot_fill_the_room_of_all) {
  world.introduce(kBen, kDora);
  world.introduce(kAnna, kDora);
  // Anna forgets each at once, as a liar does, and begins anew.
  for (std::size_t i = 0; i < IntroductionBook::kByOneMax + 3; ++i) {
    ASSERT_TRUE(world.bring(kAnna, kBen, kCleo));
    world.people[kAnna].node.reset();
    world.people[kAnna].store->people().save_value(kIntroductionsValue, IntroductionBook{}.save());
    ASSERT_TRUE(world.people[kAnna].store->commit());
    world.start(kAnna);
    world.meet(kAnna, kBen);
  }
  EXPECT_EQ(world.list(kBen).size(), IntroductionBook::kByOneMax);
  world.introduce(kDora, kCleo);
  ASSERT_TRUE(world.bring(kDora, kBen, kCleo));
  world.meet(kDora, kBen);
  EXPECT_EQ(world.last(kBen).by, "dora") << "there is room for others";
  ASSERT_TRUE(world.bring(kBen, kAnna, kDora)) << "and for the person";
}

TEST_F(Introductions, only_so_many_are_open_at_once) {
  IntroductionBook book;
  const auto& contacts = world.people[kAnna].node->contacts();
  for (std::size_t i = 0; i < IntroductionBook::kOursMax; ++i) {
    OurIntroduction& one = book.ours.emplace_back();
    one.number = ++book.last_number;
    one.until = world.now + kDay;
    one.parties[0].contact = one.parties[1].contact = contacts[0].id;
  }
  const auto put = [&] {
    world.people[kAnna].node.reset();
    world.people[kAnna].store->people().save_value(kIntroductionsValue, book.save());
    ASSERT_TRUE(world.people[kAnna].store->commit());
    world.start(kAnna);
  };
  put();
  EXPECT_EQ(world.bring(kAnna, kBen, kCleo).error(), PersonError::too_many_introductions);
  // What is over gives way.
  book.ours[5].state = State::declined;
  put();
  ASSERT_TRUE(world.bring(kAnna, kBen, kCleo));
  EXPECT_EQ(world.list(kAnna).size(), IntroductionBook::kOursMax);
}

TEST(IntroductionRecords, come_back_as_they_were_and_nothing_else_is_read) {
  base::SeededRandom random(3);
  IntroductionBook book;
  book.last_number = 7;
  OurIntroduction& ours = book.ours.emplace_back();
  ours.number = 6;
  ours.note = "a note";
  ours.given = e2ee::make_standing(random).given;
  ours.parties[1].meet = {.state = Word::underway, .at = base::from_us(99), .envelope = {}};
  TheirIntroduction& theirs = book.theirs.emplace_back();
  theirs.number = 7;
  theirs.name = std::string(32, 'n');
  theirs.chosen = std::string(32, 'c');
  theirs.note = std::string(200, 'x');
  theirs.made = e2ee::make_standing(random);
  theirs.given = e2ee::make_standing(random).given;
  theirs.other = e2ee::Identity::generate(random).public_identity();
  const base::Bytes bytes = book.save();
  const auto read = IntroductionBook::load(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->save(), bytes);
  EXPECT_EQ(read->ours.front().parties[1].meet.at, base::from_us(99));
  EXPECT_EQ(read->theirs.front().name, theirs.name);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(IntroductionBook::load(base::ByteView(bytes).first(size))) << size;
  base::Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(IntroductionBook::load(longer));
}

}  // namespace
}  // namespace chaski::node
