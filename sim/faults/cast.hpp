// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/faults/people_faults.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// What somebody is in a world of PeopleFaults.
enum class Part : std::uint8_t {
  person,  ///< writes and reads, with a production node
  absent,
  jammer,
  black_hole,
  age_liar,
  hop_liar,
  replayer,
  junk_speaker,
  flooder,
  colluder,
  kCount
};
/// As its section of [faults] is called: "black_holes".
std::string_view name_of(Part part);

/// Who is what.
struct Cast {
  std::vector<Part> parts;        ///< by node
  std::vector<bool> sleeps;       ///< of a person
  std::vector<bool> clock_wrong;  ///< of a person

  bool is_person(NodeIndex node) const { return parts[node] == Part::person; }
  std::uint64_t count(Part part) const;
  std::vector<NodeIndex> all(Part part) const;
  std::uint64_t sleeping() const;
  std::uint64_t clocks_wrong() const;
};

/// How many have other parts than that of a person: may be more than there are people.
std::uint64_t parts_wanted(const PeopleFaults& faults, std::uint32_t nodes);

/// Draws it: from one seed the same first ones have a part, whatever part that is, so that runs
/// which differ in what liars do have the same liars. `parts_wanted()` must be at most `nodes`.
Cast draw_cast(const PeopleFaults& faults, std::uint64_t seed, std::uint32_t nodes);

}  // namespace chaski::sim
