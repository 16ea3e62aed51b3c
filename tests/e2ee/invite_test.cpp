// SPDX-License-Identifier: Apache-2.0
#include "e2ee/invite.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "e2ee/base32.hpp"
#include "e2ee/link_text.hpp"
#include "e2ee/session.hpp"
#include "e2ee/setup.hpp"

namespace chaski::e2ee::test {
namespace {

PendingInvite invite_of(std::uint64_t seed, std::string_view name = "Anna") {
  base::SeededRandom random(seed);
  const Identity identity = Identity::generate(random);
  return make_invite(identity, name, random);
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

TEST(Base32, MeetsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "my"},
                                                         {"fo", "mzxq"},
                                                         {"foo", "mzxw6"},
                                                         {"foob", "mzxw6yq"},
                                                         {"fooba", "mzxw6ytb"},
                                                         {"foobar", "mzxw6ytboi"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base32(base::as_bytes(plain)), encoded);
    EXPECT_EQ(base::as_text(*from_base32(encoded)), plain);
    EXPECT_EQ(base::as_text(*from_base32(upper(encoded))), plain);
  }
}

TEST(Base32, OneTextIsOneByteString) {
  for (const char* bad :
       {"a", "mz", "mzxr", "mzx", "mzxw6y", "m1", "m=", "m y", "my======", "\x80z"}) {
    EXPECT_FALSE(from_base32(bad)) << bad;
  }
  // Exhaustive over two characters: exactly the 256 that stand for a byte are taken.
  const std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  int taken = 0;
  for (const char a : alphabet) {
    for (const char b : alphabet) taken += from_base32(std::string{a, b}).has_value();
  }
  EXPECT_EQ(taken, 256);
}

TEST(Invite, LinkCarriesEverything) {
  const PendingInvite pending = invite_of(1);
  const auto link = to_link(pending.invite);
  EXPECT_TRUE(link.starts_with("chaski:invite/"));
  EXPECT_LE(link.size(), 14u + 266u);
  for (const auto& form : {link, upper(link), "  \n" + link + "\r\n\t "}) {
    EXPECT_EQ(link_kind(form), LinkKind::invite);
    const auto parsed = parse_invite(form);
    ASSERT_TRUE(parsed) << to_string(parsed.error());
    EXPECT_EQ(parsed->identity, pending.invite.identity);
    EXPECT_EQ(parsed->prekey, pending.invite.prekey);
    EXPECT_TRUE(parsed->rendezvous == pending.invite.rendezvous);
    EXPECT_EQ(parsed->name, "Anna");
  }
}

TEST(Invite, NameIsOptionalAndChecked) {
  EXPECT_EQ(parse_invite(to_link(invite_of(2, "").invite))->name, "");
  EXPECT_EQ(parse_invite(to_link(invite_of(2, std::string(32, 'n')).invite))->name.size(), 32u);
  EXPECT_EQ(invite_of(2, std::string(33, 'n')).invite.name, "");
  EXPECT_EQ(invite_of(2, "\x1b[2J").invite.name, "");
  InvitePublic hostile = invite_of(2).invite;
  hostile.name = "\x1b[2J";
  EXPECT_EQ(parse_invite(to_link(hostile)).error(), InviteError::damaged);
}

TEST(Invite, EveryChangedCharacterIsNoticed) {
  const auto link = to_link(invite_of(3).invite);
  for (std::size_t i = 0; i < link.size(); ++i) {
    auto changed = link;
    changed[i] = changed[i] == 'q' ? 'z' : 'q';
    const auto parsed = parse_invite(changed);
    ASSERT_FALSE(parsed) << i;
    EXPECT_EQ(parsed.error(), i < 14 ? InviteError::not_an_invite : InviteError::damaged) << i;
  }
  for (std::size_t size = 0; size < link.size(); ++size) {
    EXPECT_FALSE(parse_invite(std::string_view(link).substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_invite(link + "a"));
  EXPECT_FALSE(parse_invite(link + std::string(100'000, 'a')));
}

TEST(Invite, OtherLinksAndVersions) {
  for (const char* other : {"", " ", "chaski:", "https://example.org", "chaski:answer/abc"}) {
    EXPECT_EQ(parse_invite(other).error(), InviteError::not_an_invite) << other;
  }
  EXPECT_EQ(link_kind("chaski:ANSWER/x"), LinkKind::answer);
  EXPECT_EQ(link_kind("chaski:other/x"), LinkKind::neither);
  EXPECT_EQ(link_kind(""), LinkKind::neither);
  auto content = invite_bytes(invite_of(4).invite);
  content[0] = 3;
  EXPECT_EQ(parse_invite(write_link(kInvitePrefix, content)).error(), InviteError::newer_version);
  content[0] = 0;
  EXPECT_EQ(parse_invite(write_link(kInvitePrefix, content)).error(), InviteError::damaged);
  EXPECT_EQ(parse_invite("chaski:invite/").error(), InviteError::damaged);
  // An answer's checksum is not an invitation's.
  content[0] = 1;
  auto moved = write_link(kAnswerPrefix, content);
  moved.replace(0, kAnswerPrefix.size(), kInvitePrefix);
  EXPECT_EQ(parse_invite(moved).error(), InviteError::damaged);
}

TEST(Invite, KeysThatMustBeRefused) {
  const InvitePublic good = invite_of(5).invite;
  base::SeededRandom random(6);
  const Identity us = Identity::generate(random);
  const auto refused = [&](InvitePublic invite) {
    const auto parsed = parse_invite(to_link(invite));
    const auto accepted = accept_invite(us, "", invite, random);
    return !parsed && parsed.error() == InviteError::bad_key && !accepted &&
           accepted.error() == InviteError::bad_key;
  };
  EXPECT_FALSE(refused(good));
  for (const std::uint8_t low : {std::uint8_t{0}, std::uint8_t{1}}) {
    InvitePublic bad = good;
    bad.prekey = {};
    bad.prekey.bytes[0] = low;
    EXPECT_TRUE(refused(bad));
    bad = good;
    bad.identity.agreement = {};
    bad.identity.agreement.bytes[0] = low;
    EXPECT_TRUE(refused(bad));
    bad = good;
    bad.identity.signing = {};
    bad.identity.signing.bytes[0] = low;
    EXPECT_TRUE(refused(bad));
  }
  InvitePublic bad = good;
  bad.prekey.bytes[31] |= 0x80;
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.rendezvous = RendezvousSecret{};
  EXPECT_TRUE(refused(bad));
}

TEST(Invite, PendingSurvivesSavingAndDamageIsNoticed) {
  const PendingInvite pending = invite_of(7);
  const auto saved = pending.save();
  const auto loaded = PendingInvite::load(saved);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->prekey_secret == pending.prekey_secret);
  EXPECT_EQ(to_link(loaded->invite), to_link(pending.invite));
  EXPECT_EQ(loaded->answer_tag(), pending.answer_tag());
  for (std::size_t size = 0; size < saved.size(); ++size) {
    EXPECT_FALSE(PendingInvite::load(base::ByteView(saved).first(size)));
  }
  for (std::size_t i = 0; i < saved.size(); ++i) {
    auto changed = saved;
    changed[i] ^= 0x40;
    EXPECT_FALSE(PendingInvite::load(changed)) << i;
  }
}

}  // namespace
}  // namespace chaski::e2ee::test
