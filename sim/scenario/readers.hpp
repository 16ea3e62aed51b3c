// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "settings/section.hpp"
#include "sim/scenario/scenario.hpp"

/// The parts of parse_scenario(): each reads its sections, and throws settings::SettingError.
namespace chaski::sim {

/// A whole file.
Scenario read_scenario(const toml::table& table, std::string_view file);
/// [area], [[people]], [positions], [contacts] or [meetings]: exactly one of the kinds.
Contacts read_contacts(settings::Section& top, std::string_view file);
void read_traffic(settings::Section section, Traffic& traffic);
/// [radio]; whether it may stand there is not looked at.
PathLoss read_radio(settings::Section section);
void read_ble(settings::Section section, BleParameters& ble);
void read_wifi(settings::Section section, ContactLinkParameters& wifi);
void read_ideal(settings::Section section, IdealLinks& ideal);
void read_faults(settings::Section section, PeopleFaults& faults);

/// Durations in files end before this: four months.
inline constexpr double kSettingMax_s = 1e7;
inline constexpr double kSettingMax_m = 1e6;

}  // namespace chaski::sim
