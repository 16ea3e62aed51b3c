// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/world/connection.hpp"
#include "sim/world/event_heap.hpp"
#include "sim/world/node_host.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

struct World::Impl {
  /// Frames that one link may give in one go; what is left waits for the next turn.
  static constexpr int kFramesPerTurn = 64;

  struct Place {
    std::unique_ptr<Actor> actor;
    NodeHost* host = nullptr;  ///< the same, when it is a node
    bool powered = true;
    bool service_planned = false;
    base::Time wake_at = base::Time::max();
    std::vector<std::uint32_t> wires;
    std::vector<std::uint32_t> connections;  ///< those that it has open
  };
  /// A wish of one end to be connected with the other.
  struct Wire {
    NodeIndex dialler = 0;
    NodeIndex other = 0;
    LinkModel model;
    bool wanted = true;
    bool dial_planned = false;
    std::optional<std::uint32_t> connection;
  };
  static constexpr std::uint32_t kNoWire = UINT32_MAX;

  explicit Impl(const WorldConfig& configuration);

  // Time.
  void run_until_time(base::Time until);
  void begin_anew();
  void step(const Event& event);
  void plan(Event::Kind kind, base::Time at, std::uint32_t subject, std::uint8_t side = 0,
            std::uint32_t payload = 0);

  // Actors.
  NodeIndex add(std::unique_ptr<Actor> actor, NodeHost* host);
  void place_actor(NodeIndex index, std::unique_ptr<Actor> actor);
  NodeHost& host(NodeIndex index);
  void plan_service(NodeIndex index, base::Duration after);
  void service(NodeIndex index);
  void wake(NodeIndex index);
  void plan_wake(NodeIndex index);
  /// The process of a node ends and, when asked to, starts again.
  void kill(NodeIndex index, base::Duration noticed_after);
  void restart(NodeIndex index);

  // Connections.
  std::uint32_t make_connection(NodeIndex dialler, NodeIndex other, const LinkModel& model,
                                std::uint32_t wire);
  /// Nothing when neither end has it any more.
  std::optional<std::uint32_t> connection_of(base::LinkId link) const;
  std::uint8_t side_of(std::uint32_t connection, NodeIndex end) const {
    return connections[connection].ends[0] == end ? 0 : 1;
  }
  void tell_ended(std::uint32_t connection, std::uint8_t side);
  /// Its place is another's as soon as neither end has it and nothing is planned for it.
  void free_if_over(std::uint32_t connection);
  /// After each step: nothing may stand in the middle of a connection by then.
  void tidy_connections();
  void plan_dial(std::uint32_t wire, base::Duration after);
  void dial(std::uint32_t wire);
  bool pair_has_connection(const Wire& wire) const;
  void open(std::uint32_t connection, std::uint8_t side);
  void pull(std::uint32_t connection, std::uint8_t side);
  /// The last frame of this side was put on the air.
  void count_sent(const Connection& connection, std::uint8_t side, std::size_t size);
  void frame(std::uint32_t connection, std::uint8_t side, std::uint32_t payload);
  /// One end lets go: the other hears of it behind what is still on its way.
  void close_from(std::uint32_t connection, std::uint8_t side);
  void forget(std::uint32_t connection, std::uint8_t side);
  void closed(std::uint32_t connection, std::uint8_t side);
  /// Nothing arrives any more.
  void break_connection(std::uint32_t connection, base::Duration noticed_after);

  std::uint32_t take_buffer(base::ByteView bytes);
  void hash_frame(NodeIndex from, NodeIndex to, base::ByteView bytes);

  WorldConfig config;
  base::SeededRandom random;
  base::Time now{};
  EventHeap heap;
  std::vector<Place> places;
  std::vector<Wire> wires;
  std::deque<Connection> connections;                        ///< by slot
  std::vector<std::uint32_t> free_connections;               ///< slots
  std::unordered_map<std::uint64_t, std::uint32_t> slot_of;  ///< by link id; never walked through
  std::uint64_t last_link = 0;
  std::vector<std::uint32_t> maybe_over;
  std::vector<std::pair<base::LinkId, NodeIndex>> ends_lost;
  Companion* companion = nullptr;
  std::function<void(base::LinkId, NodeIndex)> ended;
  std::vector<base::Time> radio_until;  ///< when a node's shared radio is free, by node
  std::map<std::uint32_t, std::function<void()>> actions;
  std::uint32_t next_action = 0;
  std::vector<base::Bytes> buffers;
  std::vector<std::uint32_t> free_buffers;
  base::Bytes scratch;
  std::shared_ptr<node::BodyPool> pool = std::make_shared<node::BodyPool>();
  std::function<void(NodeIndex, const node::NodeEvent&)> sink;
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t frame_bytes = 0;
  std::uint64_t air_bytes = 0;
  std::uint64_t frames_in_flight = 0;
};

}  // namespace chaski::sim
