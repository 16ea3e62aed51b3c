// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_rhythm.hpp"

#include <algorithm>

namespace chaski::transport_ble {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr base::Duration kFreshlyAlone = minutes(1);
constexpr base::Duration kLongAlone = minutes(10);
/// Whoever passes by for 20 s is seldom between two of them. More often than each ten seconds a
/// kernel would be asked too much (ble.md, 7.1).
constexpr milliseconds kLook{1'000};
constexpr milliseconds kCrowdShare{3};
constexpr milliseconds kCrowdStep{50};

Rhythm table(const Surroundings& s) {
  const bool always = s.waiting || (s.heard == 0 && s.alone < kFreshlyAlone);
  if (s.full && !s.waiting) return {seconds(1), seconds(0), seconds(0)};
  if (s.on_battery && !s.waiting) return {milliseconds(500), kLook, seconds(15)};
  if (always) return {milliseconds(100), seconds(10), seconds(10)};
  if (s.alone >= kLongAlone) return {milliseconds(250), kLook, seconds(10)};
  return {milliseconds(250), seconds(3), seconds(10)};
}

}  // namespace

Rhythm rhythm_of(const Surroundings& surroundings) {
  Rhythm rhythm = table(surroundings);
  // In steps: each change is a command to the controller.
  const auto steps = (kCrowdShare * surroundings.heard + kCrowdStep - milliseconds(1)) / kCrowdStep;
  rhythm.advertise_every = std::max(rhythm.advertise_every, base::Duration(kCrowdStep * steps));
  return rhythm;
}

}  // namespace chaski::transport_ble
