// SPDX-License-Identifier: Apache-2.0
// The loop around the node: whatever the node still has to do, something must make it go on.
#include "daemon/node_host.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/open_store.hpp"
#include "tests/daemon/temporary_folder.hpp"

namespace chaski::daemon {
namespace {

using namespace std::chrono_literals;

/// One host with its disk, on a loop shared with others.
struct House {
  House(boost::asio::io_context& io, const char* name, std::vector<std::string> peers)
      : host(io, config(std::move(peers)), *store, clock, random, log, events) {
    EXPECT_TRUE(host.node().create_identity(name));
    host.start();
  }
  static Config config(std::vector<std::string> peers) {
    Config out;
    out.lan.listen = {"127.0.0.1"};
    out.lan.discover = false;
    out.lan.peers = std::move(peers);
    out.ble_enabled = false;
    return out;
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(host.lan_status()->port); }

  TemporaryFolder folder;
  std::unique_ptr<SqliteStore> store = open_store({folder.path(), 1u << 30, 0});
  BootClock clock{std::nullopt};
  SystemRandom random;
  Log log{LogLevel::warning};
  EventHub events;
  NodeHost host;
};

TEST(NodeHost, IsNeverIdleWhileItsNodeHasMoreToDo) {
  constexpr std::size_t kMessages = 5'000;
  boost::asio::io_context io;
  House anna(io, "anna", {});
  const auto link = anna.host.node().invite(anna.host.now());
  io.poll();

  // Bert has nothing and Anna 5,000 messages for him: to find out what differs takes many pieces of
  // work, between which nothing comes from outside.
  House bert(io, "bert", {anna.address()});
  const auto answer = bert.host.node().add(*link, "", bert.host.now(), bert.host.wall());
  ASSERT_TRUE(answer);
  ASSERT_TRUE(anna.host.node().add(*answer->answer_link, "", anna.host.now(), anna.host.wall()));
  for (std::size_t i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(anna.host.node().send("bert", "number " + std::to_string(i), {}, anna.host.now(),
                                      anna.host.wall()));
  }
  anna.host.touched();
  bert.host.touched();

  const auto end = std::chrono::steady_clock::now() + 60s;
  while (bert.store->people().message_count() < kMessages) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    while (io.poll() > 0) {
    }
    for (House* house : {&anna, &bert}) {
      const auto wanted = house->host.node().next_wakeup();
      const auto armed = house->host.wakes_at();
      ASSERT_TRUE(!wanted || (armed && *armed <= *wanted)) << "nobody would ever wake it";
    }
    io.run_one_for(1s);
  }
  anna.host.stop();
  bert.host.stop();
}

}  // namespace
}  // namespace chaski::daemon
