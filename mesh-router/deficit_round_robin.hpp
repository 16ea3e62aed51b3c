// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "mesh-router/held_envelope.hpp"

namespace chaski::mesh_router {

/// Who is served next of a fixed number of queues, so that each gets the same share of bytes:
/// deficit round robin (Shreedhar and Varghese, SIGCOMM 1995), in the form that charges after
/// serving, so that the size need not be known before.
///
/// Rules: (1) a queue that comes to its turn gets `quantum` bytes of credit and is served while it
/// has any. (2) a queue that is found empty loses its credit. (3) what two queues got that always
/// have something differs by at most two quanta and the largest size, which is at most
/// kQuantaPerServing quanta.
class DeficitRoundRobin {
 public:
  static constexpr std::size_t kQueues = kTurns;
  static constexpr std::size_t kQuantaPerServing = 4;

  /// The queue whose turn it is, among those that wait (a bit for each); the same one until
  /// charge() or until it waits no more.
  std::optional<std::size_t> choose(std::int32_t quantum, std::uint32_t waiting) {
    if (waiting == 0) {
      credit_[current_] = 0;
      return std::nullopt;
    }
    for (std::size_t looks = 0; looks <= kLooks; ++looks) {
      if ((waiting >> current_ & 1u) == 0) {
        credit_[current_] = 0;
      } else if (credit_[current_] > 0) {
        return current_;
      } else if (looks > 0) {
        credit_[current_] += quantum;
        if (credit_[current_] > 0) return current_;
      }
      current_ = (current_ + 1) % kQueues;
    }
    return std::nullopt;
  }
  /// So much was taken from the queue that was chosen last.
  void charge(std::size_t bytes) { credit_[current_] -= static_cast<std::int32_t>(bytes); }

 private:
  /// A debt of kQuantaPerServing is paid in as many rounds, and one more.
  static constexpr std::size_t kLooks = (kQuantaPerServing + 1) * kQueues;

  std::array<std::int32_t, kQueues> credit_{};
  std::size_t current_ = 0;
};

}  // namespace chaski::mesh_router
