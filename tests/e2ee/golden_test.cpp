// SPDX-License-Identifier: Apache-2.0
// Known answers: a first conversation from known secrets. The values are those of a second
// implementation of docs/protocol/e2ee.md, in another language with other libraries.
#include "e2ee/kdf.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

/// The n-th fill gives bytes n * 31 + position, so that an example can be worked by hand.
class CountingRandom final : public base::Random {
 public:
  void fill(base::MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<std::uint8_t>(fills_ * 31 + i);
    }
    ++fills_;
  }

 private:
  std::size_t fills_ = 0;
};

std::string digest(base::ByteView bytes) {
  return base::to_hex(public_hash<32>("", {bytes})).substr(0, 32);
}

/// Fills 0 to 3 make the two identities, 4 and 5 the invitation, 6 and 7 the answer, 8 the
/// inviter's first ratchet key; then each message takes one for its token, and each new epoch one
/// for its key.
struct Example {
  CountingRandom random;
  Identity a = Identity::generate(random);
  Identity b = Identity::generate(random);
  PendingInvite pending = make_invite(a, "Anna", random);
  Accepted accepted = *accept_invite(b, "Béla", pending.invite, random);
  Answered answered = *open_answer(a, pending, accepted.answer.body, random);

  base::Bytes say(Session& from, Session& to, std::string_view what) {
    const auto sealed = from.seal(text(what), 86'400, wire::Priority::normal, random).envelope;
    TagChanges changes;
    const auto opened = to.open(*wire::decode_envelope(sealed), random, {}, changes);
    EXPECT_TRUE(opened && base::as_text(opened->payload) == what);
    return sealed;
  }
};

TEST(Golden, Identities) {
  Example example;
  const auto& a = example.a.public_identity();
  const auto& b = example.b.public_identity();
  EXPECT_EQ(base::to_hex(a.agreement.view()),
            "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f");
  EXPECT_EQ(base::to_hex(a.signing.view()),
            "af3d20264f9c26ef085b5ce537f417d424037a0963a6386ff6d050e5bf773714");
  EXPECT_EQ(base::to_hex(person_id(a).view()), "2621b3da2cfce8d2ae0707515602db70");
  EXPECT_EQ(fingerprint(a), "e7cs nhih amwq lscz");
  EXPECT_EQ(safety_number(a, b),
            "02729 48050 11759 29689 37459 93537 24209 41063 63385 28754 00577 94998");
}

TEST(Golden, InviteAndAnswer) {
  Example example;
  EXPECT_EQ(to_link(example.pending.invite),
            "chaski:invite/aghubrnnw2hskysk4wzbj2twpjxmstmctu6xwxq22g5g6prbhauf7lz5eate7hbg54"
            "efwxhfg72bpvbean5asy5ghbx7nucq4w7xonyu67v77hucrxn7gbxqr5weijulzgeie3gq3rmitwlcik"
            "h3inewunljxhe5t2p2bincuoskljvhvcu2vk5mvwxk7mfrwkz3jnnww64ltoqeifxg4yj3qfpke");
  EXPECT_EQ(base::to_hex(example.accepted.answer.tag.view()), "e225df5c630d39f9");
  EXPECT_EQ(digest(example.accepted.answer.body), "bac168d16171a32388730b43178a3b28");
  EXPECT_EQ(base::to_hex(base::ByteView(example.accepted.answer.body).first(48)),
            "ea7d40a6ef432d8eb195931484d2bac58b3cc5a85b1ef795698697d25ecfccc203adff281d08f9ac"
            "866defabbd82cb52");
}

TEST(Golden, FirstConversation) {
  Example example;
  Session& a = example.answered.session;
  Session& b = example.accepted.session;
  const auto first = example.say(b, a, "first");
  const auto envelope = *wire::decode_envelope(first);
  EXPECT_EQ(base::to_hex(envelope.tag.view()), "dca5eaa57f0ad158");
  EXPECT_EQ(base::to_hex(envelope.commitment.view()), "467bcd706a288acb62e4449f4dd77889");
  EXPECT_EQ(base::to_hex(envelope.body),
            "792adb4038b935ee1da66062cfa34d87b6649339e139c3a3ef004dc0037767ecce830504d01bb418"
            "ba124b3a99179425ffb8809e557f3a4fffc17cf9a75e2abe0dac32e0c949e42e4763b864f8bb1dda"
            "bf95c85633a0d7e4fbe2424338624034d5271b51bfd56f499e1d1f7a6166c4cbddf42c86fbc52760"
            "f4f60a9dd806d07da9c2d2ca6226975ecf9a0a73408db0bbdef8e52d06b46e68ecdc37ca397d4d8b");
  const auto body_digest = [](const base::Bytes& bytes) {
    const auto fields = *wire::decode_envelope(bytes);
    return base::to_hex(fields.tag.view()) + ' ' + digest(fields.body);
  };
  EXPECT_EQ(body_digest(example.say(b, a, "second")),
            "cc79d1f765365a1a a292559edc31dd685377299aa2da4c55");
  EXPECT_EQ(body_digest(example.say(a, b, "third, the other way")),
            "65cca1ef11c09e78 25b006c742f78bcaee5679cb16e418a8");
  EXPECT_EQ(body_digest(example.say(b, a, "fourth, in a new epoch")),
            "6a473de9fc912791 aadbb231afaef7e309757ab3a508a49b");
  for (int i = 0; i < 16; ++i) example.say(b, a, "filling a block of tags");
  EXPECT_EQ(body_digest(example.say(b, a, "in the second block")),
            "14f57046096e452f 88b2e85d4abdcf7bd5de65bc653a7c17");
  EXPECT_EQ(body_digest(example.say(a, b, std::string(500, 'x'))),
            "bbfb685ddf22dacc 9541366f73b0b32217cc4b1988ef9936");
}

TEST(Golden, TagsAfterAWindow) {
  Example example;
  const auto tags = example.answered.session.expected_tags();
  ASSERT_EQ(tags.size(), 256u);
  EXPECT_EQ(base::to_hex(tags[0].view()), "dca5eaa57f0ad158");
  EXPECT_EQ(base::to_hex(tags[63].view()), "b2939070e8e74fc5");
  EXPECT_EQ(base::to_hex(tags[64].view()), "b028d99e551d0e23");
  EXPECT_EQ(base::to_hex(tags[127].view()), "f44fd2bdfe2df531");
  EXPECT_EQ(base::to_hex(tags[128].view()), "6a473de9fc912791");
}

}  // namespace
}  // namespace chaski::e2ee::test
