// SPDX-License-Identifier: Apache-2.0
// Ports on pseudoterminals. Afraid of: a device that is gone and stays in the list, or comes back
// and is not seen; a port that two programs write to; an owner who hears of a link twice, or never;
// bytes that a terminal changes on their way.
#include <gtest/gtest.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>

#include "transport-serial/device_watch.hpp"
#include "transport-serial/transport.hpp"
#include "transport-serial/tty.hpp"

namespace chaski::transport_serial {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Folder {
  Folder() {
    char name[] = "/tmp/chaski-serial-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

/// A plug: a device under this name, and what it is connected to.
struct Plug {
  Plug(asio::io_context& io, const std::string& name) : master(io), path(name) {
    int ours = -1;
    if (::openpty(&ours, &slave, nullptr, nullptr, nullptr) != 0) std::abort();
    master.assign(ours);
    master.non_blocking(true);
    std::filesystem::create_symlink(::ttyname(slave), path);
  }
  ~Plug() {
    std::filesystem::remove(path);
    ::close(slave);
  }
  asio::posix::stream_descriptor master;
  int slave = -1;
  std::string path;
};

/// Everything from one plug to the other, for as long as both are.
void connect(const std::shared_ptr<Plug>& from, const std::shared_ptr<Plug>& to) {
  auto buffer = std::make_shared<std::array<char, 512>>();
  from->master.async_read_some(
      asio::buffer(*buffer),
      [from = std::weak_ptr(from), to = std::weak_ptr(to), buffer](const auto& error, auto size) {
        const auto source = from.lock();
        const auto target = to.lock();
        if (error || !source || !target) return;
        asio::write(target->master, asio::buffer(*buffer, size));
        connect(source, target);
      });
}

/// An owner of a transport: frames to be sent, and what came.
struct Owner {
  Owner(asio::io_context& io, const SerialConfig& config, std::uint64_t seed) : random(seed) {
    base::TransportHooks hooks;
    hooks.new_link_id = [this] { return base::LinkId{++last}; };
    hooks.opened = [this](base::LinkId link, base::LinkRole role, std::size_t size, auto) {
      EXPECT_TRUE(open.insert(link.value).second);
      roles.push_back(role);
      frame_size_max = size;
      return takes;
    };
    hooks.received = [this](base::LinkId link, base::MutableByteView frame) {
      EXPECT_TRUE(open.contains(link.value));
      got.emplace_back(frame.begin(), frame.end());
    };
    hooks.next_frame = [this](base::LinkId, base::MutableByteView out) {
      if (to_send.empty()) return std::size_t{0};
      const auto frame = to_send.front();
      to_send.pop_front();
      std::copy(frame.begin(), frame.end(), out.begin());
      return frame.size();
    };
    hooks.closed = [this](base::LinkId link) {
      EXPECT_EQ(open.erase(link.value), 1U);
      ++closed;
    };
    hooks.batch_done = [this] { ++batches; };
    hooks.log = [](int, const std::string&) {};
    const auto now = [] {
      const auto passed = std::chrono::steady_clock::now().time_since_epoch();
      return base::Time(std::chrono::duration_cast<base::Duration>(passed));
    };
    transport = std::make_unique<SerialTransport>(io, config, random, now, std::move(hooks));
  }

  base::SeededRandom random;
  bool takes = true;
  std::uint64_t last = 0;
  std::set<std::uint64_t> open;
  std::vector<base::LinkRole> roles;
  std::size_t frame_size_max = 0;
  std::deque<base::Bytes> to_send;
  std::vector<base::Bytes> got;
  int closed = 0, batches = 0;
  std::unique_ptr<SerialTransport> transport;
};

bool until(asio::io_context& io, const std::function<bool()>& done, seconds within = seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (!done() && std::chrono::steady_clock::now() < end) {
    io.restart();
    io.run_one_for(milliseconds(20));
  }
  return done();
}

struct TwoPorts : testing::Test {
  void plug() {
    a = std::make_shared<Plug>(io, folder.path + "/a");
    b = std::make_shared<Plug>(io, folder.path + "/b-7");
    connect(a, b);
    connect(b, a);
  }
  void unplug() {
    a.reset();
    b.reset();
  }
  bool both_open() { return !anna.open.empty() && !bert.open.empty(); }

  Folder folder;
  asio::io_context io;
  std::shared_ptr<Plug> a, b;
  Owner anna{io, {{folder.path + "/a"}, 115'200, false}, 1};
  Owner bert{io, {{folder.path + "/b-*"}, 115'200, false}, 2};
};

TEST_F(TwoPorts, FramesOfEveryByteGoThroughWholeAndInOrder) {
  plug();
  anna.transport->start();
  bert.transport->start();
  ASSERT_TRUE(until(io, [&] { return both_open(); }));
  EXPECT_NE(anna.roles, bert.roles);
  EXPECT_EQ(anna.frame_size_max, 2048U);
  std::vector<base::Bytes> sent;
  for (int i = 0; i < 300; ++i) {
    base::Bytes frame(1 + static_cast<std::size_t>(i) * 6);
    for (std::size_t at = 0; at < frame.size(); ++at) {
      frame[at] = static_cast<std::uint8_t>(at + static_cast<std::size_t>(i));
    }
    sent.push_back(frame);
  }
  anna.to_send.assign(sent.begin(), sent.end());
  anna.transport->kick(base::LinkId{*anna.open.begin()});
  ASSERT_TRUE(until(
      io, [&] { return bert.got.size() == sent.size(); }, seconds(60)));
  EXPECT_EQ(bert.got, sent);
  EXPECT_GT(bert.batches, 0);
  const auto status = bert.transport->status();
  ASSERT_EQ(status.ports.size(), 1U);
  EXPECT_EQ(status.ports[0].damaged, 0U);
  EXPECT_TRUE(status.ports[0].linked);
}

TEST_F(TwoPorts, PluggedAndUnpluggedAgainAndAgain) {
  anna.transport->start();
  bert.transport->start();
  EXPECT_TRUE(until(io, [&] { return anna.transport->status().ports.size() == 1; }));
  EXPECT_FALSE(anna.transport->status().ports[0].present) << "named, and not there";
  EXPECT_TRUE(bert.transport->status().ports.empty());
  for (int i = 1; i <= 5; ++i) {
    plug();
    ASSERT_TRUE(until(io, [&] { return both_open(); })) << i;
    unplug();
    ASSERT_TRUE(until(io, [&] { return anna.closed == i && bert.closed == i; })) << i;
    EXPECT_TRUE(anna.open.empty() && bert.open.empty());
    ASSERT_TRUE(until(io, [&] { return bert.transport->status().ports.empty(); })) << i;
  }
}

TEST_F(TwoPorts, AGoodbyeIsSaidAndTheLastFramesArrive) {
  plug();
  anna.transport->start();
  bert.transport->start();
  ASSERT_TRUE(until(io, [&] { return both_open(); }));
  anna.to_send.emplace_back(1000, 7);
  anna.to_send.emplace_back(1000, 8);
  anna.transport->kick(base::LinkId{*anna.open.begin()});
  anna.transport->stop();
  ASSERT_TRUE(until(io, [&] { return bert.closed == 1; }));
  EXPECT_EQ(bert.got.size(), 2U);
  EXPECT_TRUE(until(io, [&] { return anna.closed == 1; }));
  EXPECT_EQ(anna.transport->links(), 0U);
}

TEST_F(TwoPorts, AnOwnerWhoRefusesIsAskedAgainLaterAndTheOtherHears) {
  plug();
  bert.takes = false;
  anna.transport->start();
  bert.transport->start();
  ASSERT_TRUE(until(io, [&] { return anna.closed >= 2; }));
  EXPECT_EQ(bert.closed, 0) << "it said no";
  bert.takes = true;
  bert.open.clear();
  ASSERT_TRUE(until(io, [&] { return both_open(); }));
}

TEST_F(TwoPorts, WhoIsDestroyedSaysNothingMore) {
  plug();
  anna.transport->start();
  bert.transport->start();
  ASSERT_TRUE(until(io, [&] { return both_open(); }));
  anna.transport.reset();
  until(
      io, [] { return false; }, seconds(1));
  EXPECT_EQ(anna.closed, 0);
}

TEST(Tty, IsForOneProgramAlone) {
  Folder folder;
  asio::io_context io;
  Plug plug(io, folder.path + "/a");
  const auto first = open_tty(plug.path, {});
  ASSERT_TRUE(first) << first.error().what;
  const auto second = open_tty(plug.path, {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("used by another program"), std::string::npos);
  EXPECT_FALSE(second.error().mend.empty());
  ::close(*first);
  const auto third = open_tty(plug.path, {});
  ASSERT_TRUE(third);
  ::close(*third);
}

TEST(Tty, SaysWhatIsWrong) {
  Folder folder;
  const auto absent = open_tty(folder.path + "/none", {});
  ASSERT_FALSE(absent);
  EXPECT_TRUE(absent.error().mend.empty()) << "nothing is to be done but to plug it in";
  const auto other = open_tty("/dev/null", {});
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().what.find("no serial port"), std::string::npos);
}

TEST(Tty, TakesAnyRate) {
  Folder folder;
  asio::io_context io;
  Plug plug(io, folder.path + "/a");
  for (const std::uint32_t baud : {300u, 9'600u, 250'000u, 921'600u, 1'234'567u}) {
    const auto opened = open_tty(plug.path, {baud, false});
    ASSERT_TRUE(opened) << baud << ": " << opened.error().what;
    ::close(*opened);
  }
}

TEST(Devices, EachIsFoundOnceWhateverItsNames) {
  Folder folder;
  asio::io_context io;
  Plug one(io, folder.path + "/relay-1"), two(io, folder.path + "/relay-2");
  std::filesystem::create_symlink(::ttyname(one.slave), folder.path + "/also-1");
  std::ofstream(folder.path + "/relay-3") << "a file";
  const auto found = find_devices({folder.path + "/also-1", folder.path + "/relay-*"});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, folder.path + "/also-1");
  EXPECT_EQ(found[1].path, folder.path + "/relay-2");
}

}  // namespace
}  // namespace chaski::transport_serial
