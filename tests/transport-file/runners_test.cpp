// SPDX-License-Identifier: Apache-2.0
// Villages without any link, and runners with sticks: bundles that are cut while they are written,
// old copies of sticks that come again, nodes that crash while they take. In the end everything
// that was accepted is read exactly once, its author knows, and nobody carries it any more.
// CHASKI_SEED=n replays one world, CHASKI_SEEDS=n runs so many.
#include <gtest/gtest.h>

#include <memory>

#include "seeds.hpp"
#include "world_of_sticks.hpp"

namespace chaski::transport_file::test {
namespace {

using namespace std::chrono_literals;
using mesh_router::test::make_message;
using mesh_router::test::Message;

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {
    const std::size_t count = 2 + random_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      villages_.push_back(std::make_unique<Village>(seed * 100 + i));
    }
    sticks_.resize(1 + random_.below(3));
  }

  void live(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) do_something();
  }

  /// Every stick goes through all villages, and no one pulls it out any more.
  void heal() {
    for (const auto& village : villages_) village->station.settle(now_);
    for (int round = 0; round < 3; ++round) {
      for (const auto& village : villages_) {
        for (Stick& stick : sticks_) {
          village->carry_in(stick, now_);
          village->carry_out(stick, now_);
        }
      }
    }
  }

  void check() {
    ASSERT_GT(sent_.size(), 0u);
    for (const Sent& sent : sent_) {
      EXPECT_EQ(villages_[sent.to]->station.person.inbox[sent.message.id], 1);
      EXPECT_TRUE(villages_[sent.from]->station.delivered(sent.message.id));
      for (const auto& village : villages_) {
        EXPECT_FALSE(village->station.holds(sent.message.id));
      }
    }
    // Every stick has been everywhere: what is known to all is not written again.
    for (const auto& village : villages_) {
      for (Stick& stick : sticks_) EXPECT_EQ(village->carry_out(stick, now_).envelopes, 0u);
    }
  }

 private:
  struct Sent {
    Message message;
    std::size_t from, to;
  };

  void do_something() {
    now_ += std::chrono::seconds(random_.below(3'600));
    const std::size_t at = random_.below(villages_.size());
    Village& village = *villages_[at];
    Stick& stick = sticks_[random_.below(sticks_.size())];
    switch (random_.below(9)) {
      case 0:
      case 1:
        send(at);
        break;
      case 2:
      case 3:
        village.carry_in(stick, now_);
        break;
      case 4:
      case 5:
        village.carry_out(stick, now_);
        break;
      case 6:
        cut(village, stick);
        break;
      case 7:
        crash(village, stick);
        break;
      case 8:
        copy(stick);
        break;
    }
  }

  void send(std::size_t from) {
    const std::size_t to = random_.below(villages_.size());
    if (to == from) return;
    const Message message =
        make_message(random_, {.body_size = 100 + random_.below(20'000), .lifetime_s = 1'209'600});
    villages_[to]->station.person.tags.insert(message.tag);
    villages_[to]->station.commit(now_);
    villages_[from]->station.send(message, now_);
    sent_.push_back({message, from, to});
  }

  /// The stick is pulled while it is written: nothing, or the worst that it can make of it.
  void cut(Village& village, Stick& stick) {
    base::Bytes file = village.bundle_for(stick, now_);
    file.resize(random_.below(file.size()));
    stick["cut" + std::to_string(random_.below(3))] = file;
  }

  /// The node is killed before or after any block.
  void crash(Village& village, const Stick& stick) {
    for (const auto& [name, file] : stick) {
      const auto blocks = open_file(file);
      if (!blocks) continue;
      for (const auto& [kind, text] : *blocks) {
        if (kind != bundle::BlockKind::envelopes) continue;
        village.station.router().take_from_stick(text, now_);
        village.station.drain(now_);
        if (random_.below(2) == 0) return village.station.crash(now_);
        village.station.settle(now_);
      }
    }
  }

  /// An old copy of a stick, or another stick that somebody took along.
  void copy(Stick& stick) {
    if (kept_.empty() || random_.below(2) == 0) {
      kept_.push_back(stick);
    } else {
      stick = kept_[random_.below(kept_.size())];
    }
  }

  base::SeededRandom random_;
  base::Time now_ = mesh_router::test::at(1h);
  std::vector<std::unique_ptr<Village>> villages_;
  std::vector<Stick> sticks_;
  std::vector<Stick> kept_;
  std::vector<Sent> sent_;
};

TEST(Runners, EverythingArrivesOnceAndNothingThatWasAcceptedIsLost) {
  for (const std::uint64_t seed : chaski::test::seeds(40)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    World world(seed);
    world.live(120);
    world.heal();
    world.check();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::transport_file::test
