// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/cast.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "base/assert.hpp"
#include "base/random.hpp"

namespace chaski::sim {
namespace {

using Wanted = std::pair<Part, HowMany>;

std::array<Wanted, 9> wanted(const PeopleFaults& faults) {
  return {Wanted{Part::absent, faults.absent},        {Part::jammer, faults.jammers.who},
          {Part::black_hole, faults.black_holes},     {Part::age_liar, faults.age_liars},
          {Part::hop_liar, faults.hop_liars},         {Part::replayer, faults.replayers},
          {Part::junk_speaker, faults.junk_speakers}, {Part::flooder, faults.flooders.who},
          {Part::colluder, faults.colluders}};
}

void shuffle(std::vector<NodeIndex>& nodes, base::Random& random) {
  for (std::size_t left = nodes.size(); left > 1; --left) {
    std::swap(nodes[left - 1], nodes[random.below(left)]);
  }
}

/// So many of the people, drawn.
std::vector<bool> some_of(const Cast& cast, const HowMany& who, base::Random& random) {
  std::vector<bool> out(cast.parts.size());
  std::vector<NodeIndex> people = cast.all(Part::person);
  shuffle(people, random);
  const auto number =
      std::min<std::size_t>(people.size(), who.of(static_cast<std::uint32_t>(people.size())));
  for (std::size_t i = 0; i < number; ++i) out[people[i]] = true;
  return out;
}

}  // namespace

std::string_view name_of(Part part) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Part::kCount)> kNames{
      "people",    "absent",    "jammers",       "black_holes", "age_liars",
      "hop_liars", "replayers", "junk_speakers", "flooders",    "colluders"};
  return kNames[static_cast<std::size_t>(part)];
}

std::uint64_t Cast::count(Part part) const {
  return static_cast<std::uint64_t>(std::count(parts.begin(), parts.end(), part));
}

std::uint64_t Cast::sleeping() const {
  return static_cast<std::uint64_t>(std::count(sleeps.begin(), sleeps.end(), true));
}

std::uint64_t Cast::clocks_wrong() const {
  return static_cast<std::uint64_t>(std::count(clock_wrong.begin(), clock_wrong.end(), true));
}

std::vector<NodeIndex> Cast::all(Part part) const {
  std::vector<NodeIndex> out;
  for (NodeIndex node = 0; node < parts.size(); ++node) {
    if (parts[node] == part) out.push_back(node);
  }
  return out;
}

std::uint64_t parts_wanted(const PeopleFaults& faults, std::uint32_t nodes) {
  std::uint64_t sum = 0;
  for (const auto& [part, who] : wanted(faults)) sum += who.of(nodes);
  return sum;
}

Cast draw_cast(const PeopleFaults& faults, std::uint64_t seed, std::uint32_t nodes) {
  CHASKI_ASSERT(parts_wanted(faults, nodes) <= nodes);
  base::SeededRandom random(seed * 0x9E3779B97F4A7C15u + 29);
  std::vector<NodeIndex> order(nodes);
  std::iota(order.begin(), order.end(), NodeIndex{0});
  shuffle(order, random);
  Cast cast;
  cast.parts.resize(nodes, Part::person);
  std::size_t next = 0;
  for (const auto& [part, who] : wanted(faults)) {
    for (std::uint32_t i = 0; i < who.of(nodes); ++i) cast.parts[order[next++]] = part;
  }
  cast.sleeps = some_of(cast, faults.sleepers.who, random);
  cast.clock_wrong = some_of(cast, faults.clocks.who, random);
  return cast;
}

}  // namespace chaski::sim
