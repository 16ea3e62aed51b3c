// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_database.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/start_error.hpp"

namespace chaski::daemon {

Database::Database(const std::string& path) {
  // Created here so that it is never readable by others; its log takes over the permissions.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) ::close(file);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
    const std::string why = handle_ != nullptr ? sqlite3_errmsg(handle_) : "out of memory";
    sqlite3_close(handle_);
    throw StartError(kExitState, "cannot open the database " + path + ": " + why +
                                     "; check that the data folder is writable");
  }
  sqlite3_extended_result_codes(handle_, 1);
}

Database::~Database() { sqlite3_close(handle_); }

int Database::exec(const char* sql) {
  return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
}

std::int64_t Database::number(const char* sql, std::int64_t otherwise) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr) != SQLITE_OK) return otherwise;
  if (sqlite3_step(statement) == SQLITE_ROW) otherwise = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return otherwise;
}

Statement::Statement(Database& database, const char* sql) {
  const int code =
      sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code != SQLITE_OK) {
    throw StartError(kExitState, "the database does not have the expected tables: " +
                                     database.message() +
                                     "; move it away or restore it from a copy");
  }
}

base::ByteView Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (data == nullptr) return {};
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

std::string Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Statement::bind(int index, base::ByteView value) {
  if (value.empty()) {
    sqlite3_bind_zeroblob(handle_, index, 0);
  } else {
    sqlite3_bind_blob64(handle_, index, value.data(), value.size(), nullptr);
  }
}

void Statement::bind(int index, std::string_view value) {
  sqlite3_bind_text64(handle_, index, value.empty() ? "" : value.data(), value.size(), nullptr,
                      SQLITE_UTF8);
}

}  // namespace chaski::daemon
