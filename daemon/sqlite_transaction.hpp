// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/sqlite_database.hpp"
#include "mesh-router/envelope_store.hpp"

namespace chaski::daemon {

/// What SQLite's result code means to the router.
mesh_router::StoreError store_error(int sqlite_code);

/// The one transaction of the store: begun at the first change, ended by commit or rollback.
///
/// A change that fails spoils the whole transaction: changes return nothing, so commit() is where
/// their failure is told.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(Database& database);

  /// Call before each change. False when the transaction is spoilt.
  bool begin();
  /// Call with the result of each change.
  void check(int sqlite_code);
  bool is_open() const { return open_; }
  const std::optional<mesh_router::StoreError>& failed() const { return failed_; }
  void fail(mesh_router::StoreError error, std::string why);

  base::Expected<void, mesh_router::StoreError> commit();
  void rollback();
  /// Why the last transaction failed, in SQLite's words.
  const std::string& why() const { return why_; }

 private:
  Database& database_;
  Statement begin_;
  Statement commit_;
  Statement rollback_;
  bool open_ = false;
  std::optional<mesh_router::StoreError> failed_;
  std::string why_;
};

}  // namespace chaski::daemon
