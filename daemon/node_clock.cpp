// SPDX-License-Identifier: Apache-2.0
#include "daemon/node_clock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace chaski::daemon {
namespace {

constexpr std::size_t kNumbersSize = 24;
constexpr std::size_t kBootIdSize = 36;
/// Some 30,000 years: far from where sums overflow.
constexpr std::int64_t kPlausibleMax_us = std::int64_t{1} << 60;
/// A node that starts for the first time is one second old, so that no time is zero.
constexpr base::Time kFirst = base::Time{std::chrono::seconds(1)};

void put(base::Bytes& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
}

std::int64_t get(base::ByteView bytes) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return static_cast<std::int64_t>(bits);
}

std::string read_boot_id() {
  const int file = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, kBootIdSize> text{};
  const ssize_t n = ::read(file, text.data(), text.size());
  ::close(file);
  if (n != static_cast<ssize_t>(text.size())) return {};
  return {text.data(), text.size()};
}

}  // namespace

base::Time resume(const std::optional<SavedClock>& saved, const ClockReading& now) {
  if (!saved) return kFirst;
  const ClockReading& then = saved->reading;
  if (!now.boot_id.empty() && now.boot_id == then.boot_id && now.boot_us >= then.boot_us) {
    return saved->node + base::Duration{now.boot_us - then.boot_us};
  }
  if (now.wall_s < kWallPlausibleMin_s || then.wall_s < kWallPlausibleMin_s) return saved->node;
  const std::int64_t away =
      now.wall_s <= then.wall_s ? 0 : std::min(now.wall_s - then.wall_s, kAbsenceMax_s);
  return saved->node + std::chrono::seconds(away);
}

base::Bytes encode_clock(const SavedClock& saved) {
  base::Bytes out;
  put(out, base::to_us(saved.node));
  put(out, saved.reading.boot_us);
  put(out, saved.reading.wall_s);
  const base::ByteView id = base::as_bytes(saved.reading.boot_id);
  out.insert(out.end(), id.begin(), id.end());
  return out;
}

std::optional<SavedClock> decode_clock(base::ByteView bytes) {
  if (bytes.size() < kNumbersSize || bytes.size() > kNumbersSize + kBootIdSize) return std::nullopt;
  SavedClock saved;
  saved.node = base::from_us(get(bytes));
  saved.reading.boot_us = get(bytes.subspan(8));
  saved.reading.wall_s = get(bytes.subspan(16));
  for (const std::int64_t us : {base::to_us(saved.node), saved.reading.boot_us}) {
    if (us < 0 || us > kPlausibleMax_us) return std::nullopt;
  }
  saved.reading.boot_id = std::string(base::as_text(bytes.subspan(kNumbersSize)));
  return saved;
}

std::int64_t boot_time_us() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1'000;
}

ClockReading read_clocks() { return {boot_time_us(), std::time(nullptr), read_boot_id()}; }

BootClock::BootClock(const std::optional<base::Bytes>& saved) {
  const ClockReading now = read_clocks();
  const auto known = saved ? decode_clock(*saved) : std::nullopt;
  offset_us_ = base::to_us(resume(known, now)) - now.boot_us;
}

std::optional<base::Bytes> BootClock::to_save(bool force) {
  const base::Time time = now();
  if (!force && saved_at_ && time - *saved_at_ < kSaveEvery) return std::nullopt;
  saved_at_ = time;
  const ClockReading reading = read_clocks();
  return encode_clock({base::from_us(reading.boot_us + offset_us_), reading});
}

}  // namespace chaski::daemon
