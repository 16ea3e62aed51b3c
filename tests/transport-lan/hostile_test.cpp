// SPDX-License-Identifier: Apache-2.0
// Peers that lie, say nothing, or want too much: counted, closed, bounded; others are unharmed.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>

#include "base/random.hpp"
#include "party.hpp"
#include "raw_peer.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CHASKI_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CHASKI_TEST_SANITIZED 1
#endif
#endif

namespace chaski::transport_lan {
namespace {

using namespace std::chrono_literals;

class Hostile : public ::testing::Test {
 protected:
  void start(LanConfig config = loopback()) {
    ridge = std::make_unique<Party>(io, "ridge", std::move(config));
    ridge->greets = false;
    ridge->transport.start();
    port = ridge->transport.status().port;
  }
  /// A peer whose link is open.
  std::unique_ptr<RawPeer> guest() {
    auto peer = std::make_unique<RawPeer>(io, port);
    peer->say(RawPeer::preamble());
    const auto before = ridge->opened;
    EXPECT_TRUE(run_until(io, 5s, [&] { return ridge->opened > before; }));
    return peer;
  }
  bool closes(RawPeer& peer, std::chrono::milliseconds within = 5s) {
    return run_until(io, within, [&] { return !peer.listen(); });
  }

  boost::asio::io_context io;
  std::unique_ptr<Party> ridge;
  std::uint16_t port = 0;
};

TEST_F(Hostile, NothingIsAnsweredBeforeThePreambleIsComplete) {
  start();
  RawPeer peer(io, port);
  const auto preamble = RawPeer::preamble();
  peer.say(preamble.substr(0, 11));
  run_for(io, 300ms);
  EXPECT_TRUE(peer.listen());
  EXPECT_EQ(peer.heard, "");
  peer.say(preamble.substr(11));
  ASSERT_TRUE(run_until(io, 5s, [&] { peer.listen(); return peer.heard.size() >= 12; }));
  EXPECT_EQ(peer.heard.size(), 12u);
  EXPECT_EQ(peer.heard.substr(0, 4), "CHK1");
  EXPECT_EQ(ridge->opened, 1u);
}

TEST_F(Hostile, AWrongPreambleIsClosedUnanswered) {
  start();
  RawPeer peer(io, port);
  peer.say("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(closes(peer, 2s));
  EXPECT_EQ(peer.heard, "");
  EXPECT_EQ(ridge->opened, 0u);
  EXPECT_EQ(ridge->closed, 0u);
}

TEST_F(Hostile, ASilentPeerIsClosedAfterFiveSeconds) {
  start();
  RawPeer silent(io, port), half(io, port);
  half.say("CHK1");
  run_for(io, 4000ms);
  EXPECT_TRUE(silent.listen());
  EXPECT_TRUE(closes(silent, 3s));
  EXPECT_TRUE(closes(half, 3s));
  EXPECT_EQ(silent.heard + half.heard, "");
  EXPECT_EQ(ridge->opened, 0u);
}

TEST_F(Hostile, ForbiddenLengthsCloseTheLinkOnce) {
  start();
  for (const std::uint32_t length : {0u, 65'536u, 0x01000000u, 0xFFFFFFFFu}) {
    const auto closed = ridge->closed;
    auto peer = guest();
    peer->say(RawPeer::frame("fine") + RawPeer::length(length) + "rest");
    EXPECT_TRUE(closes(*peer)) << length;
    EXPECT_TRUE(run_until(io, 2s, [&] { return ridge->closed == closed + 1; })) << length;
  }
  EXPECT_EQ(ridge->transport.status().connections, 0u);
}

TEST_F(Hostile, FramesInPiecesOfOneByteArriveWhole) {
  start();
  auto peer = guest();
  const auto bytes = RawPeer::frame("first") + RawPeer::frame("second");
  for (const char byte : bytes) {
    peer->say(std::string(1, byte));
    run_for(io, 1ms);
  }
  auto& neighbour = ridge->links.begin()->second;
  ASSERT_TRUE(run_until(io, 2s, [&] { return neighbour.count == 2; }));
  EXPECT_EQ(neighbour.frames, (std::vector<std::string>{"first", "second"}));
}

TEST_F(Hostile, APeerThatNeverReadsMakesUsPullNoMore) {
  start();
  ridge->endless = 50'000;
  auto peer = guest();
  ridge->transport.kick(ridge->links.begin()->first);
  run_for(io, 500ms);
  const auto pulled = ridge->pulled;
  run_for(io, 500ms);
  EXPECT_EQ(ridge->pulled, pulled) << "the socket is full: nothing more is pulled";
  EXPECT_LT(pulled, 24u << 20) << "what the kernel holds, and one buffer of ours";
  // It reads after all: everything is there, in order, and it goes on.
  std::uint64_t read = 0;
  EXPECT_TRUE(run_until(io, 10s, [&] {
    peer->listen();
    read += peer->heard.size();
    peer->heard.clear();
    return read > 2 * pulled;
  }));
}

TEST_F(Hostile, ConnectAndReset) {
  start();
  for (int i = 0; i < 300; ++i) {
    RawPeer peer(io, port);
    if (i % 3 != 0) peer.say(RawPeer::preamble());
    if (i % 3 == 2) peer.say(RawPeer::frame("x"));
    set_reset_on_close(peer.socket);
    peer.socket.close();
    io.poll();
  }
  EXPECT_TRUE(run_until(io, 6s, [&] {
    return ridge->transport.status().connections == 0 && ridge->transport.status().dialling == 0;
  }));
  EXPECT_EQ(ridge->opened, ridge->closed);
  EXPECT_TRUE(guest()->listen());
}

TEST_F(Hostile, ConnectionsPerAddressAreLimited) {
  auto config = loopback();
  config.connections_per_address_max = 3;
  start(config);
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 3; ++i) peers.push_back(guest());
  RawPeer fourth(io, port);
  EXPECT_TRUE(closes(fourth));
  peers.pop_back();
  EXPECT_TRUE(run_until(io, 5s, [&] { return ridge->transport.status().connections == 2; }));
  EXPECT_TRUE(guest()->listen()) << "a place that became free is given again";
}

TEST_F(Hostile, TenThousandConnectionsAgainstTheLimit) {
  auto config = loopback();
  config.connections_max = 64;
  config.connections_per_address_max = 64;
  start(config);
  auto friendly = guest();
  std::uint64_t closed = 0;
  std::vector<std::unique_ptr<RawPeer>> held;
  for (int i = 0; i < 10'000; ++i) {
    held.push_back(std::make_unique<RawPeer>(io, port));
    if (held.size() < 200) continue;
    io.poll();
    ASSERT_LE(ridge->transport.status().connections + ridge->transport.status().dialling, 64u);
    std::erase_if(held, [&](const auto& peer) {
      const bool gone = !peer->listen();
      closed += gone;
      return gone;
    });
    if (held.size() > 400) held.erase(held.begin(), held.begin() + 100);
  }
  EXPECT_GT(closed, 5'000u) << "those over the limit are closed at once";
  friendly->say(RawPeer::frame("still served"));
  EXPECT_TRUE(run_until(io, 3s, [&] { return ridge->links.begin()->second.count == 1; }));
  held.clear();
  EXPECT_TRUE(run_until(io, 8s, [&] { return ridge->transport.status().dialling == 0; }));
  EXPECT_TRUE(guest()->listen());
}

std::size_t rss_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    std::size_t kib = 0;
    status >> kib;
    return kib;
  }
  return 0;
}

TEST_F(Hostile, ThousandsOfIdleConnectionsHoldLittleMemory) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  // Both ends are in this process.
  const std::size_t wanted = std::min<std::size_t>(10'000, (files.rlim_cur - 200) / 2);
  if (wanted < 10'000) {
    printf("limit of open files is %llu: %zu connections instead of 10000\n",
           static_cast<unsigned long long>(files.rlim_cur), wanted);
  }
  auto config = loopback();
  config.connections_max = config.connections_per_address_max = 20'000;
  start(config);
  std::vector<std::unique_ptr<RawPeer>> peers;
  const auto before = rss_kib();
  const auto preamble = RawPeer::preamble();
  for (std::size_t i = 0; i < wanted; ++i) {
    peers.push_back(std::make_unique<RawPeer>(io, port));
    peers.back()->say(preamble + RawPeer::frame(std::string(1000, 'x')));
    if (i % 100 == 0) io.poll();
  }
  ASSERT_TRUE(run_until(io, 60s, [&] { return ridge->transport.status().connections == wanted; }));
  const auto each = (rss_kib() - before) * 1024 / wanted;
  printf("%zu idle connections, %zu bytes each, both ends and the test's own\n", wanted, each);
#ifndef CHASKI_TEST_SANITIZED
  EXPECT_LT(each, 6'000u);
#endif
}

TEST_F(Hostile, JunkAtFullSpeedHarmsNobodyElse) {
  start();
  auto config = loopback();
  config.peers = {at_port(port)};
  Party north(io, "north", config);
  north.greets = false;
  north.transport.start();
  ASSERT_TRUE(run_until(io, 5s, [&] { return north.links.size() == 1; }));
  base::SeededRandom random(11);
  std::string junk(60'000, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(junk.data()), junk.size()});
  std::vector<std::unique_ptr<RawPeer>> crowd;
  std::uint64_t closed = 0;
  const auto end = std::chrono::steady_clock::now() + 2s;
  while (std::chrono::steady_clock::now() < end) {
    while (crowd.size() < 8) {
      crowd.push_back(std::make_unique<RawPeer>(io, port));
      if (random.below(2) == 0) crowd.back()->say(RawPeer::preamble());
    }
    for (auto& peer : crowd) {
      // Well-framed junk from some: it reaches the owner, whose handshake refuses it.
      peer->say(random.below(2) == 0 ? junk : RawPeer::frame(junk));
    }
    north.send(north.links.begin()->first, "through the noise");
    io.poll();
    closed += std::erase_if(crowd, [](const auto& peer) { return !peer->listen(); });
  }
  EXPECT_GT(closed, 20u);
  const auto sent = north.pulled / 17;
  EXPECT_GT(sent, 0u);
  EXPECT_TRUE(run_until(io, 3s, [&] {
    return std::any_of(ridge->links.begin(), ridge->links.end(),
                       [&](const auto& item) { return item.second.count >= sent; });
  }));
}

TEST_F(Hostile, OutOfDescriptorsPausesAndGoesOn) {
#ifdef CHASKI_TEST_SANITIZED
  GTEST_SKIP() << "sanitizers need descriptors of their own; the step 'unsanitized' runs it";
#endif
  start();
  auto before = guest();
  rlimit old{};
  getrlimit(RLIMIT_NOFILE, &old);
  // Connected by the kernel already, but no descriptor is left for our end.
  RawPeer waiting(io, port);
  waiting.say(RawPeer::preamble());
  rlimit none = old;
  none.rlim_cur = 3;
  setrlimit(RLIMIT_NOFILE, &none);
  run_for(io, 600ms);
  EXPECT_EQ(ridge->opened, 1u);
  EXPECT_EQ(ridge->logged.size(), 1u) << "said once";
  setrlimit(RLIMIT_NOFILE, &old);
  EXPECT_TRUE(run_until(io, 3s, [&] { return ridge->opened == 2; }));
}

TEST_F(Hostile, AClaimedInstanceIdFromElsewhereDoesNotKeepUsFromDialling) {
  // Anybody can read an instance id and say it: believed only from where that instance is.
  auto other = std::make_unique<Party>(io, "other", loopback());
  other->greets = false;
  other->transport.start();
  const auto other_port = other->transport.status().port;
  RawPeer curious(io, other_port);
  curious.say(RawPeer::preamble());
  ASSERT_TRUE(run_until(io, 2s, [&] { curious.listen(); return curious.heard.size() == 12; }));
  auto config = loopback();
  config.peers = {at_port(other_port)};
  start(config);
  ASSERT_TRUE(run_until(io, 5s, [&] { return ridge->opened == 1; }));

  using namespace boost::asio::ip;
  RawPeer liar(io);
  liar.socket.open(tcp::v4());
  liar.socket.bind(tcp::endpoint(make_address("127.0.0.9"), 0));
  liar.connect(port);
  liar.say(curious.heard);  // the other's preamble
  ASSERT_TRUE(run_until(io, 5s, [&] { return ridge->opened == 2; }));
  other.reset();
  ASSERT_TRUE(run_until(io, 5s, [&] { return ridge->closed == 1; }));
  auto again = loopback();
  again.port = other_port;
  other = std::make_unique<Party>(io, "other", again);
  other->greets = false;
  other->transport.start();
  EXPECT_TRUE(run_until(io, 7s, [&] { return ridge->opened == 3; }));
  EXPECT_TRUE(liar.listen());
}

TEST_F(Hostile, AnOwnerThatClosesWithinReceivedIsNotCalledAgain) {
  // What went wrong once: frames left in the buffer were delivered after the owner had closed.
  start();
  auto peer = guest();
  const auto link = ridge->links.begin()->first;
  ridge->links.at(link).out.push_back("goodbye");
  std::string many;
  for (int i = 0; i < 100; ++i) many += RawPeer::frame("x");
  peer->say(many);
  ASSERT_TRUE(run_until(io, 2s, [&] {
    auto found = ridge->links.find(link);
    if (found != ridge->links.end() && found->second.count > 0) ridge->transport.close(link);
    return ridge->closed == 1 || !peer->listen();
  }));
  EXPECT_TRUE(closes(*peer));
  EXPECT_EQ(peer->heard.substr(12), RawPeer::frame("goodbye"));
}

}  // namespace
}  // namespace chaski::transport_lan
