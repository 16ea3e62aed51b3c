// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>

#include "sim/results/trail.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// Follows one message from node to node: it looks at a node whenever it got a frame or its turn,
/// so no copy is missed and each is seen in the moment in which it comes to be.
///
/// Stands before the companion that the world had and changes nothing of what happens.
class Follower final : public Companion {
 public:
  /// All must outlive this, which has to be the world's companion from now on.
  Follower(World& world, Companion& other, const TrailRequest& request, Trail& trail);

  /// The message was written just now; its envelope has this id.
  void written(NodeIndex author, NodeIndex recipient, const wire::EnvelopeId& id);
  void not_written(const std::string& why) { trail_.not_written = why; }
  /// The recipient has it to read, just now.
  void read(NodeIndex recipient);
  /// The world is at its end.
  void finish();

  base::Time next_time() const override { return other_.next_time(); }
  void step(base::Time now) override { other_.step(now); }
  void served(NodeIndex node, base::Time now) override;
  void carried(base::LinkId link, NodeIndex from, NodeIndex to, std::size_t bytes,
               base::Time now) override;

 private:
  using Pair = std::array<NodeIndex, 2>;
  /// Null when its process does not run.
  const mesh_router::Router* router(NodeIndex node) const;
  mesh_router::Explanation explain(NodeIndex node) const;
  void look_for_new(NodeIndex node, std::optional<NodeIndex> giver);
  void look_for_lost(NodeIndex node);
  void begin_copy(NodeIndex node, std::optional<std::size_t> from);
  void look_at_contacts(NodeIndex node, base::Time now);
  void look_at(TrailContact& contact);

  World& world_;
  Companion& other_;
  Trail& trail_;
  std::optional<wire::EnvelopeId> id_;
  NodeIndex recipient_ = 0;
  struct Held {
    std::size_t copy = 0;
    base::Time expires = base::Time::max();
    std::uint64_t displaced = 0;  ///< its router's count, when last looked at
  };
  std::map<NodeIndex, Held> held_;
  std::map<NodeIndex, std::size_t> last_copy_;  ///< of each that ever had one
  std::map<Pair, base::LinkId> links_;          ///< over which frames last went, one way
  bool read_ = false;
};

}  // namespace chaski::sim
