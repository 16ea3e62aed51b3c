// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "daemon/sqlite_transaction.hpp"

namespace chaski::daemon {

/// Small named blobs of the relay itself, in the clear: it needs them while nobody has unlocked.
///
/// They wait in memory until the commit.
class RelayValues {
 public:
  RelayValues(Database& database, SqliteTransaction& transaction);
  std::optional<base::Bytes> load(std::string_view name);
  void save(std::string_view name, base::ByteView value);
  void write_pending();
  /// After a rollback.
  void forget_pending() { waiting_.clear(); }

 private:
  SqliteTransaction& transaction_;
  Statement load_;
  Statement save_;
  std::map<std::string, base::Bytes, std::less<>> waiting_;
};

}  // namespace chaski::daemon
