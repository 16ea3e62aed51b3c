// SPDX-License-Identifier: Apache-2.0
#include <unordered_set>

#include "pair.hpp"
#include "wire/padding.hpp"

namespace chaski::e2ee::test {
namespace {

using base::SeededRandom;

TEST(Session, BothMaySendAtOnce) {
  SeededRandom random(1);
  Pair pair = meet(random);
  const auto from_inviter = pair.inviter.seal("hello from the inviter", random);
  const auto from_acceptor = pair.acceptor.seal("hello from the acceptor", random);
  EXPECT_TRUE(pair.acceptor.reads(from_inviter, "hello from the inviter"));
  EXPECT_TRUE(pair.inviter.reads(from_acceptor, "hello from the acceptor"));
  const auto again = pair.inviter.seal("and again", random);
  EXPECT_TRUE(pair.acceptor.reads(again, "and again"));
}

TEST(Session, AMessageOpensExactlyOnce) {
  SeededRandom random(2);
  Pair pair = meet(random);
  const auto sealed = pair.inviter.seal("once", random);
  EXPECT_TRUE(pair.acceptor.reads(sealed, "once"));
  EXPECT_FALSE(pair.acceptor.open(sealed));
  // Nor does the session open it when a table offers it that is wrong.
  TagChanges changes;
  EXPECT_FALSE(pair.acceptor.session.open(*wire::decode_envelope(sealed), {}, changes).has_value());
  EXPECT_TRUE(changes.added.empty() && changes.removed.empty());
}

TEST(Session, GivesBackWhatWasSaid) {
  SeededRandom random(3);
  Pair pair = meet(random);
  Content content = text("Grüße ⛰");
  content.sent_at_unix_s = -5;
  const auto sealed = pair.inviter.session.seal(content, 77, wire::Priority::urgent, random);
  EXPECT_EQ(sealed.commitment, wire::commit(sealed.token));
  const auto envelope = wire::decode_envelope(sealed.envelope);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->lifetime_s, 77u);
  EXPECT_EQ(envelope->priority, wire::Priority::urgent);
  EXPECT_EQ(envelope->commitment, sealed.commitment);
  const auto opened = pair.acceptor.open(sealed.envelope);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->payload, content.payload);
  EXPECT_EQ(opened->sent_at_unix_s, -5);
  EXPECT_EQ(opened->token, sealed.token);
}

TEST(Session, EveryPayloadSizeFillsAPaddingClass) {
  SeededRandom random(4);
  Pair pair = meet(random);
  for (std::size_t size = 0; size <= kPayloadSizeMax; size = size < 700 ? size + 1 : size * 5 / 4) {
    const std::string what(size, 'x');
    const auto sealed = pair.inviter.seal(what, random);
    const auto envelope = wire::decode_envelope(sealed);
    ASSERT_TRUE(envelope) << size;
    EXPECT_TRUE(wire::is_padding_class(envelope->body.size())) << size;
    EXPECT_TRUE(pair.acceptor.reads(sealed, what)) << size;
  }
  const std::string largest(kPayloadSizeMax, 'y');
  EXPECT_TRUE(pair.acceptor.reads(pair.inviter.seal(largest, random), largest));
}

TEST(Session, NoTwoTagsAreEqualAndNoneIsZero) {
  SeededRandom random(5);
  Pair pair = meet(random);
  std::unordered_set<std::string> seen;
  for (int i = 0; i < 100'000; ++i) {
    Person& from = random.below(1'000) < 500 ? pair.inviter : pair.acceptor;
    Person& to = &from == &pair.inviter ? pair.acceptor : pair.inviter;
    const auto sealed = from.session.seal(text("m"), 60, wire::Priority::normal, random).envelope;
    const auto envelope = wire::decode_envelope(sealed);
    ASSERT_FALSE(envelope->tag.is_zero());
    ASSERT_TRUE(seen.insert(base::to_hex(envelope->tag.view())).second) << i;
    // Most are opened, so that epochs come and go; some are in long one-way runs.
    if (i % 100 < 10) {
      TagChanges changes;
      to.session.open(*envelope, {}, changes);
    }
  }
}

TEST(Session, EveryFlippedBitFailsAndChangesNothing) {
  SeededRandom random(6);
  Pair pair = meet(random);
  // One in the running epoch, one that opens the next.
  for (const bool next_epoch : {true, false}) {
    const auto sealed = pair.inviter.seal("flip me", random);
    const auto before = pair.acceptor.session.save();
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      auto flipped = sealed;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      const auto envelope = wire::decode_envelope(flipped);
      if (!envelope) continue;
      TagChanges changes;
      ASSERT_FALSE(pair.acceptor.session.open(*envelope, {}, changes)) << bit;
      ASSERT_TRUE(changes.added.empty() && changes.removed.empty()) << bit;
    }
    EXPECT_EQ(pair.acceptor.session.save(), before) << next_epoch;
    EXPECT_TRUE(pair.acceptor.reads(sealed, "flip me"));
  }
}

TEST(Session, EveryBodyLengthIsRefused) {
  SeededRandom random(7);
  Pair pair = meet(random);
  const auto sealed = pair.inviter.seal("short", random);
  const auto whole = wire::decode_envelope(sealed);
  const auto before = pair.acceptor.session.save();
  base::Bytes longer(whole->body.begin(), whole->body.end());
  longer.resize(longer.size() + 216);
  for (std::size_t size = 0; size <= longer.size(); ++size) {
    if (size == whole->body.size()) continue;
    auto cut = *whole;
    cut.body = base::ByteView(longer).first(size);
    TagChanges changes;
    EXPECT_FALSE(pair.acceptor.session.open(cut, {}, changes)) << size;
  }
  EXPECT_EQ(pair.acceptor.session.save(), before);
  EXPECT_TRUE(pair.acceptor.reads(sealed, "short"));
}

TEST(Session, AStampOrAReceiptIsNotAMessage) {
  SeededRandom random(8);
  Pair pair = meet(random);
  const auto sealed = pair.inviter.seal("plain", random);
  auto envelope = *wire::decode_envelope(sealed);
  const std::uint8_t stamp[4] = {1, 2, 3, 4};
  envelope.stamp = stamp;
  TagChanges changes;
  EXPECT_FALSE(pair.acceptor.session.open(envelope, {}, changes));
  envelope.stamp = {};
  envelope.kind = wire::EnvelopeKind::receipt;
  EXPECT_FALSE(pair.acceptor.session.open(envelope, {}, changes));
}

TEST(Session, ItsOwnMessageIsNotReflected) {
  SeededRandom random(9);
  Pair pair = meet(random);
  const auto sealed = pair.inviter.seal("mirror", random);
  EXPECT_FALSE(pair.inviter.open(sealed));
  // Even under a tag that is expected.
  auto envelope = *wire::decode_envelope(sealed);
  for (const auto& tag : pair.inviter.session.expected_tags()) {
    envelope.tag = tag;
    TagChanges changes;
    ASSERT_FALSE(pair.inviter.session.open(envelope, {}, changes));
  }
}

TEST(Session, LosingMoreThanAWindowDoesNotDeafen) {
  // What went wrong on paper: after 64 lost messages in a row no later tag of that direction was
  // known, and with it no new ratchet key: deaf for ever.
  for (const bool met_before : {false, true}) {
    SeededRandom random(10);
    Pair pair = meet(random);
    if (met_before) {
      ASSERT_TRUE(pair.acceptor.reads(pair.inviter.seal("first", random), "first"));
    }
    for (int i = 0; i < 700; ++i) pair.inviter.seal("lost", random);
    std::vector<base::Bytes> sent;
    for (int i = 0; i < 32; ++i) sent.push_back(pair.inviter.seal(std::to_string(i), random));
    int heard = 0;
    for (int round = 0; round < 2; ++round) {  // the node looks again at what it carries
      for (int i = 0; i < 32; ++i) {
        heard += pair.acceptor.reads(sent[static_cast<std::size_t>(i)], std::to_string(i));
        ASSERT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
      }
    }
    EXPECT_EQ(heard, 32);
  }
}

TEST(Session, SkippedKeysAreBoundedAndTheOldestGoFirst) {
  SeededRandom random(11);
  Pair pair = meet(random);
  std::vector<base::Bytes> lost;
  for (int i = 0; i < 2'640; ++i) {
    const auto sealed = pair.inviter.seal(std::to_string(i), random);
    if (i % 16 == 15) {
      ASSERT_TRUE(pair.acceptor.reads(sealed, std::to_string(i)));
    } else {
      lost.push_back(sealed);
    }
    ASSERT_LE(pair.acceptor.table.size(), Session::kSkippedMax + 2 * (64 + 32));
  }
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
  std::size_t opened = 0;
  std::size_t first_opened = lost.size();
  for (std::size_t i = 0; i < lost.size(); ++i) {
    if (!pair.acceptor.open(lost[i])) continue;
    first_opened = std::min(first_opened, i);
    ++opened;
  }
  EXPECT_EQ(opened, Session::kSkippedMax);
  EXPECT_EQ(first_opened, lost.size() - Session::kSkippedMax);
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
}

TEST(Session, AnEpochThatEndsFarAheadKeepsWhatFits) {
  SeededRandom random(12);
  Pair pair = meet(random);
  std::vector<base::Bytes> late;
  for (int i = 0; i < 3'000; ++i) late.push_back(pair.acceptor.seal(std::to_string(i), random));
  // The inviter has heard none of it when the next epoch starts.
  ASSERT_TRUE(pair.acceptor.reads(pair.inviter.seal("turn", random), "turn"));
  ASSERT_TRUE(pair.inviter.reads(pair.acceptor.seal("new epoch", random), "new epoch"));
  EXPECT_TRUE(pair.inviter.table.equals(pair.inviter.session));
  for (int i = 0; i < 3'000; ++i) {
    const bool kept = i < static_cast<int>(Session::kSkippedMax);
    ASSERT_EQ(pair.inviter.reads(late[static_cast<std::size_t>(i)], std::to_string(i)), kept) << i;
  }
}

TEST(Session, SkippedKeysExpireWithTheLongestLifetime) {
  SeededRandom random(13);
  Pair pair = meet(random);
  const auto late = pair.inviter.seal("late", random);
  const auto passed = pair.inviter.seal("passed", random);
  const base::Time start{std::chrono::hours(5)};
  ASSERT_TRUE(pair.acceptor.open(passed, start));
  const auto lifetime = std::chrono::seconds(wire::kLifetimeMax_s);
  TagChanges changes;
  pair.acceptor.session.expire(start + lifetime - base::Duration{1}, changes);
  EXPECT_TRUE(changes.removed.empty());
  Session copy = pair.acceptor.session;
  TagChanges ignored;
  EXPECT_TRUE(copy.open(*wire::decode_envelope(late), start, ignored));
  pair.acceptor.session.expire(start + lifetime, changes);
  EXPECT_EQ(changes.removed.size(), 1u);
  pair.acceptor.table.apply(changes);
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
  EXPECT_FALSE(pair.acceptor.open(late, start + lifetime));
}

TEST(Session, AtMostSixtyFourBytesAreAddedBeforePadding) {
  // 36 bytes of header and 16 of authenticator in the body, 8 of tag: with the content's own head
  // of 15 bytes a text of 93 bytes fits the smallest class of 160.
  SeededRandom random(14);
  Pair pair = meet(random);
  const auto fits = pair.inviter.seal(std::string(93, 'a'), random);
  EXPECT_EQ(wire::decode_envelope(fits)->body.size(), 160u);
  const auto more = pair.inviter.seal(std::string(94, 'a'), random);
  EXPECT_EQ(wire::decode_envelope(more)->body.size(), 376u);
}

}  // namespace
}  // namespace chaski::e2ee::test
