// SPDX-License-Identifier: Apache-2.0
// Two or three transports on loopback, named in each other's config.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "party.hpp"

namespace chaski::transport_lan {
namespace {

using namespace std::chrono_literals;

class Links : public ::testing::Test {
 protected:
  std::unique_ptr<Party> party(const std::string& name, LanConfig config = loopback()) {
    auto made = std::make_unique<Party>(io, name, std::move(config));
    made->transport.start();
    return made;
  }
  std::unique_ptr<Party> dialler(const std::string& name, const Party& to,
                                 LanConfig config = loopback()) {
    config.peers = {at_port(to.transport.status().port)};
    return party(name, std::move(config));
  }
  bool met(Party& a, Party& b, std::chrono::milliseconds within = 5s) {
    return run_until(io, within,
                     [&] { return a.links_to(b.name) == 1 && b.links_to(a.name) == 1; });
  }

  boost::asio::io_context io;
};

std::string frame_of(base::SeededRandom& random, std::size_t size) {
  std::string frame(size, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(frame.data()), frame.size()});
  return frame;
}

TEST_F(Links, KernelChoosesThePortAndStatusSaysIt) {
  auto ridge = party("ridge");
  const auto status = ridge->transport.status();
  EXPECT_TRUE(status.listening);
  EXPECT_NE(status.port, 0);
  EXPECT_EQ(status.listen_problem, "");
  EXPECT_EQ(status.discovery_problem, "");
  EXPECT_EQ(status.connections, 0u);
}

TEST_F(Links, FramesGoBothWaysInOrder) {
  auto ridge = party("ridge");
  auto north = dialler("north", *ridge);
  ASSERT_TRUE(met(*north, *ridge));
  EXPECT_EQ(north->links.begin()->second.role, base::LinkRole::initiator);
  EXPECT_EQ(ridge->links.begin()->second.role, base::LinkRole::responder);

  base::SeededRandom random(20260101);
  std::vector<std::string> there, back;
  for (int i = 0; i < 3000; ++i) {
    there.push_back(frame_of(random, 1 + random.below(700)));
    back.push_back(frame_of(random, 1 + random.below(700)));
    north->send(north->link_to("ridge"), there.back());
    ridge->send(ridge->link_to("north"), back.back());
  }
  ASSERT_TRUE(run_until(io, 10s, [&] {
    return ridge->links.begin()->second.count == 3000 && north->links.begin()->second.count == 3000;
  }));
  EXPECT_EQ(ridge->links.begin()->second.frames, there);
  EXPECT_EQ(north->links.begin()->second.frames, back);
  EXPECT_GT(ridge->batches, 0u);
  EXPECT_LT(ridge->batches, 3000u) << "one batch_done for many frames";
}

TEST_F(Links, FramesOfEverySizeUpToTheGreatest) {
  auto ridge = party("ridge");
  auto north = dialler("north", *ridge);
  ASSERT_TRUE(met(*north, *ridge));
  base::SeededRandom random(7);
  std::vector<std::string> sent;
  for (std::size_t size : {65535u, 1u, 65535u, 65534u, 2u, 32768u, 65535u, 65535u, 65535u, 3u}) {
    sent.push_back(frame_of(random, size));
    north->send(north->link_to("ridge"), sent.back());
  }
  const auto& at_ridge = ridge->links.begin()->second;
  ASSERT_TRUE(run_until(io, 10s, [&] { return at_ridge.count == sent.size(); }));
  EXPECT_EQ(ridge->links.begin()->second.frames, sent);
}

TEST_F(Links, Ipv6AndIpv4OnOneWildcardPort) {
  auto config = loopback("::");
  auto ridge = party("ridge", config);
  const auto port = ridge->transport.status().port;
  LanConfig six = loopback("::1"), four = loopback();
  six.peers = {at_port(port, "[::1]")};
  four.peers = {at_port(port)};
  auto north = party("north", six);
  auto south = party("south", four);
  EXPECT_TRUE(met(*north, *ridge));
  EXPECT_TRUE(met(*south, *ridge));
}

TEST_F(Links, PeersAreFoundByHostName) {
  auto ridge = party("ridge");
  auto config = loopback();
  config.peers = {at_port(ridge->transport.status().port, "localhost")};
  auto north = party("north", config);
  EXPECT_TRUE(met(*north, *ridge));
}

TEST_F(Links, SeveralAddressesShareThePort) {
  auto config = loopback();
  config.listen = {"127.0.0.1", "127.0.0.2", "::1"};
  auto ridge = party("ridge", config);
  const auto port = ridge->transport.status().port;
  LanConfig second = loopback(), third = loopback();
  second.peers = {at_port(port, "127.0.0.2")};
  third.peers = {at_port(port, "[::1]")};
  auto north = party("north", second);
  auto south = party("south", third);
  EXPECT_TRUE(met(*north, *ridge));
  EXPECT_TRUE(met(*south, *ridge));
}

TEST_F(Links, BothDialAtOnceAndOneLinkStays) {
  // Their ports must be known to both before either starts: take two that are free.
  std::uint16_t north_port = 0, ridge_port = 0;
  {
    auto a = party("a");
    auto b = party("b");
    north_port = a->transport.status().port;
    ridge_port = b->transport.status().port;
  }
  LanConfig north_config = loopback(), ridge_config = loopback();
  north_config.port = north_port;
  north_config.peers = {at_port(ridge_port)};
  ridge_config.port = ridge_port;
  ridge_config.peers = {at_port(north_port)};
  auto north = std::make_unique<Party>(io, "north", north_config);
  auto ridge = std::make_unique<Party>(io, "ridge", ridge_config);
  north->transport.start();
  ridge->transport.start();
  ASSERT_TRUE(met(*north, *ridge));
  ASSERT_TRUE(run_until(io, 5s, [&] {
    return north->transport.status().connections == 1 && ridge->transport.status().connections == 1;
  }));
  const auto opened = north->opened + ridge->opened;
  run_for(io, 2500ms);  // several backoffs: the closed duplicate is not dialled again
  EXPECT_EQ(north->opened + ridge->opened, opened);
  EXPECT_EQ(north->links_to("ridge"), 1u);
  EXPECT_EQ(ridge->links_to("north"), 1u);
  EXPECT_EQ(north->transport.status().dialling, 0u);
}

TEST_F(Links, TwoNamesForOnePeerGiveOneLink) {
  auto ridge_config = loopback("::");
  auto ridge = party("ridge", ridge_config);
  const auto port = ridge->transport.status().port;
  auto config = loopback();
  config.peers = {at_port(port), at_port(port, "[::1]")};
  auto north = party("north", config);
  ASSERT_TRUE(met(*north, *ridge));
  run_for(io, 1500ms);
  EXPECT_EQ(north->opened, 1u);
  EXPECT_EQ(north->transport.status().connections, 1u);
}

TEST_F(Links, OurselvesAreNotOurNeighbour) {
  std::uint16_t port = 0;
  {
    auto first = party("first");
    port = first->transport.status().port;
  }
  auto config = loopback();
  config.port = port;
  config.peers = {at_port(port)};
  auto ridge = party("ridge", config);
  run_for(io, 1000ms);
  EXPECT_EQ(ridge->opened, 0u);
  EXPECT_EQ(ridge->transport.status().connections, 0u);
}

TEST_F(Links, APeerThatRestartsIsDialledAgain) {
  auto ridge = party("ridge");
  auto north = dialler("north", *ridge);
  ASSERT_TRUE(met(*north, *ridge));
  auto config = loopback();
  config.port = ridge->transport.status().port;
  ridge.reset();  // gone without a word
  ASSERT_TRUE(run_until(io, 5s, [&] { return north->links.empty(); }));
  EXPECT_EQ(north->closed, 1u);
  run_for(io, 1000ms);
  ridge = party("ridge", config);
  EXPECT_TRUE(met(*north, *ridge, 7s));
}

TEST_F(Links, APeerThatIsNotThereYetIsFoundWhenItComes) {
  std::uint16_t port = 0;
  {
    auto first = party("first");
    port = first->transport.status().port;
  }
  auto config = loopback();
  config.peers = {at_port(port)};
  auto north = party("north", config);
  run_for(io, 700ms);
  EXPECT_EQ(north->transport.status().connections, 0u);
  auto late = loopback();
  late.port = port;
  auto ridge = party("ridge", late);
  EXPECT_TRUE(met(*north, *ridge, 7s));
}

TEST_F(Links, CloseWritesTheLastFramesFirst) {
  auto ridge = party("ridge");
  auto north = dialler("north", *ridge);
  ASSERT_TRUE(met(*north, *ridge));
  std::uint64_t got = 0;
  ridge->on_event = [&](const char* what, base::LinkId link) {
    if (std::string(what) == "closed") got = ridge->links.at(link).count;
  };
  const auto link = north->link_to("ridge");
  for (int i = 0; i < 400; ++i) north->links.at(link).out.push_back(std::string(60'000, 'z'));
  north->links.at(link).closing = true;
  north->transport.close(link);
  ASSERT_TRUE(run_until(io, 10s, [&] { return ridge->closed == 1 && north->closed == 1; }));
  EXPECT_EQ(got, 400u);
}

TEST_F(Links, StopWritesTheLastFramesFirst) {
  auto ridge = party("ridge");
  auto north = dialler("north", *ridge);
  ASSERT_TRUE(met(*north, *ridge));
  std::uint64_t got = 0;
  ridge->on_event = [&](const char* what, base::LinkId link) {
    if (std::string(what) == "closed") got = ridge->links.at(link).count;
  };
  for (int i = 0; i < 50; ++i) north->links.begin()->second.out.push_back(std::string(1000, 'z'));
  north->transport.stop();
  ASSERT_TRUE(run_until(io, 5s, [&] { return ridge->closed == 1; }));
  EXPECT_EQ(got, 50u);
  run_for(io, 1000ms);
  EXPECT_EQ(north->opened, 1u) << "a stopped transport does not dial";
  EXPECT_FALSE(north->transport.status().listening);
}

TEST_F(Links, ARefusedConnectionIsNeverHeardOfAgain) {
  auto ridge = party("ridge");
  ridge->refuse = true;
  auto north = dialler("north", *ridge);
  ASSERT_TRUE(run_until(io, 5s, [&] { return north->closed >= 1; }));
  EXPECT_EQ(ridge->opened, 0u);
  EXPECT_EQ(ridge->closed, 0u);
}

TEST_F(Links, APeerThatAcceptsAndClosesIsNotDialledWithoutPause) {
  // What went wrong once: a link that was identified and then closed was dialled again at once,
  // so two nodes that disagreed about which of their links to keep spun.
  auto ridge = party("ridge");
  ridge->on_event = [&](const char* what, base::LinkId link) {
    if (std::string(what) == "identified") ridge->transport.close(link);
  };
  auto north = dialler("north", *ridge);
  run_for(io, 2000ms);
  EXPECT_GE(north->opened, 2u);
  EXPECT_LE(north->opened, 6u);
}

TEST_F(Links, ManyNeighboursAtOnceShareTheLoop) {
  auto ridge = party("ridge");
  std::vector<std::unique_ptr<Party>> others;
  for (int i = 0; i < 12; ++i) others.push_back(dialler("n" + std::to_string(i), *ridge));
  ASSERT_TRUE(run_until(io, 10s, [&] {
    return ridge->links.size() == 12 && std::all_of(others.begin(), others.end(), [](auto& other) {
             return other->links_to("ridge") == 1;
           });
  }));
  // One floods; the others' single frames still arrive soon.
  ridge->keep_frames = false;
  others[0]->endless = 60'000;
  others[0]->transport.kick(others[0]->link_to("ridge"));
  run_for(io, 200ms);
  for (std::size_t i = 1; i < others.size(); ++i) {
    others[i]->send(others[i]->link_to("ridge"), "small");
  }
  EXPECT_TRUE(run_until(io, 2s, [&] {
    return std::all_of(ridge->links.begin(), ridge->links.end(), [&](const auto& item) {
      return item.second.count > 0;
    });
  }));
}

TEST_F(Links, ASlowReaderHoldsLittleMemoryAndLosesNothing) {
  auto ridge = party("ridge");
  auto north = dialler("north", *ridge);
  ASSERT_TRUE(met(*north, *ridge));
  base::SeededRandom random(3);
  std::vector<std::string> sent;
  for (int i = 0; i < 2000; ++i) sent.push_back(frame_of(random, 30'000));
  auto& out = north->links.at(north->link_to("ridge")).out;
  out.assign(sent.begin(), sent.end());
  north->transport.kick(north->link_to("ridge"));
  const auto& at_ridge = ridge->links.begin()->second;
  ASSERT_TRUE(run_until(io, 30s, [&] { return at_ridge.count == sent.size(); }));
  EXPECT_EQ(ridge->links.begin()->second.frames, sent);
}

TEST_F(Links, RotateKeepsLinksAndChangesTheName) {
  auto ridge = party("ridge");
  auto north = dialler("north", *ridge);
  ASSERT_TRUE(met(*north, *ridge));
  ridge->transport.rotate();
  north->transport.rotate();
  run_for(io, 500ms);
  EXPECT_EQ(north->opened, 1u);
  north->send(north->link_to("ridge"), "still here");
  EXPECT_TRUE(run_until(io, 2s, [&] { return ridge->links.begin()->second.count == 1; }));
}

TEST_F(Links, AnAddressThatIsTakenIsAProblemWithItsMendAndHealsByItself) {
  auto first = party("first");
  auto config = loopback();
  config.port = first->transport.status().port;
  auto second = party("second", config);
  const auto status = second->transport.status();
  EXPECT_FALSE(status.listening);
  EXPECT_NE(status.listen_problem.find("another program has it"), std::string::npos)
      << status.listen_problem;
  EXPECT_EQ(second->logged.size(), 1u);
  run_for(io, 2500ms);
  EXPECT_EQ(second->logged.size(), 1u) << "said once, not at every try";
  first.reset();
  EXPECT_TRUE(run_until(io, 5s, [&] { return second->transport.status().listening; }));
  EXPECT_EQ(second->transport.status().listen_problem, "");
}

TEST_F(Links, OneBadAddressDoesNotTakeTheOthersAway) {
  auto config = loopback();
  config.listen = {"127.0.0.1", "192.0.2.77"};
  auto ridge = party("ridge", config);
  EXPECT_TRUE(ridge->transport.status().listening);
  EXPECT_NE(ridge->transport.status().listen_problem, "");
  auto north = dialler("north", *ridge);
  EXPECT_TRUE(met(*north, *ridge));
}

TEST_F(Links, APeerThatIsNoAddressIsSaidAndIgnored) {
  auto config = loopback();
  config.peers = {"nonsense"};
  auto ridge = party("ridge", config);
  ASSERT_EQ(ridge->logged.size(), 1u);
  EXPECT_NE(ridge->logged[0].find("nonsense"), std::string::npos);
}

TEST_F(Links, OnlyNamedInterfacesAreUsedOnWildcardAddresses) {
  auto config = loopback("0.0.0.0");
  config.interfaces = {"none0"};
  auto ridge = party("ridge", config);
  auto north = dialler("north", *ridge);
  run_for(io, 700ms);
  EXPECT_EQ(ridge->opened, 0u);
  EXPECT_EQ(north->opened, 0u);
  config.interfaces = {"lo"};
  auto south = party("south", config);
  auto east = dialler("east", *south);
  EXPECT_TRUE(met(*east, *south));
}

}  // namespace
}  // namespace chaski::transport_lan
