// SPDX-License-Identifier: Apache-2.0
// Known answers: a first conversation from known secrets. The values are those of a second
// implementation of docs/protocol/e2ee.md: `vectors_test.py --golden` prints them.
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

/// Fills 0 to 3 make the two identities, 4 and 5 the invitation, 6 and 7 the answer; then the first
/// message of a new epoch takes one for its ratchet key.
struct Example {
  CountingRandom random;
  Identity a = Identity::generate(random);
  Identity b = Identity::generate(random);
  PendingInvite pending = make_invite(a, "Anna", random);
  Accepted accepted = *accept_invite(b, "Béla", pending.invite, random);
  Answered answered = *open_answer(a, pending, accepted.answer.body);

  base::Bytes say(Session& from, Session& to, std::string_view what) {
    const auto sealed = from.seal(text(what), 86'400, wire::Priority::normal, random).envelope;
    TagChanges changes;
    const auto opened = to.open(*wire::decode_envelope(sealed), {}, changes);
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
  EXPECT_EQ(digest(example.accepted.answer.body), "f04705d3052abfa12d39ba2cb53447d4");
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
  EXPECT_EQ(base::to_hex(envelope.tag.view()), "c1a40ee523cee0ac");
  EXPECT_EQ(base::to_hex(envelope.commitment.view()), "dc3fff49d571b57ce7b2276164e57685");
  EXPECT_EQ(base::to_hex(envelope.body),
            "4999e13ae51d600f7c306ba8b1c281b71c5a9e004c02d92454655f74838ee43a029d19f8b69d4df9"
            "b28cb81a959cd2782a0b9e0ebcd4ad3a8d18bc35818b446065b0841f039700383637d6210a4bb3cd"
            "03d42636a299510a66405e4f109e919af7c8fd3df299beb112b6d32bf83028b31ca93141ccd1701f"
            "88ac9630b14e439d4d3eb2bbb9e5a1d05b4b776f040f4d7ea7d133373f8b6b501d581a86b282b88a");
  const auto body_digest = [](const base::Bytes& bytes) {
    const auto fields = *wire::decode_envelope(bytes);
    return base::to_hex(fields.tag.view()) + ' ' + digest(fields.body);
  };
  EXPECT_EQ(body_digest(example.say(b, a, "second")),
            "c62aa1355b973267 6185dee321760a97be72ed3a22d7fdd8");
  EXPECT_EQ(body_digest(example.say(a, b, "third, the other way")),
            "fe913e76f50c86bf d3358a42e4cb7368f8b615eb34252e44");
  EXPECT_EQ(body_digest(example.say(b, a, "fourth, in a new epoch")),
            "824550c1301622b3 6aeaef5e69e7d1e5b648df85ec70351e");
  for (int i = 0; i < 32; ++i) example.say(b, a, "filling a block of tags");
  EXPECT_EQ(body_digest(example.say(b, a, "in the second block")),
            "121822de0625b56c f8dced535f809352525481e3dffde9c1");
  EXPECT_EQ(body_digest(example.say(a, b, std::string(500, 'x'))),
            "bfa8b2391b82d4c5 7443c9819b9c7d033e10c3f3af8cc419");
}

TEST(Golden, TagsAfterAWindow) {
  Example example;
  const auto tags = example.answered.session.expected_tags();
  ASSERT_EQ(tags.size(), 192u);
  EXPECT_EQ(base::to_hex(tags[0].view()), "c1a40ee523cee0ac");
  EXPECT_EQ(base::to_hex(tags[63].view()), "25bff1535f37ec1c");
  EXPECT_EQ(base::to_hex(tags[64].view()), "8627f8efc6b3cb36");
  EXPECT_EQ(base::to_hex(tags[95].view()), "03a021b64773713e");
  EXPECT_EQ(base::to_hex(tags[96].view()), "824550c1301622b3");
}

}  // namespace
}  // namespace chaski::e2ee::test
