// SPDX-License-Identifier: Apache-2.0
// Who moves where, and what was recorded.
#include <algorithm>
#include <array>

#include "sim/scenario/readers.hpp"

namespace chaski::sim {
namespace {

using settings::Section;

constexpr std::uint64_t kNodesMax = 1'000'000;
constexpr double kSpeedMax = 100;
constexpr double kRangeMax = 10'000;

void read_m(Section& section, std::string_view key, double& out) {
  section.read(key, out, 0, kSettingMax_m);
}
void read_s(Section& section, std::string_view key, double& out) {
  section.read(key, out, 0, kSettingMax_s);
}
void read_speed(Section& section, std::string_view key, double& out) {
  section.read(key, out, 0, kSpeedMax);
}

/// As [x, y, width, height], in metres; the whole area when it is not said.
void read_rectangle(Section& section, std::string_view key, const Area& area, Rectangle& out) {
  out = area.rectangle();
  std::vector<double> numbers;
  section.read(key, numbers, 0, kSettingMax_m);
  if (!section.has(key)) return;
  if (numbers.size() != 4) {
    section.reject(key, "has " + std::to_string(numbers.size()) + " numbers",
                   "write [x, y, width, height]");
  }
  out = {numbers[0], numbers[1], numbers[2], numbers[3]};
}

/// Numbers in rows of `width`.
std::vector<double> read_rows(Section& section, std::string_view key, std::size_t width,
                              const std::string& mend) {
  std::vector<double> numbers;
  section.read(key, numbers, 0, kSettingMax_m);
  if (numbers.empty() || numbers.size() % width != 0) {
    section.reject(key, "has " + std::to_string(numbers.size()) + " numbers", mend);
  }
  return numbers;
}

void read_walk(Section& section, double& speed_min, double& speed_max, double& pause_min,
               double& pause_max) {
  read_speed(section, "speed_min_m_per_s", speed_min);
  read_speed(section, "speed_max_m_per_s", speed_max);
  read_s(section, "pause_min_s", pause_min);
  read_s(section, "pause_max_s", pause_max);
}

RandomWaypoint random_waypoint(Section& section, const Area& area) {
  RandomWaypoint model;
  read_rectangle(section, "rectangle_m", area, model.area);
  read_walk(section, model.speed_min_m_per_s, model.speed_max_m_per_s, model.pause_min_s,
            model.pause_max_s);
  section.read("stationary_start", model.stationary_start);
  return model;
}

RandomDirection random_direction(Section& section, const Area& area) {
  RandomDirection model;
  model.width_m = area.width_m;
  model.height_m = area.height_m;
  read_walk(section, model.speed_min_m_per_s, model.speed_max_m_per_s, model.pause_min_s,
            model.pause_max_s);
  read_s(section, "travel_min_s", model.travel_min_s);
  read_s(section, "travel_max_s", model.travel_max_s);
  return model;
}

Gathering gathering(Section& section, const Area& area) {
  Gathering model;
  read_rectangle(section, "town_m", area, model.town);
  read_m(section, "square_x_m", model.square_x_m);
  read_m(section, "square_y_m", model.square_y_m);
  read_m(section, "square_radius_m", model.square_radius_m);
  read_s(section, "leave_min_s", model.leave_min_s);
  read_s(section, "leave_max_s", model.leave_max_s);
  read_speed(section, "speed_min_m_per_s", model.speed_min_m_per_s);
  read_speed(section, "speed_max_m_per_s", model.speed_max_m_per_s);
  read_s(section, "stay_min_s", model.stay_min_s);
  read_s(section, "stay_max_s", model.stay_max_s);
  read_m(section, "milling_radius_m", model.milling.radius_m);
  read_speed(section, "milling_speed_m_per_s", model.milling.speed_m_per_s);
  read_s(section, "milling_pause_min_s", model.milling.pause_min_s);
  read_s(section, "milling_pause_max_s", model.milling.pause_max_s);
  return model;
}

March march(Section& section, const Area&) {
  March model;
  const auto numbers = read_rows(section, "route_m", 2, "write [x1, y1, x2, y2, ...]");
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    model.route.push_back({numbers[i], numbers[i + 1]});
  }
  read_m(section, "column_length_m", model.column_length_m);
  read_m(section, "column_width_m", model.column_width_m);
  read_speed(section, "speed_m_per_s", model.speed_m_per_s);
  read_s(section, "start_s", model.start_s);
  read_m(section, "drift_m", model.drift_m);
  read_s(section, "drift_every_min_s", model.drift_every_min_s);
  read_s(section, "drift_every_max_s", model.drift_every_max_s);
  return model;
}

Blockade blockade(Section& section, const Area& area) {
  Blockade model;
  read_rectangle(section, "rectangle_m", area, model.area);
  read_m(section, "strip_m", model.strip_m);
  read_m(section, "strip_width_m", model.strip_width_m);
  read_m(section, "gate_m", model.gate_m);
  section.read("left_share", model.left_share, 0, 1);
  std::uint64_t passers = model.passers;
  section.read("passers", passers, 0, kNodesMax);
  model.passers = static_cast<std::uint32_t>(passers);
  read_s(section, "pass_every_min_s", model.pass_every_min_s);
  read_s(section, "pass_every_max_s", model.pass_every_max_s);
  read_s(section, "open_from_s", model.open_from_s);
  read_s(section, "open_until_s", model.open_until_s);
  read_walk(section, model.speed_min_m_per_s, model.speed_max_m_per_s, model.pause_min_s,
            model.pause_max_s);
  return model;
}

Villagers villagers(Section& section, const Area&) {
  Villagers model;
  const auto numbers =
      read_rows(section, "villages_m", 4, "write [x, y, radius, weight, ...] for each village");
  for (std::size_t i = 0; i < numbers.size(); i += 4) {
    model.villages.push_back({numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3]});
  }
  read_m(section, "wander_m", model.wander_m);
  read_walk(section, model.speed_min_m_per_s, model.speed_max_m_per_s, model.pause_min_s,
            model.pause_max_s);
  return model;
}

Bus bus(Section& section, const Area&) {
  Bus model;
  const auto numbers =
      read_rows(section, "stops_m_s", 3, "write [x, y, stop, ...] for each stop and bend");
  for (std::size_t i = 0; i < numbers.size(); i += 3) {
    model.stops.push_back({numbers[i], numbers[i + 1], numbers[i + 2]});
  }
  read_speed(section, "speed_m_per_s", model.speed_m_per_s);
  read_s(section, "first_departure_s", model.first_departure_s);
  read_s(section, "headway_s", model.headway_s);
  read_s(section, "round_every_s", model.round_every_s);
  section.read("there_and_back", model.there_and_back);
  return model;
}

Rooms rooms(Section& section, const Area&) {
  Rooms model;
  read_m(section, "x_m", model.x_m);
  read_m(section, "y_m", model.y_m);
  std::uint64_t per_side = model.rooms_per_side;
  std::uint64_t sides = model.sides;
  section.read("rooms_per_side", per_side, 1, 1'000);
  section.read("sides", sides, 1, 2);
  model.rooms_per_side = static_cast<std::uint32_t>(per_side);
  model.sides = static_cast<std::uint32_t>(sides);
  read_m(section, "room_width_m", model.room_width_m);
  read_m(section, "room_depth_m", model.room_depth_m);
  read_m(section, "corridor_width_m", model.corridor_width_m);
  read_s(section, "stay_min_s", model.stay_min_s);
  read_s(section, "stay_max_s", model.stay_max_s);
  section.read("visit_share", model.visit_share, 0, 1);
  read_speed(section, "speed_min_m_per_s", model.speed_min_m_per_s);
  read_speed(section, "speed_max_m_per_s", model.speed_max_m_per_s);
  return model;
}

Stationary stationary(Section& section, const Area& area) {
  Stationary model;
  read_rectangle(section, "rectangle_m", area, model.area);
  if (!section.has("places_m")) return model;
  const auto numbers = read_rows(section, "places_m", 2, "write [x1, y1, x2, y2, ...]");
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    model.places.push_back({numbers[i], numbers[i + 1]});
  }
  return model;
}

template <class Model, Model (*read)(Section&, const Area&)>
void read_model(Section& section, const Area& area, Group& group) {
  const Model model = read(section, area);
  const std::string_view problem = problem_with(model);
  if (!problem.empty()) section.reject("model", "cannot be: " + std::string(problem), "mend it");
  group.model = model;
}

struct NamedModel {
  std::string_view name;
  void (*read)(Section&, const Area&, Group&);
};
constexpr std::array kModels{
    NamedModel{"random-waypoint", &read_model<RandomWaypoint, random_waypoint>},
    NamedModel{"random-direction", &read_model<RandomDirection, random_direction>},
    NamedModel{"gathering", &read_model<Gathering, gathering>},
    NamedModel{"march", &read_model<March, march>},
    NamedModel{"blockade", &read_model<Blockade, blockade>},
    NamedModel{"villages", &read_model<Villagers, villagers>},
    NamedModel{"bus", &read_model<Bus, bus>},
    NamedModel{"rooms", &read_model<Rooms, rooms>},
    NamedModel{"stationary", &read_model<Stationary, stationary>},
};

Group read_group(Section section, const Area& area) {
  Group group;
  std::uint64_t people = 0;
  section.read("number", people, 1, kNodesMax);
  if (people == 0) section.reject("number", "is missing", "say how many people move like this");
  group.people = static_cast<std::uint32_t>(people);
  std::string name;
  section.read("model", name);
  std::string known;
  for (const NamedModel& model : kModels) {
    if (model.name == name) {
      model.read(section, area, group);
      section.finish();
      return group;
    }
    known += (known.empty() ? "" : ", ") + std::string(model.name);
  }
  section.reject("model", name.empty() ? "is missing" : "is " + name, "choose of " + known);
}

WalkingPeople walking(Section section, Section& top, std::string_view file) {
  WalkingPeople people;
  read_m(section, "width_m", people.area.width_m);
  read_m(section, "height_m", people.area.height_m);
  section.read("torus", people.area.torus);
  section.read("range_m", people.range_m, .1, kRangeMax);
  section.finish();
  if (people.area.width_m <= 0 || people.area.height_m <= 0) {
    section.reject("width_m", "or height_m is missing", "say how large the area is");
  }
  const double side = std::min(people.area.width_m, people.area.height_m);
  if (people.area.torus && people.range_m > .19 * side) {
    section.reject("range_m", "is too long for this torus",
                   "take at most " + std::to_string(static_cast<int>(.19 * side)));
  }
  std::uint64_t nodes = 0;
  for (const toml::table* table : top.sections("people")) {
    people.groups.push_back(read_group({*table, file, "people"}, people.area));
    nodes += people.groups.back().people;
  }
  if (nodes < 2 || nodes > kNodesMax) {
    top.reject("people", "are " + std::to_string(nodes),
               "write [[people]] for 2 to " + std::to_string(kNodesMax) + " in all");
  }
  return people;
}

RecordedPositions positions(Section section) {
  RecordedPositions recorded;
  section.read("file", recorded.file);
  if (recorded.file.empty()) section.reject("file", "is missing", "name the recorded positions");
  std::string format = "csv";
  section.read("format", format);
  if (format != "csv" && format != "npy") {
    section.reject("format", "is " + format, "choose of csv, npy");
  }
  recorded.numpy = format == "npy";
  section.read("interval_s", recorded.interval, std::chrono::seconds(1), 1e-3, 86'400);
  section.read("range_m", recorded.range_m, .1, kRangeMax);
  section.finish();
  return recorded;
}

RecordedContacts recorded_contacts(Section section) {
  RecordedContacts recorded;
  section.read("file", recorded.file);
  if (recorded.file.empty()) section.reject("file", "is missing", "name the recorded contacts");
  std::string format = "one";
  section.read("format", format);
  if (format != "one" && format != "sociopatterns") {
    section.reject("format", "is " + format, "choose of one, sociopatterns");
  }
  recorded.format =
      format == "one" ? RecordedContacts::Format::one : RecordedContacts::Format::sociopatterns;
  std::uint64_t hosts = 0;
  section.read("hosts", hosts, 0, kNodesMax);
  recorded.hosts = static_cast<std::uint32_t>(hosts);
  if (format == "sociopatterns" && section.has("hosts")) {
    section.reject("hosts", "says nothing about this format", "leave it out");
  }
  section.read("from_s", recorded.from, std::chrono::seconds(1), 0, kSettingMax_s);
  section.finish();
  return recorded;
}

RandomMeetings meetings(Section section) {
  RandomMeetings random;
  std::uint64_t nodes = random.nodes;
  section.read("number", nodes, 2, kNodesMax);
  random.nodes = static_cast<std::uint32_t>(nodes);
  section.read("meetings_per_pair_and_h", random.meetings_per_pair_and_h, 1e-9, 1e6);
  section.finish();
  return random;
}

}  // namespace

Contacts read_contacts(Section& top, std::string_view file) {
  const auto* area = top.section("area");
  const auto* recorded = top.section("positions");
  const auto* contacts = top.section("contacts");
  const auto* random = top.section("meetings");
  const int kinds =
      (area != nullptr) + (recorded != nullptr) + (contacts != nullptr) + (random != nullptr);
  if (kinds != 1) {
    top.reject("area", kinds == 0 ? "is missing" : "is not alone",
               "write one of [area] with [[people]], [positions], [contacts], [meetings]");
  }
  if (area != nullptr) return walking({*area, file, "area"}, top, file);
  if (recorded != nullptr) return positions({*recorded, file, "positions"});
  if (contacts != nullptr) return recorded_contacts({*contacts, file, "contacts"});
  return meetings({*random, file, "meetings"});
}

}  // namespace chaski::sim
