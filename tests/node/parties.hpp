// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/memory_node_store.hpp"
#include "node/node.hpp"

namespace chaski::node {

using namespace std::chrono_literals;

/// One node with its store, and what it has told its owner.
struct Party {
  explicit Party(std::uint64_t seed, NodeConfig configuration = {})
      : config(configuration), store(1u << 22), random(seed) {
    start(base::from_us(1'000'000));
  }
  void start(base::Time now) { node = std::make_unique<Node>(config, store, random, now); }
  void crash(base::Time now) {
    node.reset();
    store.crash();
    start(now);
  }
  /// Commits, then reads the events.
  void settle(base::Time now) {
    if (node->dirty()) {
      ASSERT_TRUE(node->flush(now));
    }
    read_events();
  }
  void read_events() {
    while (auto event = node->next_event()) events.push_back(std::move(*event));
  }
  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> out;
    for (const NodeEvent& event : events)
      if (const auto* found = std::get_if<Event>(&event)) out.push_back(*found);
    return out;
  }
  std::vector<std::string> inbox() {
    std::vector<std::string> out;
    MessageQuery query;
    query.limit = 100'000;
    for (const MessageRecord& message : store.people().messages(query))
      if (message.direction == Direction::incoming) out.push_back(message.text);
    return out;
  }

  NodeConfig config;
  MemoryNodeStore store;
  base::SeededRandom random;
  std::unique_ptr<Node> node;
  std::vector<NodeEvent> events;
};

/// Two parties and the connections between them; the test decides what is delivered when.
struct Pair {
  struct Connection {
    std::array<std::deque<base::Bytes>, 2> to;  ///< frames on their way to each side
    std::array<bool, 2> open{true, true};
    std::array<bool, 2> close_due{};  ///< behind the frames: the other end has closed
    bool dead = false;                ///< nothing arrives any more, and nobody says so
  };
  static constexpr std::size_t kFrame = 4'096;

  explicit Pair(std::uint64_t seed, NodeConfig config = {})
      : a(seed * 2, config), b(seed * 2 + 1, config) {}
  Party& side(std::size_t i) { return i == 0 ? a : b; }

  base::LinkId dial(std::size_t from, base::TransportKind kind = base::TransportKind::lan,
                    std::uint64_t origin = 0) {
    const base::LinkId id{next_id++};
    links.emplace(id, Connection{});
    for (std::size_t i : {0u, 1u}) {
      const auto role = i == from ? base::LinkRole::initiator : base::LinkRole::responder;
      if (!side(i).node->link_opened(id, kind, role, kFrame, now, origin)) close(id, i);
    }
    return id;
  }

  void close(base::LinkId id, std::size_t from) {
    Connection& c = links.at(id);
    if (!c.open[from]) return;
    c.open[from] = false;
    c.close_due[1 - from] = !c.dead;
  }

  /// Lets side i commit, close what it wants closed, and speak.
  void speak(std::size_t i) {
    Party& party = side(i);
    party.settle(now);
    drop_closed(i);
    for (base::LinkId id : party.node->ready_links()) speak_on(i, id);
    party.read_events();
    drop_closed(i);
  }

  void speak_on(std::size_t i, base::LinkId id) {
    Connection& c = links.at(id);
    while (c.open[i]) {
      base::Bytes frame(kFrame);
      const std::size_t size = side(i).node->next_frame(id, frame, now);
      if (size == 0) return;
      frame.resize(size);
      if (c.open[1 - i] && !c.dead) c.to[1 - i].push_back(std::move(frame));
    }
  }

  void drop_closed(std::size_t i) {
    for (; seen_closed[i] < side(i).events.size(); ++seen_closed[i])
      if (const auto* closed = std::get_if<LinkClosed>(&side(i).events[seen_closed[i]]))
        close(closed->link, i);
  }

  /// Delivers one frame, or the close behind the last one; false when there is neither.
  bool deliver(base::LinkId id, std::size_t to) {
    Connection& c = links.at(id);
    if (!c.open[to]) c.to[to].clear();
    if (!c.to[to].empty()) {
      base::Bytes frame = std::move(c.to[to].front());
      c.to[to].pop_front();
      side(to).node->receive(id, frame, now);
      return true;
    }
    if (!c.close_due[to] || !c.open[to]) return false;
    c.open[to] = false;
    side(to).node->link_closed(id, now);
    return true;
  }

  /// Until nothing moves any more; the order is the generator's when there is one.
  void run(base::Random* order = nullptr) {
    for (int rounds = 0; rounds < 10'000; ++rounds) {
      std::vector<std::pair<base::LinkId, std::size_t>> moves;
      speak(0);
      speak(1);
      for (auto& [id, c] : links)
        for (std::size_t i : {0u, 1u})
          if (!c.to[i].empty() || (c.close_due[i] && c.open[i])) moves.emplace_back(id, i);
      bool woken = false;
      for (std::size_t i : {0u, 1u}) {
        const auto wakeup = side(i).node->next_wakeup();
        if (!moves.empty() || !wakeup || *wakeup > now) continue;
        side(i).node->wake(now);
        woken = true;
      }
      if (woken) continue;
      if (moves.empty()) return;
      const auto [id, to] = moves[order == nullptr ? 0 : order->below(moves.size())];
      deliver(id, to);
    }
    FAIL() << "they never fall silent";
  }

  /// Virtual time passes; both wake when they want to.
  void wait(base::Duration duration) {
    const base::Time end = now + duration;
    while (now < end) {
      now = std::min(end, now + 50ms);
      for (std::size_t i : {0u, 1u}) side(i).node->wake(now);
      run();
    }
  }

  std::vector<base::LinkId> open_links() const {
    std::vector<base::LinkId> out;
    for (const auto& [id, c] : links)
      if (c.open[0] && c.open[1]) out.push_back(id);
    return out;
  }

  void meet() {
    ASSERT_TRUE(a.node->create_identity("ana"));
    ASSERT_TRUE(b.node->create_identity("ben"));
    const auto link = a.node->invite(now);
    const auto accepted = b.node->add(*link, "", now, {});
    ASSERT_TRUE(accepted);
    ASSERT_TRUE(a.node->add(*accepted->answer_link, "", now, {}));
    a.settle(now);
    b.settle(now);
  }

  base::Time now = base::from_us(1'000'000);
  Party a;
  Party b;
  std::map<base::LinkId, Connection> links;
  std::uint64_t next_id = 1;
  std::array<std::size_t, 2> seen_closed{};
};

}  // namespace chaski::node
