// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_hub.hpp"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "daemon/api_json.hpp"

namespace chaski::daemon {

EventHub::Id EventHub::subscribe(Sink sink) {
  const Id id = next_++;
  sinks_.emplace(id, std::move(sink));
  return id;
}

void EventHub::unsubscribe(Id id) { sinks_.erase(id); }

void EventHub::publish(const nlohmann::json& event, std::uint64_t message) {
  if (sinks_.empty()) return;
  const std::string line = dump(event) + "\n";
  // A sink may unsubscribe itself while it is called.
  std::vector<Sink> sinks;
  sinks.reserve(sinks_.size());
  for (const auto& [id, sink] : sinks_) sinks.push_back(sink);
  for (const Sink& sink : sinks) sink(line, message);
}

}  // namespace chaski::daemon
