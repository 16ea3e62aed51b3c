// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/scenario.hpp"

#include <charconv>
#include <cstdint>

#include "sim/scenario/readers.hpp"

namespace chaski::sim {
namespace {

using settings::Section;

std::optional<std::uint16_t> copies_in(std::string_view text) {
  std::uint16_t copies = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), copies);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && copies >= 1 && copies <= 10'000 ? std::optional(copies) : std::nullopt;
}

/// [traffic], or [[traffic]] for each of several kinds.
void read_all_traffic(const toml::table& table, Section& top, std::string_view file,
                      std::vector<Traffic>& traffic) {
  if (table["traffic"].is_array()) {
    for (const toml::table* one : top.sections("traffic")) {
      read_traffic({*one, file, "traffic"}, traffic.emplace_back());
    }
  } else if (const auto* one = top.section("traffic")) {
    read_traffic({*one, file, "traffic"}, traffic.emplace_back());
  }
  if (traffic.empty()) {
    top.reject("traffic", "is missing", "write [traffic] and say who writes to whom");
  }
}

PathLoss radio_of(Section section, const toml::table& table) {
  if (!table.contains("area") && !table.contains("positions")) {
    section.reject("power_dbm", "and the rest say nothing about contacts without places",
                   "leave [radio] out, or say where people are");
  }
  for (const char* places : {"area", "positions"}) {
    if (table[places]["range_m"]) {
      section.reject("power_dbm", "stands beside a range_m, which follows from [radio]",
                     "leave one of the two out");
    }
  }
  return read_radio(std::move(section));
}

void read_links(Section& top, std::string_view file, Scenario& scenario) {
  const auto* ble = top.section("ble");
  const auto* wifi = top.section("wifi");
  if (ble != nullptr && wifi != nullptr) {
    top.reject("wifi", "stands beside [ble]", "say how nodes are linked with one of the two");
  }
  if (wifi != nullptr) {
    ContactLinkParameters parameters;
    read_wifi({*wifi, file, "wifi"}, parameters);
    scenario.links = parameters;
    return;
  }
  BleParameters parameters;
  if (ble != nullptr) read_ble({*ble, file, "ble"}, parameters);
  scenario.links = parameters;
}

}  // namespace

Scenario read_scenario(const toml::table& table, std::string_view file) {
  Scenario scenario;
  Section top(table, file, "");
  top.read("title", scenario.title);
  top.read("about", scenario.about);
  top.read("seed", scenario.seed, 0, INT64_MAX);
  top.read("duration_s", scenario.duration, std::chrono::seconds(1), 1, kSettingMax_s);
  top.read("store_bytes_max", scenario.store_bytes_max, 4u << 20, std::uint64_t{1} << 40);
  top.read("stand_in_links", scenario.stand_in_links);
  top.read("just_met", scenario.just_met);
  top.read("strategies", scenario.strategies);
  for (const std::string& name : scenario.strategies) {
    if (name == kProduction || strategy_named(name)) continue;
    top.reject("strategies", "names " + name,
               "choose of chaski, direct, epidemic, two-hop, prophet, spray-N, spray-source-N");
  }
  scenario.contacts = read_contacts(top, file);
  read_all_traffic(table, top, file, scenario.traffic);
  read_links(top, file, scenario);
  if (const auto* t = top.section("radio")) scenario.radio = radio_of({*t, file, "radio"}, table);
  if (const auto* t = top.section("ideal")) read_ideal({*t, file, "ideal"}, scenario.ideal);
  if (const auto* t = top.section("faults")) read_faults({*t, file, "faults"}, scenario.faults);
  top.finish();
  const bool lasts = std::holds_alternative<RecordedContacts>(scenario.contacts) ||
                     std::holds_alternative<RecordedPositions>(scenario.contacts);
  if (!lasts && scenario.duration == base::Duration{}) {
    top.reject("duration_s", "is missing", "say how long the world lasts, in seconds");
  }
  if (scenario.strategies.empty()) scenario.strategies = {std::string(kProduction)};
  return scenario;
}

std::optional<Strategy> strategy_named(std::string_view name) {
  Strategy strategy;
  if (name == "direct") {
    strategy.kind = Strategy::Kind::direct;
  } else if (name == "epidemic") {
    strategy.kind = Strategy::Kind::epidemic;
  } else if (name == "two-hop") {
    strategy.kind = Strategy::Kind::two_hop;
  } else if (name == "prophet") {
    strategy.kind = Strategy::Kind::prophet;
  } else {
    constexpr std::string_view kSource = "spray-source-";
    constexpr std::string_view kBinary = "spray-";
    const bool source = name.starts_with(kSource);
    if (!source && !name.starts_with(kBinary)) return std::nullopt;
    const auto copies = copies_in(name.substr(source ? kSource.size() : kBinary.size()));
    if (!copies) return std::nullopt;
    strategy.kind = source ? Strategy::Kind::spray_source : Strategy::Kind::spray_binary;
    strategy.copies = *copies;
  }
  return strategy;
}

base::Expected<Scenario, std::string> parse_scenario(std::string_view text, std::string_view name) {
  return settings::parse(text, name, &read_scenario);
}

}  // namespace chaski::sim
