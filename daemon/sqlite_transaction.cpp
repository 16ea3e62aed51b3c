// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_transaction.hpp"

#include <utility>

namespace chaski::daemon {

using mesh_router::StoreError;

StoreError store_error(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:  // a file size limit or a quota comes as this
      return StoreError::full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return StoreError::read_only;
    default:
      return StoreError::broken;
  }
}

SqliteTransaction::SqliteTransaction(Database& database)
    : database_(database), begin_(database, "BEGIN"), commit_(database, "COMMIT"),
      rollback_(database, "ROLLBACK") {}

bool SqliteTransaction::begin() {
  if (failed_) return false;
  if (open_) return true;
  check(begin_.run());
  open_ = !failed_;
  return open_;
}

void SqliteTransaction::check(int sqlite_code) {
  if (sqlite_code == SQLITE_DONE || sqlite_code == SQLITE_ROW || sqlite_code == SQLITE_OK) return;
  fail(store_error(sqlite_code), database_.message());
}

void SqliteTransaction::fail(StoreError error, std::string why) {
  if (failed_) return;
  failed_ = error;
  why_ = std::move(why);
}

base::Expected<void, StoreError> SqliteTransaction::commit() {
  if (open_ && !failed_) check(commit_.run());
  if (failed_) return base::unexpected(*failed_);
  open_ = false;
  return {};
}

void SqliteTransaction::rollback() {
  // SQLite may have rolled back by itself; asking again does no harm.
  if (open_ && sqlite3_get_autocommit(database_.handle()) == 0) rollback_.run();
  open_ = false;
  failed_.reset();
}

}  // namespace chaski::daemon
