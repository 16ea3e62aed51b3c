// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "sim/people/follower.hpp"
#include "sim/people/people.hpp"
#include "sim/people/ways.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// Writes what a plan says, from the nodes of a world, and counts what of it is read.
class Post {
 public:
  /// Whose process has, or had, this key; nothing: nobody knows.
  using WhoHas = std::function<std::optional<NodeIndex>(const link::NodePublicKey&)>;
  /// All must outlive this.
  Post(World& world, const MessagePlan& plan, std::uint32_t watched, WhoHas who_has,
       PeopleResult& result);

  /// All who write to each other, in the order of the plan.
  std::vector<std::pair<NodeIndex, NodeIndex>> partners() const;
  /// From now on messages are written when their time comes, until `end`.
  void begin(base::Time end);
  /// Has to be told each event of each node; nodes must tell what they take.
  void heard(NodeIndex node, const node::NodeEvent& event);
  /// Tells the follower, which must outlive this, of this message.
  void follow(std::size_t message, Follower& follower) {
    followed_ = message;
    follower_ = &follower;
  }
  /// Looks who holds the messages that are watched.
  void look();
  std::uint64_t delivered() const { return delivered_; }
  /// Tells the result over how many links messages came; once, at the end.
  void tell_ways();
  /// What was written: its envelopes, and who wrote and read them.
  std::vector<WrittenMessage> written() const;

 private:
  struct Watched {
    node::MessageId id = 0;  ///< at its author
    std::size_t place = 0;   ///< in the result's spread
    std::vector<bool> held;
  };
  void plan_next();
  /// Null for messages that nobody follows.
  Follower* follower_of(std::size_t message) const {
    return message == followed_ ? follower_ : nullptr;
  }
  void write(std::size_t message);
  base::Expected<node::MessageId, node::PersonError> send(std::size_t message);
  void read_text(NodeIndex node, node::MessageId id);
  void look_at_file(NodeIndex node, node::MessageId id);
  /// `node` has all of it, as its message `id`.
  void arrived(std::size_t message, NodeIndex node, node::MessageId id);
  void watch(std::size_t message, node::MessageId id);
  void look_for(Watched& watched);

  World& world_;
  const MessagePlan& plan_;
  const std::uint32_t watched_max_;
  const WhoHas who_has_;
  PeopleResult& result_;
  base::Time end_{};
  std::size_t next_message_ = 0;
  std::uint64_t delivered_ = 0;
  std::map<std::size_t, node::MessageId> read_as_;
  std::vector<Watched> watched_;
  std::size_t followed_ = 0;
  Follower* follower_ = nullptr;
  std::vector<std::pair<std::size_t, wire::EnvelopeId>> envelopes_;  ///< by message
  Ways ways_;
};

}  // namespace chaski::sim
