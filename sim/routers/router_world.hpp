// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "mesh-router/memory_envelope_store.hpp"
#include "mesh-router/router.hpp"
#include "sim/world/connection.hpp"
#include "sim/world/event_heap.hpp"
#include "wire/records.hpp"

namespace chaski::sim {

/// A world of routers alone; see RouterWorld.
struct RouterWorldConfig {
  std::uint64_t seed = 1;
  mesh_router::RouterLimits limits{};
  std::uint64_t store_bytes_max = 64u << 20;  ///< of each router
  std::size_t frame_size_max = 1'024;         ///< plaintext bytes of a frame
  bool receipts = true;                       ///< recipients publish them
  /// Of standing links, drawn for each once.
  base::Duration delay_min = std::chrono::milliseconds(5);
  base::Duration delay_max = std::chrono::milliseconds(15);
  std::uint64_t bytes_per_s = 0;  ///< of standing links, each way; 0: infinite
  /// Changes the limits of one router before it is made, its policy say.
  std::function<void(NodeIndex, mesh_router::RouterLimits&)> prepare;
};

/// What became of one message of a RouterWorld.
struct WorldMessage {
  NodeIndex from = 0;
  NodeIndex to = 0;
  base::Time sent{};
  std::optional<base::Time> delivered;
  std::uint32_t carriers = 1;            ///< routers that ever carried it, the author's too
  std::uint32_t transmissions = 0;       ///< envelope records of it that arrived anywhere
  std::uint32_t carriers_then = 0;       ///< when it was delivered
  std::uint32_t transmissions_then = 0;
  std::vector<base::Time> first_seen;    ///< by router, only when asked for; Time::max(): never
};

/// Envelope and other records that crossed links, and what they weighed.
struct WorldTraffic {
  std::uint64_t frames = 0;
  std::uint64_t frame_bytes = 0;
  std::array<std::uint64_t, 64> records{};       ///< by wire::RecordType
  std::array<std::uint64_t, 64> record_bytes{};
  std::uint64_t of(wire::RecordType type) const { return records[static_cast<std::size_t>(type)]; }
  std::uint64_t bytes_of(wire::RecordType type) const {
    return record_bytes[static_cast<std::size_t>(type)];
  }
};

/// Production routers in virtual time, without links' encryption and without people: light enough
/// for ten thousand of them with twenty neighbours each.
///
/// Routers meet in two ways: by standing links, which have delay and bandwidth, and in meetings, in
/// which everything is exchanged that the two want to, in no time. Everything is committed at once.
/// The world knows for whom each message is; the routers do not. One seed gives one history, and
/// event_hash() covers every frame of it.
class RouterWorld {
 public:
  explicit RouterWorld(const RouterWorldConfig& config);
  ~RouterWorld();

  NodeIndex add_node();
  std::size_t size() const { return members_.size(); }
  mesh_router::Router& router(NodeIndex index);

  /// A standing link; both ends know of it at once.
  void link(NodeIndex a, NodeIndex b);
  /// Takes all standing links of a node away, with what is on its way over them.
  void unlink_all(NodeIndex index);
  bool linked(NodeIndex a, NodeIndex b) const;
  std::size_t degree(NodeIndex index) const;
  void meet(NodeIndex a, NodeIndex b);
  /// From now on every pair meets at this rate, each by a Poisson process; 0: no more.
  void meet_at_random(double meetings_per_pair_and_s);

  struct Sending {
    std::size_t body_size = 160;
    std::uint32_t lifetime_s = 14 * 24 * 3'600;
    bool watch_all = false;  ///< fills WorldMessage::first_seen
  };
  /// Returns its place in messages().
  std::size_t send(NodeIndex from, NodeIndex to, const Sending& sending);
  const std::vector<WorldMessage>& messages() const { return messages_; }
  /// Frees WorldMessage::first_seen.
  void forget_watch(std::size_t message);
  /// For whom an envelope is; nothing for receipts and what was not sent here.
  std::optional<NodeIndex> recipient_of(const wire::EnvelopeId& id) const;
  std::uint64_t undelivered() const { return undelivered_; }

  base::Time now() const { return now_; }
  void run_for(base::Duration duration);
  /// Until every message is delivered; returns whether that came to be.
  bool run_until_delivered(base::Duration at_most);

  const WorldTraffic& traffic() const { return traffic_; }
  void reset_traffic() { traffic_ = {}; }
  std::uint64_t event_hash() const { return event_hash_; }
  base::Random& random() { return random_; }

  static mesh_router::NeighbourId name_of(NodeIndex index);
  static NodeIndex index_of(const mesh_router::NeighbourId& name);

 private:
  struct Member;
  struct Wire {
    std::array<NodeIndex, 2> ends{};
    LinkModel model;
    std::array<Direction, 2> from;
    std::array<bool, 2> room_planned{};
    bool up = true;
  };
  void step(const Event& event);
  void settle(NodeIndex index);
  void pull(std::uint32_t wire, std::uint8_t side);
  void arrive(std::uint32_t wire, std::uint8_t to_side, std::uint32_t buffer);
  bool exchange(NodeIndex from, NodeIndex to, base::LinkId link);
  void receive(NodeIndex from, NodeIndex to, base::LinkId link, base::ByteView frame);
  void plan(Event::Kind kind, base::Time at, std::uint32_t subject, std::uint8_t side = 0,
            std::uint32_t payload = 0);
  void plan_wake(NodeIndex index);
  void plan_meeting();
  void count(base::ByteView frame);
  void heard(NodeIndex index, const mesh_router::RouterEvent& event);
  void seen(NodeIndex index, const wire::EnvelopeId& id);
  void run_events(base::Time until, bool until_delivered);

  RouterWorldConfig config_;
  base::SeededRandom random_;
  base::Time now_ = base::Time{} + std::chrono::hours(1);
  EventHeap heap_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<Wire> wires_;
  std::vector<base::Bytes> buffers_;
  std::vector<std::uint32_t> free_buffers_;
  std::vector<WorldMessage> messages_;
  std::map<wire::EnvelopeId, std::size_t> by_id_;
  std::uint64_t undelivered_ = 0;
  std::uint64_t next_meeting_link_ = std::uint64_t{1} << 40;
  double meeting_rate_ = 0;
  WorldTraffic traffic_;
  std::uint64_t event_hash_ = 0;
  base::Bytes scratch_;
};

}  // namespace chaski::sim
