// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// Two nodes come within each other's reach (`up`), or leave it. `a` < `b`.
struct ContactChange {
  base::Time at{};
  NodeIndex a = 0;
  NodeIndex b = 0;
  bool up = false;
  friend bool operator==(const ContactChange&, const ContactChange&) = default;
};

/// The contacts of a world as they happen: from a trace, or from nodes that move.
///
/// Changes come in the order of time, never after end(); a pair's begin with up and alternate.
/// Contacts that last beyond the end are not taken down. Two contacts that only touch (one ends as
/// the other begins) do not overlap: who makes changes puts down before up at equal times.
class ContactSource {
 public:
  virtual ~ContactSource() = default;
  virtual std::uint32_t nodes() const = 0;
  virtual base::Time end() const = 0;
  virtual std::optional<ContactChange> next() = 0;
};

}  // namespace chaski::sim
