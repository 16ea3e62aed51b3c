// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace chaski::daemon {

/// Hands each event, as one line of JSON, to everyone who listens.
class EventHub {
 public:
  /// Must not block and bounds its own backlog; called on the loop. `message` is the id of the
  /// message that the event is about, or 0.
  using Sink = std::function<void(const std::string& line, std::uint64_t message)>;
  using Id = std::uint64_t;

  Id subscribe(Sink sink);
  void unsubscribe(Id id);
  bool listened_to() const { return !sinks_.empty(); }
  void publish(const nlohmann::json& event, std::uint64_t message = 0);

 private:
  std::map<Id, Sink> sinks_;
  Id next_ = 1;
};

}  // namespace chaski::daemon
