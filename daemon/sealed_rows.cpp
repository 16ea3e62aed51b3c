// SPDX-License-Identifier: Apache-2.0
#include "daemon/sealed_rows.hpp"

#include "base/assert.hpp"

namespace chaski::daemon {

SealedRows::SealedRows(Database& database, SqliteTransaction& transaction, const char* name,
                       vault::Table table, RecordSum* sum)
    : database_(database), transaction_(transaction), table_(table), sum_(sum),
      all_(std::string("SELECT key, sealed FROM ") + name + " ORDER BY key"),
      highest_(std::string("SELECT max(key) FROM ") + name),
      put_(database, (std::string("INSERT INTO ") + name +
                      "(key, sealed) VALUES(?,?) ON CONFLICT(key) DO UPDATE SET sealed = "
                      "excluded.sealed").c_str()),
      erase_(database, (std::string("DELETE FROM ") + name + " WHERE key = ?").c_str()),
      get_(database, (std::string("SELECT sealed FROM ") + name + " WHERE key = ?").c_str()) {}

void SealedRows::put(std::uint64_t row, base::ByteView plain) {
  CHASKI_ASSERT(sealer_ != nullptr);
  if (!transaction_.begin()) return;
  const base::Bytes sealed = sealer_->seal(table_, row, plain);
  transaction_.check(put_.run(row, base::ByteView(sealed)));
  if (sum_ != nullptr) sum_->put(table_, row, sealer_->mark(table_, row, sealed));
}

void SealedRows::erase(std::uint64_t row) {
  if (!transaction_.begin()) return;
  transaction_.check(erase_.run(row));
  if (sum_ != nullptr) sum_->erase(table_, row);
}

std::optional<base::Bytes> SealedRows::get(std::uint64_t row) {
  CHASKI_ASSERT(sealer_ != nullptr);
  const Reading reading(get_);
  get_.bind_all(row);
  if (get_.step() != SQLITE_ROW) return std::nullopt;
  const base::ByteView blob = get_.blob(0);
  base::Bytes sealed(blob.begin(), blob.end());
  const auto plain = sealer_->open(table_, row, sealed);
  if (!plain) return std::nullopt;
  return base::Bytes(plain->begin(), plain->end());
}

bool SealedRows::for_each(const Visit& visit) {
  CHASKI_ASSERT(sealer_ != nullptr);
  Statement all(database_, all_.c_str());
  bool all_open = true;
  int code = SQLITE_ROW;
  while ((code = all.step()) == SQLITE_ROW) {
    const auto row = static_cast<std::uint64_t>(all.number(0));
    const base::ByteView blob = all.blob(1);
    base::Bytes sealed(blob.begin(), blob.end());
    const bool has_mark = sealed.size() >= vault::RecordSealer::sealed_size(0);
    if (sum_ != nullptr && has_mark) sum_->put(table_, row, sealer_->mark(table_, row, sealed));
    const auto plain = sealer_->open(table_, row, sealed);
    if (plain) visit(row, *plain);
    all_open = all_open && plain.has_value();
  }
  return all_open && code == SQLITE_DONE;
}

std::uint64_t SealedRows::last() {
  return static_cast<std::uint64_t>(database_.number(highest_.c_str(), 0));
}

}  // namespace chaski::daemon
