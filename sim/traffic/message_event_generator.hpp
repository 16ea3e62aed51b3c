// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/expected.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// From `begin` on, `end` left out.
struct NodeRange {
  NodeIndex begin = 0;
  NodeIndex end = 0;
};

/// The settings of The ONE's class of this name, with the values of its default_settings.txt.
///
/// Intervals and sizes are whole numbers, uniform from the smaller bound on; the larger is left out
/// unless both are equal.
struct MessageEvents {
  std::uint32_t interval_min_s = 25;
  std::uint32_t interval_max_s = 35;
  std::uint32_t size_min_bytes = 500'000;
  std::uint32_t size_max_bytes = 1'000'000;
  NodeRange hosts{0, 125};
  std::optional<NodeRange> to_hosts;  ///< recipients, where they are others than the authors
  std::string prefix = "M";           ///< of names, which count from 1; ASCII
  std::uint32_t from_s = 0;
  std::uint32_t until_s = 43'200;  ///< the last message is not after it
  base::Duration lifetime = base::Duration::max();
  std::optional<std::int64_t> seed;  ///< nothing: made of the prefix, as The ONE does
};

/// Why there is no plan.
enum class MessageEventsError : std::uint8_t {
  interval,  ///< the larger bound below the smaller one, or nothing but 0 to draw
  size,      ///< the larger bound below the smaller one
  hosts,     ///< nobody to write, or nobody else to write to
};

/// The plan that The ONE makes of the same settings, message by message.
base::Expected<MessagePlan, MessageEventsError> message_events(const MessageEvents& settings);

}  // namespace chaski::sim
