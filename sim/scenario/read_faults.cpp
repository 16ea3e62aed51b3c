// SPDX-License-Identifier: Apache-2.0
// What goes wrong: [faults] and its parts.
#include <array>
#include <utility>

#include "sim/faults/cast.hpp"
#include "sim/scenario/readers.hpp"

namespace chaski::sim {
namespace {

using settings::Section;
using std::chrono::seconds;

constexpr std::uint64_t kPeopleMax = 1'000'000;
constexpr double kDay_s = 86'400;

/// How many people: one of `number` and `share`.
void read_who(Section& section, HowMany& who) {
  std::uint64_t number = 0;
  section.read("number", number, 1, kPeopleMax);
  section.read("share", who.share, 0, 1);
  who.number = static_cast<std::uint32_t>(number);
  if (section.has("number") == section.has("share")) {
    section.reject("number", section.has("number") ? "stands beside share" : "is missing",
                   "say how many people with number, or which share of all");
  }
}

void read_cycle(Section& section, DutyCycle& cycle) {
  section.read("on_s", cycle.on, seconds(1), 1e-3, kSettingMax_s);
  section.read("off_s", cycle.off, seconds(1), 0, kSettingMax_s);
}

void read_sleepers(Section section, SleepingRadios& sleepers) {
  read_who(section, sleepers.who);
  read_cycle(section, sleepers.cycle);
  section.read("night_from_s", sleepers.night_from, seconds(1), 0, kDay_s);
  section.read("night_until_s", sleepers.night_until, seconds(1), 0, kDay_s);
  if (section.has("night_from_s") != section.has("night_until_s")) {
    section.reject(section.has("night_from_s") ? "night_until_s" : "night_from_s", "is missing",
                   "say when a night begins and when it ends, in seconds of a day");
  }
  if (section.has("night_from_s")) {
    for (const char* key : {"on_s", "off_s"}) {
      if (section.has(key)) {
        section.reject(key, "stands beside a night", "take nights or a duty cycle, not both");
      }
    }
    if (!sleepers.by_night()) {
      section.reject("night_until_s", "is night_from_s", "take another end of the night");
    }
  } else if (sleepers.cycle.off == base::Duration{}) {
    section.reject("off_s", "is 0: nobody sleeps", "make it longer, or leave the section out");
  }
  section.finish();
}

void read_clocks(Section section, WrongClocks& clocks) {
  read_who(section, clocks.who);
  section.read("offset_max_s", clocks.offset_max, seconds(1), 0, 4e9);
  section.read("drift_ppm_max", clocks.drift_ppm_max, 0, 500'000);
  section.read("jumps_per_hour", clocks.jumps_per_hour, 0, 3'600);
  section.read("jump_max_s", clocks.jump_max, seconds(1), 0, 4e9);
  section.read("forgets", clocks.forgets);
  if (section.has("jump_max_s") && clocks.jumps_per_hour <= 0) {
    section.reject("jump_max_s", "is of no jump", "say jumps_per_hour as well, or leave it out");
  }
  section.finish();
}

void read_jammers(Section section, Jamming& jammers) {
  read_who(section, jammers.who);
  read_cycle(section, jammers.cycle);
  section.read("reach", jammers.reach, 0, 1);
  section.finish();
}

void read_flooders(Section section, Flooding& flooders) {
  read_who(section, flooders.who);
  section.read("per_hour", flooders.per_hour, 1, 3.6e6);
  section.finish();
}

}  // namespace

void read_faults(Section section, PeopleFaults& faults) {
  section.read("crashes_per_hour", faults.crashes_per_hour, 0, 3'600);
  section.read("outages_per_hour", faults.outages_per_hour, 0, 3'600);
  section.read("outage_s", faults.outage, seconds(1), 1, kSettingMax_s);
  const auto part = [&](std::string_view name, auto read, auto& into) {
    const toml::table* table = section.section(name);
    if (table != nullptr)
      read(Section(*table, section.file(), "faults." + std::string(name)), into);
  };
  part("sleepers", &read_sleepers, faults.sleepers);
  part("clocks", &read_clocks, faults.clocks);
  part(name_of(Part::jammer), &read_jammers, faults.jammers);
  part(name_of(Part::flooder), &read_flooders, faults.flooders);
  const auto only_who = [](Section one, HowMany& who) {
    read_who(one, who);
    one.finish();
  };
  part(name_of(Part::absent), only_who, faults.absent);
  part(name_of(Part::black_hole), only_who, faults.black_holes);
  part(name_of(Part::age_liar), only_who, faults.age_liars);
  part(name_of(Part::hop_liar), only_who, faults.hop_liars);
  part(name_of(Part::replayer), only_who, faults.replayers);
  part(name_of(Part::junk_speaker), only_who, faults.junk_speakers);
  part(name_of(Part::colluder), only_who, faults.colluders);
  section.finish();
}

}  // namespace chaski::sim
