// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/time.hpp"

namespace chaski::sim {

/// How many of the people: so many, and a share of all.
struct HowMany {
  std::uint32_t number = 0;
  double share = 0;  ///< 0 to 1, rounded to whole people

  std::uint32_t of(std::uint32_t people) const {
    return number + static_cast<std::uint32_t>(std::llround(share * people));
  }
  bool any() const { return number > 0 || share > 0; }
};

/// On for a while, off for a while, again and again; whoever follows it begins somewhere in it.
struct DutyCycle {
  base::Duration on{};
  base::Duration off{};  ///< 0: never off
};

/// People whose radios, Bluetooth and Wi-Fi, are off at times; their nodes live on.
struct SleepingRadios {
  HowMany who;
  DutyCycle cycle{std::chrono::minutes(2), std::chrono::minutes(8)};
  /// Off at these hours of each day, and on otherwise: then `cycle` says nothing. Times of a day of
  /// 24 hours that begins with the world; a night may go over its end.
  base::Duration night_from{};
  base::Duration night_until{};
  bool by_night() const { return night_from != night_until; }
};

/// People whose wall clocks are wrong, each in its own way within these bounds.
struct WrongClocks {
  HowMany who;
  base::Duration offset_max{};  ///< wrong by so much at most, to either side
  double drift_ppm_max = 0;     ///< and so much too fast or too slow
  double jumps_per_hour = 0;    ///< of each: set anew, within jump_max of what it said
  base::Duration jump_max = std::chrono::hours(24);
  /// There is no clock that runs without power: after an outage it says 1970.
  bool forgets = false;
};

/// Transmitters that let nothing through near them; they have no node.
struct Jamming {
  HowMany who;
  DutyCycle cycle{std::chrono::minutes(1), base::Duration{}};
  double reach = 1;  ///< of their contacts, drawn one by one, this share is near enough
};

/// People whose nodes write envelopes for nobody.
struct Flooding {
  HowMany who;
  double per_hour = 3'600;  ///< of each
};

/// What goes wrong among people, each drawn from the seed.
///
/// Liars, colluders, jammers and who is absent write to nobody and nobody writes to them; nobody is
/// two of these. Sleepers and wrong clocks are drawn among all others.
struct PeopleFaults {
  double crashes_per_hour = 0;  ///< of each node, which starts again at once from its store
  double outages_per_hour = 0;  ///< of each node, whose battery is empty then
  base::Duration outage = std::chrono::minutes(10);

  SleepingRadios sleepers;
  WrongClocks clocks;
  Jamming jammers;

  HowMany absent;         ///< have no node
  HowMany black_holes;    ///< take custody of everything, and forget it
  HowMany age_liars;      ///< carry, and say that all of it is nearly over, or new
  HowMany hop_liars;      ///< carry, and say that nobody may carry it on
  HowMany replayers;      ///< show all that they ever saw to everybody, as if it were new
  HowMany junk_speakers;  ///< speak noise
  Flooding flooders;
  HowMany colluders;  ///< carry honestly, and tell each other what they saw and from whom
};

}  // namespace chaski::sim
