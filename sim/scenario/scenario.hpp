// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/expected.hpp"
#include "sim/ideal/bit_rate_rules.hpp"
#include "sim/mobility/blockade.hpp"
#include "sim/mobility/bus.hpp"
#include "sim/mobility/gathering.hpp"
#include "sim/mobility/geometry.hpp"
#include "sim/mobility/march.hpp"
#include "sim/mobility/random_direction.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/mobility/rooms.hpp"
#include "sim/mobility/stationary.hpp"
#include "sim/mobility/villages.hpp"
#include "sim/people/people.hpp"
#include "sim/radio/path_loss.hpp"
#include "sim/traffic/generators.hpp"

namespace chaski::sim {

/// People who move alike.
struct Group {
  std::uint32_t people = 0;
  std::variant<RandomWaypoint, RandomDirection, Gathering, March, Blockade, Villagers, Bus, Rooms,
               Stationary>
      model;
};

/// Contacts of people who walk by models.
struct WalkingPeople {
  Area area;
  double range_m = 20;
  std::vector<Group> groups;
};

/// Contacts of people whose positions were recorded.
struct RecordedPositions {
  std::string file;
  bool numpy = false;  ///< or comma-separated values
  base::Duration interval = std::chrono::seconds(1);
  double range_m = 20;
};

/// Contacts that were recorded.
struct RecordedContacts {
  enum class Format : std::uint8_t { one, sociopatterns };
  std::string file;
  Format format = Format::one;
  std::uint32_t hosts = 0;  ///< The ONE's; 0: those that the file names
  base::Duration from{};    ///< what of the file is played
};

/// Every pair meets by a Poisson process of its own, for no time.
struct RandomMeetings {
  std::uint32_t nodes = 2;
  double meetings_per_pair_and_h = 1;
};

using Contacts = std::variant<WalkingPeople, RecordedPositions, RecordedContacts, RandomMeetings>;

/// Who writes to whom, and what: one kind of messages of several.
struct Traffic {
  enum class Pattern : std::uint8_t {
    one_to_one,
    contacts,
    neighbours,
    groups,
    neighbour_groups,
    broadcasts,
    file,
  };
  Pattern pattern = Pattern::one_to_one;
  std::uint32_t contacts_per_person = 5;
  std::uint32_t authors = 0;  ///< who write to groups or everybody; 0: anybody
  bool as_files = false;
  Rhythm rhythm;
  std::string file;  ///< The ONE's message events
};

/// Ideal links: of infinite bandwidth, or of The ONE's rules.
struct IdealLinks {
  bool instant = true;
  std::uint64_t buffer_bytes = BitRateRules::kUnbounded;  ///< of instant links
  BitRateRules bit_rate;                                  ///< its strategy is not looked at
};

/// A world, who is in it and what is asked of it: a scenario file, read.
struct Scenario {
  std::string title;
  std::string about;
  std::uint64_t seed = 1;
  base::Duration duration{};  ///< 0: as long as the recorded contacts last
  Contacts contacts = RandomMeetings{};
  /// Who hears whom, where places are known; nothing: everybody within range_m.
  std::optional<PathLoss> radio;
  std::vector<Traffic> traffic;  ///< at least one
  std::variant<BleParameters, ContactLinkParameters> links;  ///< of production nodes
  IdealLinks ideal;                                          ///< of the strategies of books
  PeopleFaults faults;
  std::uint64_t store_bytes_max = 64u << 20;
  /// What links compute may be replaced by something faster of the same sizes; who runs a scenario
  /// has to do that.
  bool stand_in_links = false;
  bool just_met = false;  ///< PeopleRules::just_met
  std::vector<std::string> strategies;  ///< what is run beside the oracle
};

/// The strategy of chaski's default router, in production nodes.
inline constexpr std::string_view kProduction = "chaski";

/// "direct", "epidemic", "two-hop", "prophet", "spray-N" and "spray-source-N" (N copies, 1 to
/// 10,000); nothing of any other name.
std::optional<Strategy> strategy_named(std::string_view name);

/// Reads a scenario file; docs/simulator/scenarios.md says what may stand in one.
///
/// Errors: one line with file, line, what is wrong and the mend. Unknown keys are errors; so are
/// models that say of themselves that something is wrong.
base::Expected<Scenario, std::string> parse_scenario(std::string_view text, std::string_view name);

}  // namespace chaski::sim
