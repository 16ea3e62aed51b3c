// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "node/event_queue.hpp"
#include "node/people_store.hpp"

namespace chaski::node {

/// What the units of one node share.
struct Context {
  NodeStore& store;
  base::Random& random;
  EventQueue events;
  WallTime wall;
  bool dirty = false;  ///< something of the person's changed since the last flush

  PeopleStore& people() { return store.people(); }
};

}  // namespace chaski::node
