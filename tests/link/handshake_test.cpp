// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sodium.h>

#include "base/hex.hpp"
#include "link/handshake.hpp"
#include "tests/link/link_pair.hpp"

namespace chaski::link {
namespace {

using base::Bytes;
using base::LinkRole;
using State = Link::State;

constexpr std::size_t kFrameSize = Link::kHandshakeFrameSize;

TEST(Handshake, OpensBothEndsAndTellsThemTheSame) {
  LinkPair pair;
  pair.pump();
  ASSERT_TRUE(pair.both(State::open));
  EXPECT_EQ(pair.initiator().peer(), pair.responder_key().public_key());
  EXPECT_EQ(pair.responder().peer(), pair.initiator_key().public_key());
  EXPECT_EQ(pair.initiator().peer_hello().capabilities, 0xAU);
  EXPECT_EQ(pair.responder().peer_hello().capabilities, 0x5U);
  EXPECT_EQ(pair.initiator().peer_hello().frame_size_max, wire::kFrameSizeMax);
  EXPECT_TRUE(base::equal(pair.initiator().handshake_hash(), pair.responder().handshake_hash()));
  EXPECT_EQ(pair.initiator().derive("one use"), pair.responder().derive("one use"));
  EXPECT_NE(pair.initiator().derive("one use"), pair.initiator().derive("another"));
}

TEST(Handshake, IsThreeFramesOfOneSizeAndAnEmptyConfirmation) {
  LinkPair pair;
  pair.pump();
  ASSERT_EQ(pair.frames().size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(pair.frames()[i].size(), kFrameSize);
  EXPECT_EQ(pair.frames()[3].size(), Link::kSealOverhead);
}

TEST(Handshake, InitiatorIsOpenOnlyOnceTheResponderProvedItsKeys) {
  LinkPair pair;
  pair.move(pair.initiator(), pair.responder(), LinkRole::initiator);
  pair.move(pair.responder(), pair.initiator(), LinkRole::responder);
  pair.move(pair.initiator(), pair.responder(), LinkRole::initiator);
  EXPECT_EQ(pair.responder().state(), State::open);
  EXPECT_EQ(pair.initiator().state(), State::handshake);
  pair.move(pair.responder(), pair.initiator(), LinkRole::responder);
  EXPECT_EQ(pair.initiator().state(), State::open);
}

TEST(Handshake, OpensWithANetworkKey) {
  PairOptions options;
  options.initiator_network_key = network_key(3);
  options.responder_network_key = network_key(3);
  LinkPair pair(options);
  pair.pump();
  EXPECT_TRUE(pair.both(State::open));
}

void expect_never_open(const PairOptions& options) {
  LinkPair pair(options);
  pair.pump([&](LinkRole, Bytes&) {
    EXPECT_NE(pair.initiator().state(), State::open);
    EXPECT_NE(pair.responder().state(), State::open);
    return true;
  });
  EXPECT_TRUE(pair.both(State::closed));
}

TEST(Handshake, AnotherNetworkKeyNeverOpens) {
  PairOptions options;
  options.initiator_network_key = network_key(3);
  options.responder_network_key = network_key(4);
  expect_never_open(options);
}

TEST(Handshake, ANetworkKeyAtOneEndOnlyNeverOpens) {
  PairOptions options;
  options.initiator_network_key = network_key(3);
  expect_never_open(options);
  std::swap(options.initiator_network_key, options.responder_network_key);
  expect_never_open(options);
}

TEST(Handshake, AFirstFrameWithANetworkKeyIsNotAnsweredWhereThereIsNone) {
  PairOptions options;
  options.initiator_network_key = network_key(3);
  LinkPair pair(options);
  pair.pump();
  EXPECT_EQ(pair.frames().size(), 1U) << "its payload is not zeros";
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::handshake_failed);
}

TEST(Handshake, NoticesThatItTalksToItself) {
  PairOptions options;
  options.same_node_key = true;
  LinkPair pair(options);
  pair.pump();
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::self);
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::transport);
}

/// Runs a handshake in which frame `index` is replaced by `change`; neither end may open.
void expect_closes(std::size_t index, const std::function<void(Bytes&)>& change,
                   const PairOptions& options = {}) {
  LinkPair pair(options);
  std::size_t at = 0;
  pair.pump([&](LinkRole, Bytes& frame) {
    if (at++ == index) change(frame);
    return true;
  });
  EXPECT_EQ(pair.initiator().state(), State::closed) << "frame " << index;
  EXPECT_EQ(pair.responder().state(), State::closed) << "frame " << index;
}

TEST(Handshake, EveryOtherLengthOfEveryFrameCloses) {
  for (std::size_t index = 0; index < 3; ++index) {
    for (std::size_t size = 0; size <= 300; ++size) {
      if (size == kFrameSize) continue;
      expect_closes(index, [&](Bytes& frame) { frame.resize(size); });
      if (HasFailure()) FAIL() << "frame " << index << " of " << size << " bytes";
    }
  }
}

void every_bit_flip_closes(const PairOptions& options) {
  for (std::size_t index = 0; index < 3; ++index) {
    for (std::size_t bit = 0; bit < 8 * kFrameSize; ++bit) {
      expect_closes(
          index,
          [&](Bytes& frame) { frame[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8)); },
          options);
      if (testing::Test::HasFailure()) FAIL() << "frame " << index << " bit " << bit;
    }
  }
}

TEST(Handshake, EveryBitFlipOfEveryFrameCloses) { every_bit_flip_closes({}); }

TEST(Handshake, EveryBitFlipOfEveryFrameClosesWithANetworkKey) {
  PairOptions options;
  options.initiator_network_key = network_key(3);
  options.responder_network_key = network_key(3);
  every_bit_flip_closes(options);
}

TEST(Handshake, AReplayedFirstFrameLeadsNowhere) {
  LinkPair recorded;
  recorded.pump();
  PairOptions options;
  options.seed = 2;
  LinkPair fresh(options);
  Bytes first = recorded.frames()[0];
  fresh.responder().receive(first, fresh.now());
  EXPECT_FALSE(fresh.take(fresh.responder()).empty()) << "it cannot know yet";
  Bytes third = recorded.frames()[2];
  fresh.responder().receive(third, fresh.now());
  EXPECT_EQ(fresh.responder().close_reason(), CloseReason::handshake_failed);
}

TEST(Handshake, AFrameOutOfTurnCloses) {
  LinkPair pair;
  Bytes first = pair.take(pair.initiator());
  Bytes again = first;
  pair.responder().receive(first, pair.now());
  pair.responder().receive(again, pair.now());
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::handshake_failed);
}

TEST(Handshake, AReflectedFirstFrameCloses) {
  LinkPair pair;
  Bytes first = pair.take(pair.initiator());
  Bytes as_second = first;
  as_second[0] = static_cast<std::uint8_t>(FrameType::message_2);
  as_second[1] = 0;
  pair.initiator().receive(first, pair.now());
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::handshake_failed);
  LinkPair other;
  other.take(other.initiator());
  other.initiator().receive(as_second, other.now());
  EXPECT_EQ(other.initiator().close_reason(), CloseReason::handshake_failed);
}

TEST(Handshake, AReflectedTransportFrameCloses) {
  LinkPair pair;
  pair.pump();
  ASSERT_TRUE(pair.both(State::open));
  Bytes frame = pair.seal(pair.initiator(), Bytes{20, 0});
  pair.initiator().receive(frame, pair.now());
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::protocol_error);
}

TEST(Handshake, NeverAnswersAStrangerWithMoreBytesThanCame) {
  for (std::size_t size = 0; size <= 300; ++size) {
    LinkPair pair;
    Bytes frame = pair.take(pair.initiator());
    frame.resize(size);
    pair.responder().receive(frame, pair.now());
    std::size_t answered = 0;
    for (Bytes out = pair.take(pair.responder()); !out.empty(); out = pair.take(pair.responder())) {
      answered += out.size();
    }
    EXPECT_LE(answered, size);
  }
}

TEST(Handshake, NoVersionInCommonIsSaidOnBothSides) {
  LinkPair pair;
  pair.pump([](LinkRole from, Bytes& frame) {
    if (from == LinkRole::initiator) frame[1] = VersionRange{2, 5}.packed();
    return true;
  });
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::version);
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::version);
  ASSERT_EQ(pair.frames().size(), 2U);
  EXPECT_EQ(pair.frames()[1].size(), kFrameSize);
  EXPECT_EQ(pair.frames()[1][1], kVersions.packed());
}

TEST(Handshake, AVersionRangeThatIsNoneCloses) {
  for (const int byte : {0x00, 0x01, 0x0F, 0x21, 0xF1}) {
    LinkPair pair;
    pair.pump([&](LinkRole from, Bytes& frame) {
      if (from == LinkRole::initiator) frame[1] = static_cast<std::uint8_t>(byte);
      return true;
    });
    EXPECT_EQ(pair.responder().close_reason(), CloseReason::handshake_failed) << byte;
  }
}

TEST(Handshake, AWiderRangeThatWasNotOfferedIsNoticed) {
  LinkPair pair;
  pair.pump([](LinkRole from, Bytes& frame) {
    if (from == LinkRole::initiator && frame[0] == 1) frame[1] = VersionRange{1, 9}.packed();
    return true;
  });
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::handshake_failed);
}

TEST(VersionRange, PicksTheHighestInCommon) {
  EXPECT_EQ(common_version({1, 3}, {2, 7}), 3);
  EXPECT_EQ(common_version({4, 4}, {1, 15}), 4);
  EXPECT_EQ(common_version({1, 2}, {3, 4}), std::nullopt);
  EXPECT_EQ(common_version({5, 6}, {1, 4}), std::nullopt);
  for (int byte = 0; byte < 256; ++byte) {
    const auto range = VersionRange::unpack(static_cast<std::uint8_t>(byte));
    if (range) {
      EXPECT_EQ(range->packed(), byte);
    }
  }
}

TEST(Handshake, EveryLinkHasAHashOfItsOwn) {
  PairOptions options;
  LinkPair first(options);
  options.seed = 9;
  LinkPair second(options);
  first.pump();
  second.pump();
  EXPECT_FALSE(
      base::equal(first.initiator().handshake_hash(), second.initiator().handshake_hash()));
}

TEST(Handshake, NothingOfOneIsInTheClearInAnother) {
  // The static keys cross encrypted: neither stands anywhere in the frames.
  LinkPair pair;
  pair.pump();
  for (const Bytes& frame : pair.frames()) {
    for (const NodeKey* key : {&pair.initiator_key(), &pair.responder_key()}) {
      const auto view = key->public_key().view();
      EXPECT_EQ(std::search(frame.begin(), frame.end(), view.begin(), view.end()), frame.end());
    }
  }
}

TEST(NodeKey, IsTheOneOfItsSecret) {
  base::SeededRandom random(4);
  const NodeKey key = NodeKey::generate(random);
  EXPECT_EQ(NodeKey::from_secret(key.secret()).public_key(), key.public_key());
  std::array<std::uint8_t, 32> expected{};
  crypto_scalarmult_base(expected.data(), key.secret().data());
  EXPECT_EQ(key.public_key().bytes, expected);
}

}  // namespace
}  // namespace chaski::link
