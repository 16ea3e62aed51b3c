// SPDX-License-Identifier: Apache-2.0
// What no sequence of frames and moments may do. rapidcheck prints the seed of a failure.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/link/link_pair.hpp"

namespace chaski::link {
namespace {

using base::Bytes;
using State = Link::State;

rc::Gen<Bytes> frames() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<Bytes>(),
      // Handshake-like: right size, right first bytes, the rest anything.
      rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, 6), rc::gen::inRange(0, 256),
                                  rc::gen::container<Bytes>(Link::kHandshakeFrameSize - 2,
                                                            rc::gen::arbitrary<std::uint8_t>())),
                   [](const std::tuple<int, int, Bytes>& parts) {
                     Bytes frame{static_cast<std::uint8_t>(std::get<0>(parts)),
                                 static_cast<std::uint8_t>(std::get<1>(parts))};
                     const Bytes& rest = std::get<2>(parts);
                     frame.insert(frame.end(), rest.begin(), rest.end());
                     return frame;
                   }));
}

TEST(LinkProperty, RandomFramesNeverOpenALinkAndAreNeverAnsweredAtLength) {
  EXPECT_TRUE(rc::check([](bool initiator, std::uint64_t seed) {
    PairOptions options;
    options.seed = seed;
    LinkPair pair(options);
    Link& link = initiator ? pair.initiator() : pair.responder();
    std::size_t in = initiator ? Link::kHandshakeFrameSize : 0;
    std::size_t out = 0;
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) {
      Bytes frame = *frames();
      in += frame.size();
      RC_ASSERT(link.receive(frame, pair.now()).empty());
      for (Bytes answer = pair.take(link); !answer.empty(); answer = pair.take(link)) {
        out += answer.size();
      }
      RC_ASSERT(link.state() != State::open);
      RC_ASSERT(out <= in);
    }
  }));
}

TEST(LinkProperty, WhatIsSealedComesOutInOrder) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed, const std::vector<bool>& directions) {
    PairOptions options;
    options.seed = seed;
    LinkPair pair(options);
    pair.pump();
    RC_ASSERT(pair.both(State::open));
    for (const bool forward : directions) {
      Link& from = forward ? pair.initiator() : pair.responder();
      Link& to = forward ? pair.responder() : pair.initiator();
      const auto payload = *rc::gen::arbitrary<Bytes>();
      Bytes records(payload.size() + 8);
      wire::RecordWriter writer(records);
      RC_ASSERT(writer.add(wire::RecordType::ack, payload));
      records.resize(writer.size());
      Bytes frame = pair.seal(from, records);
      RC_ASSERT(base::equal(to.receive(frame, pair.now()), records));
    }
  }));
}

TEST(LinkProperty, AnOpenLinkNeverTakesWhatItsPeerDidNotSeal) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    PairOptions options;
    options.seed = seed;
    LinkPair pair(options);
    pair.pump();
    Bytes frame = *rc::gen::arbitrary<Bytes>();
    RC_ASSERT(pair.responder().receive(frame, pair.now()).empty());
    RC_ASSERT(pair.responder().state() == State::closed);
  }));
}

}  // namespace
}  // namespace chaski::link
