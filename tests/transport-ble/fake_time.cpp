// SPDX-License-Identifier: Apache-2.0
#include "fake_time.hpp"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "base/assert.hpp"

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// In ns. A process of tests has one thread that asks; the sanitizer's threads ask as well.
std::atomic<bool> stands{false};
std::atomic<std::int64_t> monotonic{0};
std::atomic<std::int64_t> slept{0};

int real_time(clockid_t clock, timespec* at) {
  return static_cast<int>(::syscall(SYS_clock_gettime, clock, at));
}

std::int64_t real_monotonic() {
  timespec at{};
  real_time(CLOCK_MONOTONIC, &at);
  return at.tv_sec * kSecond + at.tv_nsec;
}

}  // namespace

// In front of the C library's, for the standard library and libsystemd as well.
extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t clock,
                                                                    timespec* at) noexcept {
  if (!stands || (clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)) return real_time(clock, at);
  const std::int64_t ns = monotonic + (clock == CLOCK_BOOTTIME ? slept.load() : 0);
  at->tv_sec = ns / kSecond;
  at->tv_nsec = ns % kSecond;
  return 0;
}

namespace chaski::transport_ble {

FakeTime::FakeTime() {
  monotonic = real_monotonic();
  slept = 0;
  CHASKI_ASSERT(!stands.exchange(true));
}

FakeTime::~FakeTime() {
  stands = false;
}

void FakeTime::advance(base::Duration duration) {
  monotonic += std::chrono::nanoseconds(duration).count();
}

void FakeTime::suspend(base::Duration duration) {
  slept += std::chrono::nanoseconds(duration).count();
}

base::Time FakeTime::now() const {
  return base::from_us((monotonic + slept) / 1000);
}

}  // namespace chaski::transport_ble
