// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "node/node.hpp"

namespace chaski::sim {

using NodeIndex = std::uint32_t;

/// What a link between two nodes is like. Frames arrive in order; a lost frame is sent again after
/// `resend_after`, and one lost kLossesMax times in a row breaks the link, as TCP and L2CAP do.
struct LinkModel {
  base::Duration delay = std::chrono::milliseconds(5);
  std::uint64_t bytes_per_s = 0;      ///< 0: infinite
  double loss = 0;                    ///< probability per frame
  base::Duration resend_after = std::chrono::milliseconds(200);
  std::size_t frame_size_max = 65'535;
  base::TransportKind kind = base::TransportKind::lan;
};

struct WorldConfig {
  std::uint64_t seed = 1;
  std::uint64_t store_bytes_max = 64u << 20;
  node::NodeConfig node;
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
  std::size_t size() const;
  node::Node& node(NodeIndex index);
  /// Kills the node and starts it again from its store as of its last commit.
  void crash_and_restart(NodeIndex index);
  /// Switches a node off (all its links break) or on again.
  void set_power(NodeIndex index, bool on);
  /// The node's disk is full, or has room again.
  void set_disk_full(NodeIndex index, bool full);

  void connect(NodeIndex a, NodeIndex b, const LinkModel& model = {});
  void disconnect(NodeIndex a, NodeIndex b);
  bool connected(NodeIndex a, NodeIndex b) const;

  /// Makes two nodes contacts by invite and answer; identities are created when missing.
  void introduce(NodeIndex a, NodeIndex b);
  node::MessageId send(NodeIndex from, NodeIndex to, const std::string& text,
                       const node::SendOptions& options = {});

  base::Time now() const;
  void at(base::Time time, std::function<void()> action);
  void run_for(base::Duration duration);
  void run_until_idle(base::Duration at_most);
  /// Stops early once `done` holds.
  bool run_until(const std::function<bool()>& done, base::Duration at_most);

  std::uint64_t event_hash() const;
  std::uint64_t events() const;
  base::Random& random();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaski::sim
