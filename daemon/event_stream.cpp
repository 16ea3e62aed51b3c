// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_stream.hpp"

#include <utility>

namespace chaski::daemon {

EventStream::EventStream(std::optional<node::MessageId> after, Replay replay)
    : replaying_(after.has_value()), next_(after.value_or(0) + 1), replay_(std::move(replay)) {}

void EventStream::offer(const std::string& line, node::MessageId message) {
  if (lagged_) return;
  if (replaying_ && message >= next_) return;  // the replay comes to it
  if (bytes_ + line.size() > kBacklogBytesMax) {
    lagged_ = true;
    replaying_ = false;
    lines_.clear();
    lines_.emplace_back(kLagged);
    return;
  }
  bytes_ += line.size();
  lines_.push_back(line);
}

std::string EventStream::take() {
  std::string out;
  for (const std::string& line : lines_) out += line;
  lines_.clear();
  bytes_ = 0;
  for (std::size_t i = 0; replaying_ && i < kReplayBatch; ++i) {
    const auto line = replay_(next_);
    if (line) {
      out += *line;
      ++next_;
    } else {
      replaying_ = false;
    }
  }
  return out;
}

}  // namespace chaski::daemon
