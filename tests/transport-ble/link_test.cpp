// SPDX-License-Identifier: Apache-2.0
// Links over pipes, on real sockets. Afraid of: a stranger who is answered before he spoke, a frame
// that is lost, cut or doubled, a peer that never reads and makes us keep everything, a link whose
// end is told twice or never.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <deque>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "transport-ble/ble_greeting.hpp"
#include "transport-ble/controller_settings.hpp"
#include "transport-ble/l2cap_pipe.hpp"
#include "transport-ble/pipe_link.hpp"

namespace chaski::transport_ble {
namespace {

using base::LinkRole;
constexpr std::size_t kMtu = 300;

Tag tag_of(std::uint8_t first) {
  Tag tag;
  tag.bytes[0] = first;
  return tag;
}

base::Bytes bytes_of(base::ByteView view) { return {view.begin(), view.end()}; }

base::Bytes random_bytes(base::Random& random, std::size_t size) {
  base::Bytes bytes(size);
  random.fill(bytes);
  return bytes;
}

TEST(BleGreeting, TheBytesOfTheSpecification) {
  const Greeting greeting{Tag{{0x8c, 0x01, 0xf3, 0x5a}}, PipeKind::lane};
  EXPECT_EQ(base::to_hex(encode(greeting)), "434842318c01f35a02");
  EXPECT_EQ(parse_greeting(encode(greeting)), greeting);
}

TEST(BleGreeting, OthersAreNone) {
  auto bytes = bytes_of(encode(Greeting{}));
  bytes[3] = '2';
  EXPECT_FALSE(parse_greeting(bytes)) << "another version";
  bytes = bytes_of(encode(Greeting{}));
  bytes[8] = 3;
  EXPECT_FALSE(parse_greeting(bytes)) << "another kind";
  bytes = bytes_of(encode(Greeting{}));
  EXPECT_FALSE(parse_greeting(base::ByteView(bytes).first(8)));
  bytes.push_back(0);
  EXPECT_FALSE(parse_greeting(bytes));
}

TEST(BleInfo, SaysWhereToConnect) {
  EXPECT_EQ(base::to_hex(encode(ServiceInfo{0x81, 3})), "01008103");
  EXPECT_EQ(parse_info(encode(ServiceInfo{0x81, 3})), (ServiceInfo{0x81, 3}));
  const auto longer = base::from_hex("010081030000");
  EXPECT_EQ(parse_info(*longer), (ServiceInfo{0x81, 3})) << "a later minor change";
  EXPECT_FALSE(parse_info(*base::from_hex("02008103")));
  EXPECT_FALSE(parse_info(*base::from_hex("010081")));
  EXPECT_EQ(parse_info(*base::from_hex("01810005")), ServiceInfo{}) << "neither can be";
}

TEST(ControllerSettings, AreReadFromTheKernelsAnswer) {
  // Command complete, index 0, length, opcode 4, status 0, address, version, manufacturer,
  // supported, current (powered, LE and one more), class.
  const std::string head = "010000000000" "0400" "00" "010203040506" "09" "0200" "ffff0000";
  const auto info = [&](const std::string& current) {
    return parse_controller_info(*base::from_hex(head + current + "000000"));
  };
  EXPECT_EQ(info("11020000"), ControllerSettings{false});
  EXPECT_EQ(info("01220000"), ControllerSettings{true});
  auto failed = *base::from_hex(head + "01220000000000");
  failed[8] = 0x11;
  EXPECT_FALSE(parse_controller_info(failed)) << "there is no such adapter";
  EXPECT_FALSE(parse_controller_info(*base::from_hex(head)));
  EXPECT_FALSE(parse_controller_info({}));
}

TEST(ControllerSettings, AMachineWithoutBluetoothSaysNothing) {
  EXPECT_FALSE(read_controller("eth0"));
  EXPECT_FALSE(read_controller("hci"));
  EXPECT_FALSE(read_controller("hci999999"));
}

/// One owner of links, with frames to send and frames that came.
struct Side {
  explicit Side(boost::asio::io_context& io) : host(std::make_shared<PipeLinkHost>(io)) {
    host->hooks.new_link_id = [this] { return base::LinkId{++last_link}; };
    host->hooks.opened = [this](base::LinkId, LinkRole, std::size_t size_max, std::uint64_t) {
      frame_size_max = size_max;
      if (!refuse) ++opened;
      return !refuse;
    };
    host->hooks.received = [this](base::LinkId, base::MutableByteView frame) {
      came.push_back(bytes_of(frame));
    };
    host->hooks.next_frame = [this](base::LinkId, base::MutableByteView out) -> std::size_t {
      if (to_send.empty()) return 0;
      const base::Bytes frame = to_send.front();
      to_send.pop_front();
      ++pulled;
      std::copy(frame.begin(), frame.end(), out.begin());
      return frame.size();
    };
    host->hooks.closed = [this](base::LinkId) { ++closed; };
    host->hooks.batch_done = [this] { ++batches; };
  }

  std::shared_ptr<PipeLink> link(std::unique_ptr<FramePipe> pipe, LinkRole role,
                                 std::uint8_t tag) {
    PipeLink::Events events;
    events.greeted = [this](const Tag& theirs) {
      heard_tag = theirs;
      return !twice;
    };
    events.carried = [this] { ++carried; };
    events.waiting = [this](bool now) { waiting = now; };
    events.ended = [this](const char* text) {
      ++ended;
      why = text;
    };
    auto made = std::make_shared<PipeLink>(
        host, std::move(pipe), Greeting{tag_of(tag), PipeKind::l2cap}, role, std::move(events));
    made->start();
    return made;
  }

  std::shared_ptr<PipeLinkHost> host;
  std::deque<base::Bytes> to_send;
  std::vector<base::Bytes> came;
  Tag heard_tag;
  std::string why;
  std::uint64_t last_link = 0;
  std::size_t frame_size_max = 0, pulled = 0;
  int opened = 0, closed = 0, ended = 0, batches = 0, carried = 0;
  bool refuse = false, twice = false, waiting = false;
};

class BleLink : public testing::Test {
 protected:
  void SetUp() override {
    int both[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, both), 0);
    left_end = Descriptor(both[0]);
    right_end = Descriptor(both[1]);
  }
  std::unique_ptr<FramePipe> pipe(Descriptor& end) {
    return std::make_unique<L2capPipe>(io, std::move(end), kMtu);
  }
  /// Everything that is ready, and what follows from it.
  void run() {
    io.restart();
    while (io.poll() != 0) {
    }
  }
  bool read_raw(base::Bytes& into) {
    into.resize(4096);
    const ssize_t got = ::recv(right_end.get(), into.data(), into.size(), MSG_DONTWAIT);
    into.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return got >= 0;
  }
  void write_raw(const base::Bytes& bytes) {
    ASSERT_EQ(::send(right_end.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  boost::asio::io_context io;
  Descriptor left_end, right_end;
  Side left{io}, right{io};
};

TEST_F(BleLink, FramesGoBothWaysWholeAndInOrder) {
  base::SeededRandom random(1);
  std::vector<base::Bytes> there, back;
  for (std::size_t i = 0; i < 500; ++i) {
    there.push_back(random_bytes(random, 1 + i % kMtu));
    back.push_back(random_bytes(random, 1 + (i * 7) % kMtu));
  }
  left.to_send.assign(there.begin(), there.end());
  right.to_send.assign(back.begin(), back.end());
  const auto dialler = left.link(pipe(left_end), LinkRole::initiator, 1);
  const auto listener = right.link(pipe(right_end), LinkRole::responder, 2);
  run();
  EXPECT_TRUE(dialler->open() && listener->open());
  EXPECT_EQ(left.heard_tag, tag_of(2));
  EXPECT_EQ(right.heard_tag, tag_of(1));
  EXPECT_EQ(left.frame_size_max, kMtu);
  EXPECT_EQ(right.came, there);
  EXPECT_EQ(left.came, back);
  EXPECT_GT(left.batches, 0);
  EXPECT_LT(left.batches, 500) << "one commit for many frames";
  EXPECT_FALSE(left.waiting);
  EXPECT_GT(left.carried, 0);
}

TEST_F(BleLink, TheListenerSaysNothingToWhoSaysNothing) {
  const auto listener = left.link(pipe(left_end), LinkRole::responder, 1);
  run();
  base::Bytes said;
  EXPECT_FALSE(read_raw(said)) << "it spoke first: " << base::to_hex(said);
  EXPECT_EQ(left.opened, 0);
}

TEST_F(BleLink, AWrongGreetingEndsItWithoutAnAnswer) {
  const auto listener = left.link(pipe(left_end), LinkRole::responder, 1);
  write_raw(base::Bytes(9, 'x'));
  run();
  base::Bytes said;
  EXPECT_TRUE(read_raw(said)) << "it is closed";
  EXPECT_TRUE(said.empty());
  EXPECT_EQ(left.ended, 1);
  EXPECT_EQ(left.opened + left.closed, 0);
}

TEST_F(BleLink, AGreetingOfAnotherKindOfPipeEndsIt) {
  const auto listener = left.link(pipe(left_end), LinkRole::responder, 1);
  write_raw(bytes_of(encode(Greeting{tag_of(2), PipeKind::lane})));
  run();
  EXPECT_EQ(left.ended, 1);
  EXPECT_EQ(left.opened, 0);
}

TEST_F(BleLink, ASecondLinkToTheSameIsRefused) {
  left.twice = true;
  const auto listener = left.link(pipe(left_end), LinkRole::responder, 1);
  write_raw(bytes_of(encode(Greeting{tag_of(2), PipeKind::l2cap})));
  run();
  base::Bytes said;
  EXPECT_TRUE(read_raw(said));
  EXPECT_TRUE(said.empty()) << "who is refused is told nothing";
  EXPECT_EQ(left.opened + left.closed, 0);
  EXPECT_EQ(left.ended, 1);
}

TEST_F(BleLink, WhatTheNodeRefusesIsNotTold) {
  left.refuse = true;
  const auto listener = left.link(pipe(left_end), LinkRole::responder, 1);
  write_raw(bytes_of(encode(Greeting{tag_of(2), PipeKind::l2cap})));
  run();
  EXPECT_EQ(left.closed, 0);
  EXPECT_EQ(left.ended, 1);
}

TEST_F(BleLink, AFrameThatIsTooLongEndsIt) {
  const auto listener = left.link(pipe(left_end), LinkRole::responder, 1);
  write_raw(bytes_of(encode(Greeting{tag_of(2), PipeKind::l2cap})));
  write_raw(base::Bytes(kMtu, 'x'));
  write_raw(base::Bytes(kMtu + 1, 'x'));
  run();
  EXPECT_EQ(left.came.size(), 1u);
  EXPECT_EQ(left.closed, 1);
  EXPECT_EQ(left.ended, 1);
}

TEST_F(BleLink, WhoDoesNotReadIsNotWrittenTo) {
  const auto dialler = left.link(pipe(left_end), LinkRole::initiator, 1);
  write_raw(bytes_of(encode(Greeting{tag_of(2), PipeKind::l2cap})));
  constexpr std::size_t kMany = 100'000;
  left.to_send.assign(kMany, base::Bytes(kMtu, 'x'));
  run();
  EXPECT_TRUE(dialler->open());
  EXPECT_TRUE(left.waiting);
  EXPECT_GT(left.pulled, 0u);
  EXPECT_LT(left.pulled, 5'000u) << "frames are pulled when they can go";
  const std::size_t before = left.pulled;
  run();
  EXPECT_EQ(left.pulled, before);
  // Once it reads, everything goes on, and nothing was lost or doubled on the way.
  base::Bytes said;
  std::size_t got = 0;
  while (got < before + 1'000) {
    if (!read_raw(said)) {
      run();
      continue;
    }
    ASSERT_EQ(said.size(), got == 0 ? kGreetingSize : kMtu);
    ++got;
  }
  EXPECT_GT(left.pulled, before);
}

TEST_F(BleLink, TheGoodbyeIsTheLastThatGoes) {
  const auto dialler = left.link(pipe(left_end), LinkRole::initiator, 1);
  const auto listener = right.link(pipe(right_end), LinkRole::responder, 2);
  run();
  left.to_send.push_back({'b', 'y', 'e'});
  dialler->close();
  run();
  ASSERT_EQ(right.came.size(), 1u);
  EXPECT_EQ(right.came[0], (base::Bytes{'b', 'y', 'e'}));
  EXPECT_EQ(left.ended, 0) << "it waits for the other to have read it";
  listener->close();  // it has nothing to say
  run();
  EXPECT_EQ(left.ended, 1);
  EXPECT_EQ(left.closed, 1);
  EXPECT_EQ(right.closed, 1);
}

TEST_F(BleLink, TheEndIsToldOnceWhoeverEndsIt) {
  const auto dialler = left.link(pipe(left_end), LinkRole::initiator, 1);
  const auto listener = right.link(pipe(right_end), LinkRole::responder, 2);
  run();
  dialler->abort("gone");
  dialler->abort("gone again");
  dialler->close();
  EXPECT_EQ(left.closed, 0) << "not from within the call";
  run();
  EXPECT_EQ(left.closed, 1);
  EXPECT_EQ(left.ended, 1);
  EXPECT_EQ(right.closed, 1);
  EXPECT_EQ(right.why, "it closed the channel");
}

TEST_F(BleLink, AnOwnerThatIsGoneHearsNothing) {
  const auto dialler = left.link(pipe(left_end), LinkRole::initiator, 1);
  const auto listener = right.link(pipe(right_end), LinkRole::responder, 2);
  run();
  left.host->alive = false;
  right.to_send.push_back({'x'});
  listener->kick();
  dialler->abort("gone");
  run();
  EXPECT_TRUE(left.came.empty());
  EXPECT_EQ(left.closed, 0);
}

}  // namespace
}  // namespace chaski::transport_ble
