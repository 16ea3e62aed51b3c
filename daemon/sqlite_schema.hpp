// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/sqlite_database.hpp"

namespace chaski::daemon {

/// The number of the tables' form, in PRAGMA user_version.
inline constexpr int kSchemaVersion = 4;

/// Sets the connection up, checks what is there and creates the tables.
///
/// Throws StartError when the file is damaged, is no database of ours, or was written by a newer
/// chaskid or by one that did not seal yet; in all of these nothing is written.
void prepare_database(Database& database, const std::string& path);

}  // namespace chaski::daemon
