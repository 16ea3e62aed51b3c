// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "node/memory_node_store.hpp"
#include "node/node.hpp"
#include "sim/world/actor.hpp"

namespace chaski::sim {

/// A production Node with its store and its randomness: what a daemon is around it.
class NodeHost final : public Actor {
 public:
  NodeHost(const node::NodeConfig& config, std::uint64_t store_bytes_max,
           std::shared_ptr<node::BodyPool> pool, std::uint64_t seed, base::Time now);
  ~NodeHost() override;

  node::Node& node() { return *node_; }
  node::MemoryNodeStore& store() { return store_; }
  void set_sink(EventSink sink) override { sink_ = std::move(sink); }
  std::array<std::uint64_t, 2> held_sum() const override { return node_->router().held_sum(); }
  /// What the wall clock says at time zero of the world.
  void set_wall_offset(std::int64_t unix_s) { wall_offset_s_ = unix_s; }
  /// From now on it says so much more than it would have.
  void turn_wall(std::int64_t by_s) { wall_offset_s_ += by_s; }
  /// How much too fast it runs, from time zero of the world on.
  void set_wall_drift(double ppm) { wall_drift_ppm_ = ppm; }
  node::WallTime wall(base::Time now) const;
  /// What the node is told of a time of the world.
  base::Time local(base::Time now) const { return now - behind_; }
  /// The node's own time lost so much while it was off; negative: it went ahead.
  void hold_back(base::Duration by) { behind_ += by; }
  /// The world's time is zero again: so long the node has lived before.
  void age_by(base::Duration lived);

  /// Ends the process: what was not committed is gone.
  void stop();
  /// Starts it again from its store.
  void start(base::Time now);
  bool running() const { return node_ != nullptr; }

  bool link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                   std::size_t frame_size_max, base::Time now) override;
  void link_closed(base::LinkId link, base::Time now) override;
  void receive(base::LinkId link, base::MutableByteView frame, base::Time now) override;
  std::size_t next_frame(base::LinkId link, base::MutableByteView out, base::Time now) override;
  std::vector<base::LinkId> ready_links() override;
  std::vector<base::LinkId> closed_links() override;
  bool settle(base::Time now) override;
  std::optional<base::Time> next_wakeup() const override;
  void wake(base::Time now) override;
  bool idle() const override;

 private:
  node::NodeConfig config_;
  node::MemoryNodeStore store_;
  base::SeededRandom random_;
  std::unique_ptr<node::Node> node_;
  EventSink sink_;
  std::int64_t wall_offset_s_ = 1'700'000'000;
  double wall_drift_ppm_ = 0;
  base::Duration behind_{};
};

}  // namespace chaski::sim
