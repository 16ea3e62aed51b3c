// SPDX-License-Identifier: Apache-2.0
// An open link: records, closing, order, rekeying.
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "tests/link/link_pair.hpp"

namespace chaski::link {
namespace {

using base::Bytes;
using base::LinkRole;
using State = Link::State;

const Bytes kReady{21, 0};  // one record: ready, empty

struct OpenPair : LinkPair {
  explicit OpenPair(const PairOptions& options = {}) : LinkPair(options) {
    pump();
    EXPECT_TRUE(both(State::open));
  }
};

TEST(Transport, CarriesRecordsBothWays) {
  OpenPair pair;
  for (int i = 0; i < 3; ++i) {
    Bytes frame = pair.seal(pair.initiator(), kReady);
    EXPECT_TRUE(base::equal(pair.responder().receive(frame, pair.now()), kReady));
    Bytes back = pair.seal(pair.responder(), kReady);
    EXPECT_TRUE(base::equal(pair.initiator().receive(back, pair.now()), kReady));
  }
}

TEST(Transport, DecryptsInPlace) {
  OpenPair pair;
  Bytes frame = pair.seal(pair.initiator(), kReady);
  EXPECT_EQ(pair.responder().receive(frame, pair.now()).data(), frame.data());
}

TEST(Transport, EveryBitFlipEndsTheLink) {
  for (std::size_t bit = 0; bit < 8 * (2 + Link::kSealOverhead); ++bit) {
    OpenPair pair;
    Bytes frame = pair.seal(pair.initiator(), kReady);
    frame[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_TRUE(pair.responder().receive(frame, pair.now()).empty());
    EXPECT_EQ(pair.responder().close_reason(), CloseReason::protocol_error);
  }
}

TEST(Transport, EveryOtherLengthEndsTheLink) {
  for (std::size_t size = 0; size <= 300; ++size) {
    if (size == 2 + Link::kSealOverhead) continue;
    OpenPair pair;
    Bytes frame = pair.seal(pair.initiator(), kReady);
    frame.resize(size);
    EXPECT_TRUE(pair.responder().receive(frame, pair.now()).empty());
    EXPECT_EQ(pair.responder().state(), State::closed) << size;
  }
}

TEST(Transport, ARepeatedLostOrSwappedFrameEndsTheLink) {
  {
    OpenPair pair;
    Bytes frame = pair.seal(pair.initiator(), kReady);
    Bytes again = frame;
    pair.responder().receive(frame, pair.now());
    EXPECT_EQ(pair.responder().state(), State::open);
    pair.responder().receive(again, pair.now());
    EXPECT_EQ(pair.responder().state(), State::closed);
  }
  OpenPair pair;
  Bytes first = pair.seal(pair.initiator(), kReady);
  Bytes second = pair.seal(pair.initiator(), kReady);
  pair.responder().receive(second, pair.now());
  EXPECT_EQ(pair.responder().state(), State::closed);
}

TEST(Transport, AFrameOfAnotherLinkEndsTheLink) {
  OpenPair pair;
  PairOptions options;
  options.seed = 77;
  OpenPair other(options);
  Bytes frame = other.seal(other.initiator(), kReady);
  pair.responder().receive(frame, pair.now());
  EXPECT_EQ(pair.responder().state(), State::closed);
}

TEST(Transport, AFrameLargerThanWasOfferedEndsTheLink) {
  PairOptions options;
  options.frame_size_max = 64;
  OpenPair pair(options);
  EXPECT_EQ(pair.initiator().peer_hello().frame_size_max, 64U);
  Bytes padding(64);
  padding[1] = 62;
  Bytes frame = pair.seal(pair.initiator(), padding);
  EXPECT_EQ(pair.responder().receive(frame, pair.now()).size(), 64U);
  Bytes huge(65 + Link::kSealOverhead);
  pair.responder().receive(huge, pair.now());
  EXPECT_EQ(pair.responder().state(), State::closed);
}

TEST(Transport, BrokenRecordsEndTheLinkAndThePeerIsTold) {
  OpenPair pair;
  Bytes frame = pair.seal(pair.initiator(), Bytes{20, 9, 1});
  EXPECT_TRUE(pair.responder().receive(frame, pair.now()).empty());
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::protocol_error);
  pair.pump();
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::peer_closed);
}

TEST(Transport, UnknownRecordsAreHandedOn) {
  OpenPair pair;
  const Bytes records{200, 3, 1, 2, 3, 9, 0, 21, 0};
  Bytes frame = pair.seal(pair.initiator(), records);
  EXPECT_TRUE(base::equal(pair.responder().receive(frame, pair.now()), records));
  EXPECT_EQ(pair.responder().state(), State::open);
}

TEST(Transport, APingIsAnsweredOnceHoweverOftenItCame) {
  OpenPair pair;
  Bytes pings;
  for (int i = 0; i < 100; ++i) pings.insert(pings.end(), {1, 0});
  Bytes frame = pair.seal(pair.initiator(), pings);
  pair.responder().receive(frame, pair.now());
  EXPECT_EQ(pair.take(pair.responder()).size(), 2 + Link::kSealOverhead);
  EXPECT_TRUE(pair.take(pair.responder()).empty());
}

TEST(Transport, ClosingIsTheLastFrame) {
  OpenPair pair;
  pair.initiator().close(CloseReason::duplicate, pair.now());
  EXPECT_EQ(pair.initiator().state(), State::closed);
  Bytes last = pair.take(pair.initiator());
  EXPECT_EQ(last.size(), 3 + Link::kSealOverhead);
  EXPECT_TRUE(pair.take(pair.initiator()).empty());
  pair.responder().receive(last, pair.now());
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::peer_closed);
  EXPECT_TRUE(pair.take(pair.responder()).empty()) << "a close is not answered";
}

TEST(Transport, WhatWasSaidBeforeTheCloseCounts) {
  OpenPair pair;
  const Bytes records{21, 0, 1, 0, 3, 1, 1, 200, 0};
  Bytes frame = pair.seal(pair.initiator(), records);
  EXPECT_TRUE(base::equal(pair.responder().receive(frame, pair.now()), Bytes{21, 0, 1, 0}));
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::peer_closed);
}

TEST(Transport, TheFirstReasonStays) {
  OpenPair pair;
  pair.initiator().close(CloseReason::going_away, pair.now());
  pair.initiator().close(CloseReason::duplicate, pair.now());
  pair.initiator().transport_closed();
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::going_away);
  EXPECT_TRUE(pair.take(pair.initiator()).empty()) << "there is no transport any more";
}

TEST(Transport, ReasonsOfOurOwnAreNotSent) {
  OpenPair pair;
  pair.initiator().close(CloseReason::silent, pair.now());
  EXPECT_TRUE(pair.take(pair.initiator()).empty());
}

TEST(Transport, AClosedLinkIsDeaf) {
  OpenPair pair;
  Bytes frame = pair.seal(pair.initiator(), kReady);
  pair.responder().transport_closed();
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::transport);
  EXPECT_TRUE(pair.responder().receive(frame, pair.now()).empty());
}

TEST(Transport, RekeysAndGoesOn) {
  // Five more than two rekeyings, both ways at different counts.
  OpenPair pair;
  for (std::uint64_t i = 0; i < 2 * Link::kRekeyAfter + 5; ++i) {
    Bytes frame = pair.seal(pair.initiator(), kReady);
    ASSERT_EQ(pair.responder().receive(frame, pair.now()).size(), kReady.size()) << i;
    if (i % 3 != 0) continue;
    Bytes back = pair.seal(pair.responder(), kReady);
    ASSERT_EQ(pair.initiator().receive(back, pair.now()).size(), kReady.size()) << i;
  }
  EXPECT_TRUE(pair.both(State::open));
}

TEST(Transport, CarriesTheLargestFrame) {
  OpenPair pair;
  Bytes records(wire::kFrameSizeMax);
  wire::RecordWriter writer(records);
  ASSERT_TRUE(writer.add(wire::RecordType::padding, writer.payload_room()));
  ASSERT_EQ(writer.size(), records.size());
  Bytes frame = pair.seal(pair.initiator(), records);
  EXPECT_EQ(frame.size(), 65'535U);
  EXPECT_TRUE(base::equal(pair.responder().receive(frame, pair.now()), records));
}

TEST(Transport, LinksMove) {
  OpenPair pair;
  Link moved = std::move(pair.initiator());
  Bytes frame = pair.seal(moved, kReady);
  EXPECT_TRUE(base::equal(pair.responder().receive(frame, pair.now()), kReady));
}

TEST(CloseReason, HasANameForEach) {
  for (const int reason : {1, 2, 3, 4, 16, 17, 18, 19, 20, 21, 22}) {
    EXPECT_STRNE(to_string(static_cast<CloseReason>(reason)), "unknown reason") << reason;
  }
}

}  // namespace
}  // namespace chaski::link
