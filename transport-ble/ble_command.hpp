// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "transport-ble/ble_datum.hpp"

namespace chaski::transport_ble {

/// What the manager wants of BlueZ.
enum class Verb {
  kRegister,  ///< the GATT service
  kStartScan,
  kStopScan,
  kAdvertise,  ///< `datum`, every `interval`; with the tag that is advertised: changed in place
  kWithdraw,   ///< the advertisement
  kDial,       ///< `device`
  kCallOff,    ///< the dial of `device`; both are answered
  kHangUp,     ///< `device`; disconnected() follows when it is so
  kRemove,     ///< `device`, from all that BlueZ knows
};

/// In words: "advertise".
std::string to_string(Verb verb);

/// kUnsure: BlueZ said nothing that tells whether it is done.
enum class Answer { kDone, kFailed, kUnsure };

struct Command {
  std::uint64_t id = 0;
  Verb verb = Verb::kRegister;
  Device device;
  Datum datum;
  base::Duration interval{0};
};

/// Commands that were given out and are not answered yet.
class PendingCommands {
 public:
  const Command& add(Command command, std::optional<base::Time> deadline);
  /// The command of that id, which is then answered; nothing when it was late or is unknown.
  std::optional<Command> take(std::uint64_t id);
  std::vector<Command> take_late(base::Time now);
  void forget(Verb verb, Device device);
  void clear() { pending_.clear(); }

  bool has(std::uint64_t id) const { return pending_.contains(id); }
  bool any(Verb verb) const;
  bool any(Verb verb, Device device) const;
  std::size_t count(Verb verb) const;
  std::size_t size() const { return pending_.size(); }
  std::optional<base::Time> next_deadline() const;

 private:
  struct Entry {
    Command command;
    std::optional<base::Time> deadline;
  };
  std::map<std::uint64_t, Entry> pending_;
  std::uint64_t next_id_ = 1;
};

}  // namespace chaski::transport_ble
