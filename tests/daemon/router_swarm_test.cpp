// SPDX-License-Identifier: Apache-2.0
// Afraid of: what a router relies on and only the memory store keeps. Routers over SQLite meet,
// part, lose their disks' last changes, leap in time and are lied to; then all meet, and what was
// accepted and is not too old must have been read once.
// CHASKI_SEED=n replays one world, CHASKI_SEEDS=n runs so many.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/daemon/open_store.hpp"
#include "tests/daemon/temporary_folder.hpp"
#include "tests/mesh-router/station.hpp"

namespace chaski::daemon {
namespace {

using mesh_router::Router;
using mesh_router::test::make_message;
using mesh_router::test::make_receipt;
using mesh_router::test::Message;
using mesh_router::test::MessageShape;
using mesh_router::test::name_of;
using mesh_router::test::Person;
using namespace std::chrono_literals;

/// A router whose disk is real.
class DurableStation {
 public:
  explicit DurableStation(std::uint64_t seed) : random_(seed) { start(mesh_router::test::at(1h)); }

  Router& router() { return *router_; }
  void settle(base::Time now) {
    for (const auto& answer : std::exchange(person.unanswered, {})) {
      router_->publish_receipt(answer.receipt, answer.lifetime_s, answer.age_ms, now);
    }
    while (router_->next_event()) {
    }
  }
  void commit(base::Time now) {
    ASSERT_TRUE(store_->commit());
    durable_person_ = person;
    router_->committed(now);
  }
  /// What was not committed is gone, with what the person had read of it.
  void crash(base::Time now) {
    router_.reset();
    store_.reset();
    person = durable_person_;
    start(now);
  }
  void agree_on(const wire::DeliveryTag& tag) {
    person.tags.insert(tag);
    durable_person_.tags.insert(tag);
  }

  Person person;

 private:
  void start(base::Time now) {
    store_ = open_store({folder_.path(), std::uint64_t{64} << 20, /*free_reserve_bytes=*/0});
    router_ = std::make_unique<Router>(mesh_router::RouterLimits(), store_->envelopes(), &person,
                                       random_, now);
  }

  TemporaryFolder folder_;
  base::SeededRandom random_;
  Person durable_person_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Router> router_;
};

class DurableSwarm {
 public:
  explicit DurableSwarm(std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i < 4; ++i) {
      stations_.push_back(std::make_unique<DurableStation>(random_.next_u64()));
    }
  }

  void live(int steps) {
    for (int i = 0; i < steps; ++i) do_something();
  }

  void heal_and_check() {
    unlink_all();
    for (std::size_t i = 0; i + 1 < stations_.size(); ++i) link(i, i + 1);
    // Long enough for what a liar made old to expire and to be asked for.
    for (int second = 0; second < 120; ++second) {
      pass(1s);
      for (int i = 0; i < 30; ++i) move_frames();
      for (const auto& station : stations_) station->commit(now_);
    }
    for (const Sent& sent : sent_) {
      const int times = stations_[sent.to]->person.inbox[sent.message.id];
      EXPECT_LE(times, 1);
      const bool may_be_old = now_ >= sent.dies_at - 30min;
      EXPECT_TRUE(times == 1 || may_be_old) << times << " times at " << sent.to;
    }
    EXPECT_FALSE(sent_.empty());
  }

 private:
  struct Link {
    std::size_t a, b;
    base::LinkId id;
  };
  struct Sent {
    Message message;
    std::size_t to;
    base::Time dies_at;
  };

  std::size_t any() { return random_.below(stations_.size()); }
  DurableStation& station(std::size_t index) { return *stations_[index]; }

  void do_something() {
    const std::uint64_t dice = random_.below(100);
    if (dice < 10) return send();
    if (dice < 20) return meet_or_part();
    if (dice < 25) return crash();
    if (dice < 28) return lie();
    if (dice < 30) return pass(std::chrono::minutes(random_.below(600)));
    if (dice < 50) return station(any()).commit(now_);
    if (dice < 60) return pass(std::chrono::milliseconds(random_.below(4'000)));
    move_frames();
  }

  void send() {
    const std::size_t from = any();
    const std::size_t to = any();
    if (from == to) return;
    const std::size_t size = random_.below(4) == 0 ? 20'000 : 160;
    const Message message = make_message(random_, MessageShape{size, 14 * 24 * 3'600});
    station(to).agree_on(message.tag);
    ASSERT_TRUE(station(from).router().submit(message.bytes, {0, wire::kHopsMax, 0}, now_));
    station(from).commit(now_);
    sent_.push_back({message, to, now_ + std::chrono::seconds(message.lifetime_s)});
  }

  void link(std::size_t a, std::size_t b) {
    const base::LinkId id{next_link_++};
    const auto salt = random_.bytes<mesh_router::ShortIdSalt>();
    const std::size_t frame = random_.below(2) == 0 ? 244 : 16'384;
    ASSERT_TRUE(station(a).router().link_up(id, name_of(b),
                                            {frame, base::LinkRole::initiator, salt}, now_));
    ASSERT_TRUE(station(b).router().link_up(id, name_of(a),
                                            {frame, base::LinkRole::responder, salt}, now_));
    links_.push_back({a, b, id});
  }
  void unlink(const Link& gone) {
    station(gone.a).router().link_down(gone.id, now_);
    station(gone.b).router().link_down(gone.id, now_);
    std::erase_if(links_, [id = gone.id](const Link& other) { return other.id == id; });
  }
  void unlink_all() {
    while (!links_.empty()) unlink(Link{links_.back()});
  }
  void meet_or_part() {
    const std::size_t a = any();
    const std::size_t b = any();
    if (a == b) return;
    for (const Link& other : links_) {
      if ((other.a == a && other.b == b) || (other.a == b && other.b == a)) {
        return unlink(Link{other});
      }
    }
    link(a, b);
  }

  void crash() {
    const std::size_t index = any();
    const std::vector<Link> links = links_;
    for (const Link& other : links) {
      if (other.a == index || other.b == index) unlink(other);
    }
    station(index).crash(now_);
  }

  /// A neighbour that forges receipts, and says of messages that they are nearly over.
  void lie() {
    const std::size_t victim = any();
    const base::LinkId id{next_link_++};
    Router& router = station(victim).router();
    ASSERT_TRUE(router.link_up(id, name_of(100 + next_link_),
                               {16'384, base::LinkRole::responder, {}}, now_));
    for (const Sent& sent : sent_) {
      if (random_.below(2) == 0) {
        carry(router, id,
              make_receipt(sent.message.id, random_.bytes<wire::ReceiptToken>(), 3'600), 0);
      } else if (random_.below(4) == 0) {
        carry(router, id, sent.message.bytes,
              std::uint64_t{sent.message.lifetime_s} * 1'000 - 1 - random_.below(40'000));
      }
    }
    station(victim).settle(now_);
    router.link_down(id, now_);
  }
  void carry(Router& router, base::LinkId id, base::ByteView envelope, std::uint64_t age_ms) {
    const wire::CarryState state{age_ms, 16, 0};
    base::Bytes payload(wire::carried_size(state, envelope.size()));
    ASSERT_TRUE(wire::encode_carried({state, envelope}, payload));
    base::Bytes frame(payload.size() + 8);
    wire::RecordWriter writer(frame);
    ASSERT_TRUE(writer.add(wire::RecordType::envelope, payload));
    ASSERT_TRUE(router.receive(id, base::ByteView(frame).first(writer.size()), now_));
  }

  void pass(base::Duration duration) {
    now_ += duration;
    for (const auto& station : stations_) {
      station->router().wake(now_);
      station->settle(now_);
    }
  }
  /// One frame over each link in each direction.
  void move_frames() {
    base::Bytes frame(16'384);
    for (const Link& other : links_) {
      for (const bool forth : {true, false}) {
        DurableStation& to = station(forth ? other.b : other.a);
        const std::size_t size =
            station(forth ? other.a : other.b).router().next_frame(other.id, frame, now_);
        if (size == 0) continue;
        ASSERT_TRUE(to.router().receive(other.id, base::ByteView(frame).first(size), now_));
        to.settle(now_);
      }
    }
  }

  base::SeededRandom random_;
  std::vector<std::unique_ptr<DurableStation>> stations_;
  std::vector<Link> links_;
  std::vector<Sent> sent_;
  std::uint64_t next_link_ = 1;
  base::Time now_ = mesh_router::test::at(1h);
};

TEST(DurableSwarm, WhateverWasAcceptedIsReadOnce) {
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const char* more = std::getenv("CHASKI_SEEDS");
  const std::uint64_t count = more != nullptr ? std::strtoull(more, nullptr, 10) : 8;
  for (std::uint64_t seed = first; seed <= (replay != nullptr ? first : count); ++seed) {
    SCOPED_TRACE("replay with CHASKI_SEED=" + std::to_string(seed));
    DurableSwarm swarm(seed);
    swarm.live(250);
    swarm.heal_and_check();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::daemon
