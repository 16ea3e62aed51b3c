// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "daemon/record_sum.hpp"
#include "daemon/sqlite_transaction.hpp"
#include "vault/record_sealer.hpp"

namespace chaski::daemon {

/// One table of sealed rows: a number and what is sealed for it.
///
/// Nothing but count() may be called before open(). Changes join the transaction.
class SealedRows {
 public:
  /// `sum`, when there is one, is told of every row.
  SealedRows(Database& database, SqliteTransaction& transaction, const char* name,
             vault::Table table, RecordSum* sum);

  void open(const vault::RecordSealer* sealer) { sealer_ = sealer; }
  void close() { sealer_ = nullptr; }

  void put(std::uint64_t row, base::ByteView plain);
  void erase(std::uint64_t row);
  std::optional<base::Bytes> get(std::uint64_t row);
  using Visit = std::function<void(std::uint64_t row, base::ByteView plain)>;
  /// All rows, ascending. False when one does not open: it is not visited.
  bool for_each(const Visit& visit);
  /// Highest row number in use; 0 for none.
  std::uint64_t last();
  bool empty() { return last() == 0; }

 private:
  Database& database_;
  SqliteTransaction& transaction_;
  vault::Table table_;
  RecordSum* sum_;
  std::string all_;
  std::string highest_;
  Statement put_;
  Statement erase_;
  Statement get_;
  const vault::RecordSealer* sealer_ = nullptr;
};

}  // namespace chaski::daemon
