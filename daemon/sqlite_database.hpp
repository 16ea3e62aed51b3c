// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace chaski::daemon {

/// One SQLite connection, closed with this value. Result codes are SQLite's own.
class Database {
 public:
  /// Opens or creates `path` for this thread alone; throws StartError when that fails.
  explicit Database(const std::string& path);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  sqlite3* handle() const { return handle_; }
  int exec(const char* sql);
  /// The first column of the first row, or `otherwise`.
  std::int64_t number(const char* sql, std::int64_t otherwise);
  std::string message() const { return sqlite3_errmsg(handle_); }

 private:
  sqlite3* handle_ = nullptr;
};

/// A prepared statement, kept for the life of the store.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(handle_); }

  /// Binds all arguments and runs to the end; SQLITE_DONE when all went well.
  template <class... Arguments>
  int run(const Arguments&... arguments) {
    bind_all(arguments...);
    const int code = sqlite3_step(handle_);
    sqlite3_reset(handle_);
    return code;
  }
  /// Binds all arguments for step(). Blobs and text are not copied: they must live until reset().
  template <class... Arguments>
  void bind_all(const Arguments&... arguments) {
    int index = 0;
    (bind(++index, arguments), ...);
  }
  /// SQLITE_ROW, SQLITE_DONE or an error.
  int step() { return sqlite3_step(handle_); }
  void reset() { sqlite3_reset(handle_); }

  std::int64_t number(int column) const { return sqlite3_column_int64(handle_, column); }
  base::ByteView blob(int column) const;
  std::string text(int column) const;

 private:
  template <std::integral T>
  void bind(int index, T value) {
    sqlite3_bind_int64(handle_, index, static_cast<sqlite3_int64>(value));
  }
  void bind(int index, base::ByteView value);
  void bind(int index, std::string_view value);
  void bind(int index, std::nullptr_t) { sqlite3_bind_null(handle_, index); }
  template <std::integral T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : bind(index, nullptr);
  }

  sqlite3_stmt* handle_ = nullptr;
};

/// Resets a statement that is being read when the reader leaves.
class Reading {
 public:
  explicit Reading(Statement& statement) : statement_(statement) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { statement_.reset(); }

 private:
  Statement& statement_;
};

}  // namespace chaski::daemon
