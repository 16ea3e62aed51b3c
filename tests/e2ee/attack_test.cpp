// SPDX-License-Identifier: Apache-2.0
// Attacks of docs/threat-model.md that need several people or kinds of envelope at once.
#include "e2ee/setup.hpp"
#include "liar.hpp"

namespace chaski::e2ee::test {
namespace {

/// Anna, and two who are contacts of hers.
struct E2eeAttack : testing::Test {
  base::SeededRandom random{51};
  Identity anna = Identity::generate(random);
  Identity bela = Identity::generate(random);
  Identity cora = Identity::generate(random);

  struct Met {
    PendingInvite pending;
    base::Bytes answer;
    Person hers;
    Person theirs;
  };
  Met meet_with(const Identity& them) {
    PendingInvite pending = make_invite(anna, "Anna", random);
    auto accepted = accept_invite(them, "", pending.invite, random);
    auto answered = open_answer(anna, pending, accepted->answer.body);
    return {std::move(pending), accepted->answer.body, Person{anna, std::move(answered->session)},
            Person{them, std::move(accepted->session)}};
  }
  /// An envelope with something changed and encoded anew.
  template <class Change>
  static base::Bytes changed(const base::Bytes& bytes, Change change) {
    auto fields = *wire::decode_envelope(bytes);
    change(fields);
    return wire::encode_envelope(fields);
  }
  static bool opens(Person& person, const base::Bytes& bytes) {
    const base::Bytes before = person.session.save();
    TagChanges changes;
    const bool opened = person.session.open(*wire::decode_envelope(bytes), {}, changes).has_value();
    EXPECT_EQ(person.session.save() == before, !opened);
    return opened;
  }
};

TEST_F(E2eeAttack, NobodySpeaksForAnother) {
  // Row 10: whose a message is follows from the session that opens it, and no byte of it says so.
  Met bela_met = meet_with(bela);
  Met cora_met = meet_with(cora);
  const auto from_bela = bela_met.theirs.seal("I am Cora", random);
  const auto from_cora = cora_met.theirs.seal("I am Cora", random);
  const auto tag_of_cora = wire::decode_envelope(from_cora)->tag;
  const auto moved = changed(from_bela, [&](auto& fields) { fields.tag = tag_of_cora; });
  EXPECT_FALSE(opens(cora_met.hers, moved));
  EXPECT_FALSE(opens(bela_met.hers, moved));
  EXPECT_FALSE(opens(cora_met.hers, from_bela));
  EXPECT_TRUE(opens(bela_met.hers, from_bela));
  EXPECT_TRUE(opens(cora_met.hers, from_cora));
}

TEST_F(E2eeAttack, NothingOfOneKindOpensAsAnother) {
  // Row 22: every kind of body under every kind of tag.
  Met met = meet_with(bela);
  Met other = meet_with(cora);
  const auto message = met.theirs.seal(std::string(250, 'x'), random);
  const auto body = wire::decode_envelope(message)->body;
  ASSERT_EQ(body.size(), met.answer.size());
  EXPECT_FALSE(open_answer(anna, met.pending, body)) << "a message as an answer";
  EXPECT_FALSE(open_answer(anna, met.pending, other.answer)) << "another's answer";
  EXPECT_FALSE(opens(met.hers, changed(message, [&](auto& f) { f.body = met.answer; })))
      << "an answer as a message";
  EXPECT_FALSE(opens(met.hers, changed(message, [&](auto& f) { f.body = other.answer; })));
  auto as_receipt = *wire::decode_envelope(message);
  as_receipt.kind = wire::EnvelopeKind::receipt;
  TagChanges changes;
  EXPECT_FALSE(met.hers.session.open(as_receipt, {}, changes)) << "under the kind of a receipt";
  EXPECT_TRUE(open_answer(anna, met.pending, met.answer));
  EXPECT_TRUE(opens(met.hers, message));
}

TEST_F(E2eeAttack, WhatARelayCanChangeIsNoticed) {
  // Row 33, and what stands beside the body: lifetime, priority, commitment, stamp.
  Met met = meet_with(bela);
  const auto message = met.theirs.seal("as sent", random);
  const std::uint8_t stamp[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_FALSE(opens(met.hers, changed(message, [](auto& f) { ++f.lifetime_s; })));
  EXPECT_FALSE(
      opens(met.hers, changed(message, [](auto& f) { f.priority = wire::Priority::urgent; })));
  EXPECT_FALSE(opens(met.hers, changed(message, [](auto& f) { f.commitment.bytes[0] ^= 1; })));
  EXPECT_FALSE(opens(met.hers, changed(message, [&](auto& f) { f.stamp = stamp; })));
  EXPECT_TRUE(opens(met.hers, message));
}

TEST_F(E2eeAttack, WhoReplacesKeysInTheMiddleGetsTwoConversationsAndTwoSafetyNumbers) {
  // Row 3: Mallory shows Béla an invitation of her own in Anna's name, and answers Anna's as Béla.
  // Nothing can tell without a check in person; the check does, and nothing passes through unread
  // by her that would hide it.
  const Identity& mallory = cora;
  Met to_anna = meet_with(mallory);
  const PendingInvite hers = make_invite(mallory, "Anna", random);
  auto accepted = accept_invite(bela, "Bela", hers.invite, random);
  ASSERT_TRUE(open_answer(mallory, hers, accepted->answer.body));
  EXPECT_NE(safety_number(anna.public_identity(), mallory.public_identity()),
            safety_number(bela.public_identity(), mallory.public_identity()));
  // Swapping only some keys of Anna's invitation agrees to nothing.
  for (const int which : {0, 1, 2, 3}) {
    PendingInvite pending = make_invite(anna, "Anna", random);
    InvitePublic swapped = pending.invite;
    if (which == 0) swapped.identity.agreement = mallory.public_identity().agreement;
    if (which == 1) swapped.identity.signing = mallory.public_identity().signing;
    if (which == 2) swapped.prekey = hers.invite.prekey;
    if (which == 3) swapped.rendezvous = hers.invite.rendezvous;
    auto answer = accept_invite(bela, "Bela", swapped, random);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(open_answer(anna, pending, answer->answer.body)) << which;
    EXPECT_FALSE(open_answer(mallory, hers, answer->answer.body)) << which;
  }
}

TEST_F(E2eeAttack, TheSameTwoInSwappedRolesShareNoKey) {
  // Row 36: with the same random bytes on both sides even, the role is in the keys.
  const auto meeting = [&](const Identity& inviter, const Identity& acceptor) {
    base::SeededRandom same(9);
    const auto pending = make_invite(inviter, "", same);
    auto accepted = accept_invite(acceptor, "", pending.invite, same);
    return std::pair{std::move(accepted->session),
                     open_answer(inviter, pending, accepted->answer.body)->session};
  };
  const auto one = meeting(anna, bela);
  const auto two = meeting(bela, anna);
  std::set<wire::DeliveryTag> all;
  std::size_t count = 0;
  for (const Session* session : {&one.first, &one.second, &two.first, &two.second}) {
    for (const auto& tag : session->expected_tags()) {
      all.insert(tag);
      ++count;
    }
  }
  EXPECT_EQ(all.size(), count);
  EXPECT_FALSE(SessionSetup::state(one.first).root == SessionSetup::state(two.first).root);
}

TEST_F(E2eeAttack, OfTwoClonesOnlyTheFirstIsHeard) {
  // Row 26, as far as a session can: one who takes one invitation twice (a cloned disk) makes two
  // answers, and the invitation is good for the first that comes. The second opens nothing.
  const PendingInvite pending = make_invite(anna, "Anna", random);
  base::SeededRandom coins(3);
  base::SeededRandom other_coins(4);
  auto first = accept_invite(bela, "", pending.invite, coins);
  auto second = accept_invite(bela, "", pending.invite, other_coins);
  auto answered = open_answer(anna, pending, first->answer.body);
  Person hers{anna, std::move(answered->session)};
  Person clone{bela, std::move(second->session)};
  Person original{bela, std::move(first->session)};
  EXPECT_FALSE(hers.open(clone.seal("from the clone", random)));
  EXPECT_TRUE(hers.reads(original.seal("from the first", random), "from the first"));
}

}  // namespace
}  // namespace chaski::e2ee::test
