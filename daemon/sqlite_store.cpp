// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_store.hpp"

#include "daemon/sqlite_schema.hpp"

namespace chaski::daemon {

using mesh_router::StoreError;

SqliteStore::Prepared::Prepared(Database& database, const std::string& path) {
  prepare_database(database, path);
}

SqliteStore::SqliteStore(const StoreConfig& config)
    : path_(config.folder + "/chaski.db"), database_(path_), prepared_(database_, path_),
      transaction_(database_), space_(config.folder, config.free_reserve_bytes),
      segments_(config.folder + "/bodies"),
      envelopes_(database_, transaction_, segments_, space_, config.quota_bytes),
      texts_(config.folder + "/texts"), people_(database_, transaction_, texts_) {}

base::Expected<void, StoreError> SqliteStore::commit() {
  envelopes_.write_pending();
  people_.write_pending();
  sync(segments_, "cannot write the bodies folder");
  sync(texts_, "cannot write the texts folder");
  const bool anything = transaction_.is_open();
  const auto result = transaction_.commit();
  if (!result) {
    failure_ = transaction_.why();
    rollback();
    envelopes_.set_writable(false);
    return result;
  }
  if (anything) ++commits_;
  envelopes_.committed();
  return {};
}

void SqliteStore::sync(BodySegments& segments, const char* otherwise) {
  if (!segments.unsynced() || transaction_.failed() || segments.sync()) return;
  transaction_.fail(StoreError::full, otherwise);
}

void SqliteStore::rollback() {
  transaction_.rollback();
  envelopes_.reload();
  people_.reload();
}

bool SqliteStore::probe() {
  const std::uint8_t byte = 1;
  people_.save_value("probe", {&byte, 1});
  people_.write_pending();
  if (!transaction_.commit()) {
    failure_ = transaction_.why();
    transaction_.rollback();
    return false;
  }
  failure_.clear();
  envelopes_.set_writable(true);
  return true;
}

void SqliteStore::set_limits(std::uint64_t quota_bytes, std::uint64_t free_reserve_bytes) {
  envelopes_.set_quota(quota_bytes);
  space_.set_reserve(free_reserve_bytes);
}

std::string SqliteStore::problem() {
  if (!envelopes_.writable()) return "the disk refuses to be written (" + failure_ + ")";
  if (!space_.has_room(0)) return "the disk is nearly full";
  return {};
}

}  // namespace chaski::daemon
