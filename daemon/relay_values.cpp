// SPDX-License-Identifier: Apache-2.0
#include "daemon/relay_values.hpp"

namespace chaski::daemon {

RelayValues::RelayValues(Database& database, SqliteTransaction& transaction)
    : transaction_(transaction), load_(database, "SELECT value FROM relay WHERE name = ?"),
      save_(database, "INSERT OR REPLACE INTO relay(name, value) VALUES(?,?)") {}

std::optional<base::Bytes> RelayValues::load(std::string_view name) {
  if (const auto waiting = waiting_.find(name); waiting != waiting_.end()) return waiting->second;
  const Reading reading(load_);
  load_.bind_all(name);
  if (load_.step() != SQLITE_ROW) return std::nullopt;
  const base::ByteView value = load_.blob(0);
  return base::Bytes(value.begin(), value.end());
}

void RelayValues::save(std::string_view name, base::ByteView value) {
  waiting_.insert_or_assign(std::string(name), base::Bytes(value.begin(), value.end()));
}

void RelayValues::write_pending() {
  for (const auto& [name, value] : waiting_) {
    if (!transaction_.begin()) break;
    transaction_.check(save_.run(std::string_view(name), base::ByteView(value)));
  }
  waiting_.clear();
}

}  // namespace chaski::daemon
