// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// The longest text of a production node; what is longer goes as a file.
inline constexpr std::uint32_t kTextSizeMax = 64'000;

/// A message that somebody will write: the same for every strategy that is compared.
struct PlannedMessage {
  base::Time at{};
  NodeIndex from = 0;
  NodeIndex to = 0;  ///< never `from`
  std::uint32_t size_bytes = 0;
  base::Duration lifetime = base::Duration::max();  ///< max: for ever
  std::string name;      ///< of an external file; empty: its place in the plan
  bool as_file = false;  ///< sent as a file, however short
  /// One message to several is a row of messages, one for each of them, with one number.
  std::optional<std::uint32_t> group{};
};

/// Whether production nodes send it as a file.
inline bool goes_as_file(const PlannedMessage& message) {
  return message.as_file || message.size_bytes > kTextSizeMax;
}

/// Messages in the order of time.
using MessagePlan = std::vector<PlannedMessage>;

}  // namespace chaski::sim
