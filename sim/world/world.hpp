// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "node/memory_node_store.hpp"
#include "node/node.hpp"
#include "sim/node_index.hpp"
#include "sim/world/actor.hpp"

namespace chaski::sim {

/// What a link between two nodes is like. Frames arrive in order; a lost frame is sent again after
/// `resend_after`, and one lost kLossesMax times in a row breaks the link, as TCP and L2CAP do.
struct LinkModel {
  base::Duration delay = std::chrono::milliseconds(5);
  std::uint64_t bytes_per_s = 0;  ///< 0: infinite
  double loss = 0;                ///< probability per frame
  base::Duration resend_after = std::chrono::milliseconds(200);
  std::size_t frame_size_max = 65'535;
  base::TransportKind kind = base::TransportKind::lan;
  /// All links of a node with this mark use one radio: its frames leave one after another, and
  /// the other end's radio is taken for as long.
  bool shares_radio = false;
  /// After so long both ends learn that the other is out of reach; kNever: their own timers tell.
  base::Duration notice_after = std::chrono::milliseconds(100);
  static constexpr base::Duration kNever = base::Duration::max();
};

struct WorldConfig {
  std::uint64_t seed = 1;
  std::uint64_t store_bytes_max = 64u << 20;
  node::NodeConfig node{};
  /// From an input to the commit and the frames that follow it: more inputs share them.
  base::Duration commit_every = std::chrono::milliseconds(1);
  /// A connection that is wanted and missing is dialled again after so long.
  base::Duration redial_after = std::chrono::seconds(1);
};

/// What happens beside the nodes, in the same virtual time: contacts, a radio.
class Companion {
 public:
  virtual ~Companion() = default;
  /// When step() wants to be called next; max: not before something else happens.
  virtual base::Time next_time() const = 0;
  virtual void step(base::Time now) = 0;
  /// A node was given its turn: what it holds may be something else now.
  virtual void served(NodeIndex /*node*/, base::Time /*now*/) {}
  /// How often each packet of this link is sent until it arrives, as things are: 1 or more. 0: none
  /// does, and the link stands still; it is asked again after kStandstill.
  virtual double sends(base::LinkId /*link*/, base::Time /*now*/) { return 1; }
  static constexpr base::Duration kStandstill = std::chrono::milliseconds(100);
  /// So many bytes are on the air, those that are sent again among them; `heard`: the other end's
  /// radio is there to receive them.
  virtual void sent(base::LinkId /*link*/, NodeIndex /*from*/, NodeIndex /*to*/,
                    std::uint64_t /*bytes*/, bool /*heard*/, base::Time /*now*/) {}
  /// A frame has arrived.
  virtual void carried(base::LinkId /*link*/, NodeIndex /*from*/, NodeIndex /*to*/,
                       std::size_t /*bytes*/, base::Time /*now*/) {}
};

/// Nodes and links in virtual time: one seed, bit-exact replay.
///
/// Runs the production Node, never a model of it. event_hash() covers every delivered frame, its
/// time and ends: two runs from one seed give the same hash.
class World {
 public:
  explicit World(const WorldConfig& config);
  ~World();

  NodeIndex add_node();
  /// With a configuration of its own.
  NodeIndex add_node(const node::NodeConfig& config);
  /// Puts something else into the world: a liar, a listener.
  NodeIndex add_actor(std::unique_ptr<Actor> actor);
  /// Puts it where a node was, which is gone; nothing may be connected with it.
  void put_actor(NodeIndex index, std::unique_ptr<Actor> actor);
  std::size_t size() const;
  /// The running node; whatever is called on it takes effect as soon as the world runs on.
  node::Node& node(NodeIndex index);
  /// The same, to look at only.
  const node::Node& look_at(NodeIndex index) const;
  node::MemoryNodeStore& store(NodeIndex index);
  bool powered(NodeIndex index) const;
  /// Called for every event of every node.
  void on_event(std::function<void(NodeIndex, const node::NodeEvent&)> sink);
  /// Whether a production node is there, not something else.
  bool is_node(NodeIndex index) const;
  /// What the radio of whoever is there tells of what it holds.
  std::array<std::uint64_t, 2> held_sum(NodeIndex index) const;
  /// What a node's wall clock says at the world's time zero.
  void set_wall_clock(NodeIndex index, std::int64_t unix_s);
  /// What it says now.
  std::int64_t wall_clock(NodeIndex index) const;
  /// Sets it forward, or back.
  void turn_wall_clock(NodeIndex index, std::int64_t by_s);
  /// How much too fast it runs, in millionths, from time zero on.
  void set_wall_drift(NodeIndex index, double ppm);
  /// A node that is off will think that so much less time has passed than did; negative: more.
  void hold_back_time(NodeIndex index, base::Duration by);
  /// Kills the node and starts it again from its store as of its last commit.
  void crash_and_restart(NodeIndex index);
  /// Switches a node off (all its links break) or on again.
  void set_power(NodeIndex index, bool on);
  /// The node's disk is full, or has room again.
  void set_disk_full(NodeIndex index, bool full);

  /// `a` dials `b`, now and whenever the connection is lost, until disconnect().
  void connect(NodeIndex a, NodeIndex b, const LinkModel& model = {});
  /// Puts the two out of each other's reach, whoever dialled.
  void disconnect(NodeIndex a, NodeIndex b);
  bool connected(NodeIndex a, NodeIndex b) const;

  /// `a` has dialled `b` just now, once; nobody dials again. `opens_in`: until the ends have it.
  base::LinkId join(NodeIndex a, NodeIndex b, const LinkModel& model, base::Duration opens_in = {});
  /// Nothing crosses that link any more; the ends hear of it as the model says. A link that is over
  /// stays so.
  void part(base::LinkId link);
  void part(base::LinkId link, base::Duration noticed_after);
  /// Called when an end has a joined link no more (or never got it), whoever ended it; at the end
  /// of both it was called for each.
  void on_link_ended(std::function<void(base::LinkId, NodeIndex end)> sink);
  /// Room for so many connections was ever needed at once.
  std::size_t connection_places() const;
  /// Runs along; at equal times after the world's own events. It has to live as long as the world
  /// runs.
  void set_companion(Companion& companion);

  /// Makes two nodes contacts by invite and answer; identities are created when missing. Contacts
  /// are called name_of(index).
  void introduce(NodeIndex a, NodeIndex b);
  static std::string name_of(NodeIndex index);
  /// The same as send(), for a node that may refuse: when its store is full, say.
  base::Expected<node::MessageId, node::PersonError> try_send(
      NodeIndex from, NodeIndex to, const std::string& text, const node::SendOptions& options = {});
  /// The same for a file of `offer.size` bytes; fill() is asked for them piece by piece, in order.
  base::Expected<node::MessageId, node::PersonError> try_send_file(
      NodeIndex from, NodeIndex to, const node::FileOffer& offer,
      const std::function<void(base::MutableByteView piece)>& fill,
      const node::SendOptions& options = {});
  /// Returns once the message is durable at its sender; asserts that it was taken.
  node::MessageId send(NodeIndex from, NodeIndex to, const std::string& text,
                       const node::SendOptions& options = {});

  /// Time is zero again, and what the world counts; nodes know how long they have lived and keep
  /// what they have. Nothing may be connected, planned with at() or stand beside the nodes.
  void begin_anew();

  base::Time now() const;
  /// What a node takes for now: all times that it says are such.
  base::Time time_at(NodeIndex index) const;
  void at(base::Time time, std::function<void()> action);
  void run_for(base::Duration duration);
  /// Until nothing is queued, on its way or unsaved anywhere.
  void run_until_idle(base::Duration at_most);
  /// Stops early once `done` holds (asked every kCheckEvery).
  static constexpr base::Duration kCheckEvery = std::chrono::milliseconds(100);
  bool run_until(const std::function<bool()>& done, base::Duration at_most);

  std::uint64_t event_hash() const;
  std::uint64_t events() const;
  std::uint64_t frames() const;
  std::uint64_t frame_bytes() const;
  /// Of all frames that were sent, arrived or not, each as often as it was.
  std::uint64_t air_bytes() const;
  base::Random& random();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaski::sim
