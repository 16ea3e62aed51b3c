// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "node/people_store.hpp"

namespace chaski::daemon {

/// The lines one listener still has to get: bounded, and told so when it is too slow.
///
/// With a starting message id it first replays the messages above it, in order and each once, also
/// those that arrive meanwhile.
class EventStream {
 public:
  static constexpr std::size_t kBacklogBytesMax = 1u << 20;
  static constexpr std::size_t kReplayBatch = 100;

  /// The line of a message by its id; nothing past the last.
  using Replay = std::function<std::optional<std::string>(node::MessageId)>;

  /// `after`: replay messages above this id.
  EventStream(std::optional<node::MessageId> after, Replay replay);

  static constexpr const char* kLagged = "{\"event\":\"lagged\"}\n";

  /// Takes an event. `message` is the id of the message that it is about, or 0.
  void offer(const std::string& line, node::MessageId message);
  /// What to write next; empty when there is nothing.
  std::string take();
  /// It was too slow: what take() gave last ends with {"event":"lagged"} and nothing follows.
  bool ended() const { return lagged_; }
  bool has_more() const { return !lines_.empty() || replaying_; }

 private:
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
  bool lagged_ = false;
  bool replaying_;
  node::MessageId next_;
  Replay replay_;
};

}  // namespace chaski::daemon
