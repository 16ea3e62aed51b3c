// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_command.hpp"

#include <algorithm>

namespace chaski::transport_ble {

std::string to_string(Verb verb) {
  switch (verb) {
    case Verb::kRegister: return "register a service";
    case Verb::kStartScan: return "scan";
    case Verb::kStopScan: return "stop scanning";
    case Verb::kAdvertise: return "advertise";
    case Verb::kWithdraw: return "stop advertising";
    case Verb::kDial: return "dial";
    case Verb::kCallOff: return "call off a dial";
    case Verb::kHangUp: return "hang up";
    case Verb::kRemove: return "forget a device";
  }
  return "";
}

const Command& PendingCommands::add(Command command, std::optional<base::Time> deadline) {
  command.id = next_id_++;
  return pending_.emplace(command.id, Entry{command, deadline}).first->second.command;
}

std::optional<Command> PendingCommands::take(std::uint64_t id) {
  const auto it = pending_.find(id);
  if (it == pending_.end()) return std::nullopt;
  const Command command = it->second.command;
  pending_.erase(it);
  return command;
}

std::vector<Command> PendingCommands::take_late(base::Time now) {
  std::vector<Command> late;
  std::erase_if(pending_, [&](const auto& item) {
    const bool over = item.second.deadline && *item.second.deadline <= now;
    if (over) late.push_back(item.second.command);
    return over;
  });
  return late;
}

void PendingCommands::forget(Verb verb, Device device) {
  std::erase_if(pending_, [&](const auto& item) {
    return item.second.command.verb == verb && item.second.command.device == device;
  });
}

bool PendingCommands::any(Verb verb) const {
  return count(verb) > 0;
}

bool PendingCommands::any(Verb verb, Device device) const {
  return std::any_of(pending_.begin(), pending_.end(), [&](const auto& item) {
    return item.second.command.verb == verb && item.second.command.device == device;
  });
}

std::size_t PendingCommands::count(Verb verb) const {
  return static_cast<std::size_t>(
      std::count_if(pending_.begin(), pending_.end(),
                    [&](const auto& item) { return item.second.command.verb == verb; }));
}

std::optional<base::Time> PendingCommands::next_deadline() const {
  std::optional<base::Time> soonest;
  for (const auto& [id, entry] : pending_) {
    if (entry.deadline && (!soonest || *entry.deadline < *soonest)) soonest = entry.deadline;
  }
  return soonest;
}

}  // namespace chaski::transport_ble
