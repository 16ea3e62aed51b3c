// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/node_index.hpp"

namespace chaski::sim {

/// A host as The ONE's files name it: `12`, or a group before the number, `p12`.
///
/// The number alone says which host it is; see StandardEventsReader of The ONE.
struct OneHost {
  std::uint32_t address = 0;
  std::string_view name;  ///< as it stands in the file
  bool in_group() const { return name.front() < '0' || name.front() > '9'; }
};

/// A host id; nothing for what has no number at its end, or one above 2^31 - 1.
std::optional<OneHost> one_host_in(std::string_view word);

/// The hosts of a file, numbered as they come and then by their addresses.
class OneHosts {
 public:
  /// Its place among those that came; nothing: its address came with the name of another group.
  std::optional<std::uint32_t> add(const OneHost& host);
  /// The name with which the host of this address came first, its group if it ever had one.
  const std::string& name(std::uint32_t place) const { return names_[place]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }

  struct Order {
    std::vector<NodeIndex> node_of;  ///< by place
    std::vector<std::string> names;  ///< by node
  };
  /// The hosts in the order of their addresses.
  Order order() const;

 private:
  std::unordered_map<std::uint32_t, std::uint32_t> place_of_;
  std::vector<std::uint32_t> addresses_;
  std::vector<std::string> names_;
};

/// Finds the node that a host id means, among nodes with these names.
class OneHostIndex {
 public:
  /// Without names nodes are called by their numbers. Names that are no host ids are never found.
  OneHostIndex(std::uint32_t nodes, const std::vector<std::string>& names);
  std::optional<NodeIndex> find(const OneHost& host) const;

 private:
  std::uint32_t numbered_ = 0;
  std::unordered_map<std::uint32_t, NodeIndex> by_address_;
};

}  // namespace chaski::sim
