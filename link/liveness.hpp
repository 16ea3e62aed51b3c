// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/time.hpp"
#include "link/link.hpp"

namespace chaski::link {

/// Tells a silent peer from a dead one.
///
/// Rules: (1) nothing heard for ping_after: ask once. (2) nothing heard for dead_after, and at
/// least dead_after - ping_after since it was asked: dead. Who sleeps for an hour therefore asks
/// before it judges, and does not take its own sleep for the peer's death.
class Liveness {
 public:
  enum class Verdict : std::uint8_t { alive, ask, dead };

  Liveness() = default;
  Liveness(const LinkTimers& timers, base::Time now)
      : ping_after_(timers.ping_after), dead_after_(timers.dead_after), heard_(now) {}

  void set_replaceable(const LinkTimers& timers, bool replaceable) {
    ping_after_ = replaceable ? timers.replaceable_ping_after : timers.ping_after;
    dead_after_ = replaceable ? timers.replaceable_dead_after : timers.dead_after;
  }

  /// A frame came.
  void heard(base::Time now) {
    heard_ = now;
    asked_.reset();
  }
  /// `ask` is given once for each silence.
  Verdict judge(base::Time now) {
    if (now < wakeup()) return Verdict::alive;
    if (asked_) return Verdict::dead;
    asked_ = now;
    return Verdict::ask;
  }
  /// When to judge again.
  base::Time wakeup() const {
    if (asked_) return *asked_ + (dead_after_ - ping_after_);
    return heard_ + ping_after_;
  }

 private:
  base::Duration ping_after_{0}, dead_after_{0};
  base::Time heard_{};
  std::optional<base::Time> asked_;
};

}  // namespace chaski::link
