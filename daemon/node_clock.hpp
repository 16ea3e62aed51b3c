// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace chaski::daemon {

/// What the machine's clocks say at one moment.
struct ClockReading {
  std::int64_t boot_us = 0;   ///< CLOCK_BOOTTIME: counts suspend, starts anew with each boot
  std::int64_t wall_s = 0;    ///< may be anything
  std::string boot_id;        ///< names this boot; empty when unknown
};

/// A reading and the node time that belonged to it, as kept in the store.
struct SavedClock {
  base::Time node{};
  ClockReading reading;
};

/// Before this the wall clock was never set: 2024-01-01.
inline constexpr std::int64_t kWallPlausibleMin_s = 1'704'067'200;
/// After this it was set wrong: 2100-01-01.
inline constexpr std::int64_t kWallPlausibleMax_s = 4'102'444'800;
/// Longest absence over a reboot that is believed: 30 days.
inline constexpr std::int64_t kAbsenceMax_s = std::int64_t{30} * 24 * 3600;

/// The node time at `now`: that of `saved` and what passed since then.
///
/// Within one boot that is known exactly. Over a reboot it is the wall clock's difference, within 0
/// to kAbsenceMax_s; 0 when either wall time is before 2024.
base::Time resume(const std::optional<SavedClock>& saved, const ClockReading& now);

base::Bytes encode_clock(const SavedClock& saved);
std::optional<SavedClock> decode_clock(base::ByteView bytes);

ClockReading read_clocks();
std::int64_t boot_time_us();

/// The node's clock: CLOCK_BOOTTIME, going on over restarts.
class BootClock {
 public:
  static constexpr const char* kKey = "clock";
  static constexpr base::Duration kSaveEvery = std::chrono::seconds(5);

  explicit BootClock(const std::optional<base::Bytes>& saved);
  base::Time now() const { return base::from_us(boot_time_us() + offset_us_); }
  /// What to save now; nothing when it was saved less than kSaveEvery ago and `force` is not set.
  std::optional<base::Bytes> to_save(bool force);

 private:
  std::int64_t offset_us_ = 0;
  std::optional<base::Time> saved_at_;
};

}  // namespace chaski::daemon
