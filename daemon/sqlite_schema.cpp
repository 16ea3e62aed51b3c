// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_schema.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "daemon/start_error.hpp"

namespace chaski::daemon {
namespace {

constexpr int kApplicationId = 0x6368736b;  // "chsk"
/// How long the check at start may take; a larger database is checked in part.
constexpr std::chrono::milliseconds kCheckTimeMax{2'000};
constexpr int kOperationsBetweenClockLooks = 10'000;

// Columns that are read at start stand before the body, which may lie on overflow pages. A body
// that lies in a segment file is NULL here and has a segment and a block; a text that does is empty
// here, and its sealed size stands beside. No index by id: the router has its own in memory, and an
// index of random keys would dirty a page a row. What is the person's is a number and a sealed
// blob: docs/protocol/vault.md.
constexpr const char* kCreate = R"(
CREATE TABLE envelopes(
  key INTEGER PRIMARY KEY, id BLOB NOT NULL, kind INTEGER NOT NULL, priority INTEGER NOT NULL,
  tag BLOB NOT NULL, commitment BLOB NOT NULL, lifetime_s INTEGER NOT NULL,
  size INTEGER NOT NULL, age_ms INTEGER NOT NULL, arrived_us INTEGER NOT NULL,
  hops INTEGER NOT NULL, copies INTEGER NOT NULL, origin BLOB NOT NULL,
  segment INTEGER, block INTEGER, body BLOB);
CREATE TABLE relay(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE tombstones(
  key INTEGER PRIMARY KEY, until_day INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX tombstones_by_day ON tombstones(until_day);
CREATE TABLE messages(
  key INTEGER PRIMARY KEY, text_segment INTEGER, text_block INTEGER, text_size INTEGER,
  head BLOB NOT NULL, text BLOB NOT NULL);
CREATE INDEX messages_in_segments ON messages(text_segment, text_block, text_size)
  WHERE text_segment IS NOT NULL;
)";
/// Tables of sealed rows.
constexpr std::array kSealed{"items",   "contacts",    "sessions", "invitations",
                             "threads", "undelivered", "lives",    "sums",
                             "timers",  "files",       "file_marks"};

std::string sealed_tables() {
  std::string sql;
  for (const char* name : kSealed) {
    sql += std::string("CREATE TABLE ") + name +
           "(key INTEGER PRIMARY KEY, sealed BLOB NOT NULL);\n";
  }
  return sql;
}

[[noreturn]] void throw_damaged(const std::string& path, std::string why) {
  std::replace(why.begin(), why.end(), '\n', ' ');
  throw StartError(kExitState, "the database " + path + " is damaged (" + why +
                                   "); move it away or restore it from a copy, chaskid does not "
                                   "overwrite it");
}

void set_up_connection(Database& database, const std::string& path) {
  // One process only (the data folder is locked), so the index of the log needs no shared memory.
  database.exec("PRAGMA locking_mode=EXCLUSIVE");
  database.exec("PRAGMA page_size=4096");
  database.exec("PRAGMA cache_size=-2048");
  database.exec("PRAGMA mmap_size=0");
  database.exec("PRAGMA temp_store=MEMORY");
  const int code = database.exec("PRAGMA journal_mode=WAL");
  if (code == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT) {
    throw_damaged(path, database.message());
  }
  if (code != SQLITE_OK) {
    throw StartError(kExitState, "cannot use the database " + path + ": " + database.message() +
                                     "; check the disk and that the data folder is writable");
  }
  // Old states of sealed rows are not to be found beside the new ones. Where that costs a write of
  // its own (whole freed pages) they stay until the page is used again: sealed, as all the rest.
  database.exec("PRAGMA secure_delete=FAST");
  database.exec("PRAGMA synchronous=FULL");
  database.exec("PRAGMA wal_autocheckpoint=2000");
  database.exec("PRAGMA journal_size_limit=16777216");
}

void check_integrity(Database& database, const std::string& path) {
  auto give_up_at = std::chrono::steady_clock::now() + kCheckTimeMax;
  sqlite3_progress_handler(
      database.handle(), kOperationsBetweenClockLooks,
      [](void* at) {
        const auto limit = *static_cast<std::chrono::steady_clock::time_point*>(at);
        return std::chrono::steady_clock::now() > limit ? 1 : 0;
      },
      &give_up_at);
  sqlite3_stmt* statement = nullptr;
  int code =
      sqlite3_prepare_v2(database.handle(), "PRAGMA quick_check(1)", -1, &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  std::string verdict;
  if (code == SQLITE_ROW) {
    verdict = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  } else if (code != SQLITE_INTERRUPT) {
    verdict = database.message();
  } else {
    verdict = "ok";  // as far as it was looked at
  }
  sqlite3_finalize(statement);
  sqlite3_progress_handler(database.handle(), 0, nullptr, nullptr);
  if (verdict != "ok") throw_damaged(path, verdict);
}

void apply(Database& database, const std::string& path, const std::string& sql) {
  const std::string whole = "BEGIN;" + sql + "PRAGMA user_version=" +
                            std::to_string(kSchemaVersion) + ";COMMIT;";
  if (database.exec(whole.c_str()) == SQLITE_OK) return;
  const std::string why = database.message();
  database.exec("ROLLBACK");
  throw StartError(kExitState, "cannot write the database " + path + ": " + why +
                                   "; check the disk and its free space");
}

}  // namespace

void prepare_database(Database& database, const std::string& path) {
  set_up_connection(database, path);
  const std::int64_t version = database.number("PRAGMA user_version", -1);
  if (version < 0) throw_damaged(path, database.message());
  if (version > kSchemaVersion) {
    throw StartError(kExitState, "the database " + path + " was written by a newer chaskid (form " +
                                     std::to_string(version) + ", this one knows " +
                                     std::to_string(kSchemaVersion) +
                                     "); install the newer version again");
  }
  if (version != 0 && version < kSchemaVersion) {
    throw StartError(kExitState, "the database " + path +
                                     " was written by an older chaskid (form " +
                                     std::to_string(version) +
                                     "; this one writes " + std::to_string(kSchemaVersion) +
                                     "); move it away, the node begins anew");
  }
  check_integrity(database, path);
  if (version == kSchemaVersion) return;
  if (database.number("SELECT count(*) FROM sqlite_master", -1) != 0) {
    throw_damaged(path, "it has tables that are not ours");
  }
  apply(database, path, std::string(kCreate) + sealed_tables() +
                            "PRAGMA application_id=" + std::to_string(kApplicationId) + ";");
}

}  // namespace chaski::daemon
