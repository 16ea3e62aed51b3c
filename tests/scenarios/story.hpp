// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "sim/world/liars.hpp"
#include "sim/world/world.hpp"

namespace chaski::scenarios {

using namespace std::chrono_literals;
using node::Direction;
using node::MessageRecord;
using node::MessageState;
using sim::LinkModel;
using sim::NodeIndex;
using sim::World;
using sim::WorldConfig;

inline std::vector<MessageRecord> messages(World& world, NodeIndex at, Direction direction) {
  node::MessageQuery query;
  query.limit = 1'000'000;
  std::vector<MessageRecord> out;
  for (MessageRecord& message : world.store(at).people().messages(query))
    if (message.direction == direction) out.push_back(std::move(message));
  return out;
}

/// The texts that a person has received, in the order in which they came.
inline std::vector<std::string> inbox(World& world, NodeIndex at) {
  std::vector<std::string> out;
  for (const MessageRecord& message : messages(world, at, Direction::incoming))
    out.push_back(message.text);
  return out;
}

inline MessageState state_of(World& world, NodeIndex at, node::MessageId id) {
  return world.store(at).people().find_message(id)->state;
}

inline std::vector<std::string> life_of(World& world, NodeIndex at, node::MessageId id) {
  std::vector<std::string> out;
  for (const node::LifeEvent& event : world.store(at).people().life_events(id))
    out.push_back(event.what);
  return out;
}

/// Whether two neighbours have an authenticated link.
inline bool linked(World& world, NodeIndex a, NodeIndex b) {
  if (!world.powered(a) || !world.powered(b)) return false;
  for (const node::NeighbourInfo& neighbour : world.node(a).neighbours())
    if (neighbour.key == world.node(b).node_key()) return true;
  return false;
}

}  // namespace chaski::scenarios
