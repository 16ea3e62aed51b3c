// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_store.hpp"

#include <sodium.h>

#include "base/assert.hpp"
#include "daemon/sqlite_schema.hpp"

namespace chaski::daemon {

using mesh_router::StoreError;

namespace {
constexpr const char* kRelayKey = "mask_key";
}

SqliteStore::Prepared::Prepared(Database& database, const std::string& path) {
  prepare_database(database, path);
}

SqliteStore::SqliteStore(const StoreConfig& config)
    : path_(config.folder + "/chaski.db"), database_(path_), prepared_(database_, path_),
      transaction_(database_), space_(config.folder, config.free_reserve_bytes),
      relay_(database_, transaction_), segments_(config.folder + "/bodies"),
      envelopes_(database_, transaction_, segments_, space_, relay_key_, config.quota_bytes),
      texts_(config.folder + "/texts"), people_(database_, transaction_, texts_),
      files_(database_, transaction_, config.folder + "/files", space_,
             config.files_quota_bytes) {
  load_relay_key();
}

/// Under which the relay masks what it carries while nobody has unlocked.
void SqliteStore::load_relay_key() {
  const base::MutableByteView key = relay_key_.mutable_view();
  const auto saved = relay_.load(kRelayKey);
  if (saved && saved->size() == key.size()) {
    std::copy(saved->begin(), saved->end(), key.begin());
    return;
  }
  ::randombytes_buf(key.data(), key.size());
  relay_.save(kRelayKey, key);
  relay_.write_pending();
  // On a full disk it is for this run alone: what it masked counts as brought by somebody.
  if (!transaction_.commit()) transaction_.rollback();
}

base::Expected<void, SqlitePeople::OpenError> SqliteStore::open_vault(const vault::DataKey& key,
                                                                      base::Random& random) {
  CHASKI_ASSERT(!sealer_);
  auto sealer = std::make_unique<vault::RecordSealer>(key, random);
  if (auto opened = people_.open(*sealer); !opened) return opened;
  sealer_ = std::move(sealer);
  envelopes_.open(*sealer_);
  files_.open(*sealer_);
  return {};
}

void SqliteStore::close_vault(bool quick) {
  if (!sealer_) return;
  people_.close();
  files_.close();
  envelopes_.close();
  sealer_.reset();
  // Which rows were written together tells what belongs together: that must not stay in the log.
  if (!quick && !transaction_.is_open()) database_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

base::Expected<void, StoreError> SqliteStore::commit() {
  envelopes_.write_pending();
  people_.write_pending();
  relay_.write_pending();
  sync(segments_, "cannot write the bodies folder");
  sync(texts_, "cannot write the texts folder");
  sync(files_, "cannot write the files folder");
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
  people_.committed();
  files_.committed();
  return {};
}

bool SqliteStore::erase_person() {
  CHASKI_ASSERT(!sealer_);
  if (!people_.empty()) {
    if (!transaction_.begin()) return false;
    for (const char* table : {"items", "contacts", "sessions", "invitations", "threads",
                              "undelivered", "lives", "sums", "timers", "messages",
                              "tombstones", "files", "file_marks"}) {
      const int code = database_.exec((std::string("DELETE FROM ") + table).c_str());
      transaction_.check(code == SQLITE_OK ? SQLITE_DONE : code);
    }
    if (!commit()) return false;
  }
  people_.reload();
  files_.reload();
  return true;
}

template <class Bodies>
void SqliteStore::sync(Bodies& bodies, const char* otherwise) {
  if (!bodies.unsynced() || transaction_.failed() || bodies.sync()) return;
  transaction_.fail(StoreError::full, otherwise);
}

void SqliteStore::rollback() {
  transaction_.rollback();
  relay_.forget_pending();
  envelopes_.reload();
  people_.reload();
  files_.reload();
}

bool SqliteStore::probe() {
  const std::uint8_t byte = 1;
  relay_.save("probe", {&byte, 1});
  relay_.write_pending();
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
