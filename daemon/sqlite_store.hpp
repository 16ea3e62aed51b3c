// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "daemon/body_segments.hpp"
#include "daemon/free_space.hpp"
#include "daemon/relay_values.hpp"
#include "daemon/sqlite_envelopes.hpp"
#include "daemon/sqlite_files.hpp"
#include "daemon/sqlite_people.hpp"
#include "daemon/sqlite_transaction.hpp"
#include "node/people_store.hpp"

namespace chaski::daemon {

struct StoreConfig {
  std::string folder;                               ///< exists and is locked by us
  std::uint64_t quota_bytes = 1u << 30;             ///< of envelopes
  std::uint64_t free_reserve_bytes = 64u << 20;     ///< put() refuses below this
  std::uint64_t files_quota_bytes = std::uint64_t{4} << 30;  ///< of the person's files
};

/// Everything a node keeps, in `<folder>/chaski.db` (SQLite, WAL), `<folder>/bodies/`,
/// `<folder>/texts/` and `<folder>/files/`: envelopes come and go, texts stay, so that each has
/// segments of its own, and each of the person's files has one.
///
/// Contract: one transaction a commit, durable when commit() returned (synchronous=FULL; large
/// bodies and texts are synced before). After an error of commit() the store stands where the last
/// commit left it and its EnvelopeStore refuses until probe() could write. Files are for the owner
/// alone.
///
/// What is the person's is sealed: until open_vault() the store has no people(), and the rest works
/// all the same. close_vault() wipes the keys and what was read with them.
class SqliteStore final : public node::NodeStore {
 public:
  /// Throws StartError: damaged, newer, read-only.
  explicit SqliteStore(const StoreConfig& config);

  SqliteEnvelopes& envelopes() override { return envelopes_; }
  SqlitePeople& people() override { return people_; }
  SqliteFiles& files() override { return files_; }
  base::Expected<void, mesh_router::StoreError> commit() override;
  std::optional<base::Bytes> load_value(std::string_view key) override { return relay_.load(key); }
  void save_value(std::string_view key, base::ByteView value) override { relay_.save(key, value); }

  /// Seals and opens under this key from now on. `random` must outlive the vault.
  base::Expected<void, SqlitePeople::OpenError> open_vault(const vault::DataKey& key,
                                                           base::Random& random);
  /// What was not committed is lost; which rows were written together does not stay in the
  /// database's log either, unless it is to be `quick`.
  void close_vault(bool quick = false);
  bool vault_is_open() const { return sealer_ != nullptr; }
  /// Erases what is there of a person, durably; the vault must be closed. False: the disk refuses.
  bool erase_person();
  /// Whether anything of a person is there, open or not.
  bool has_person() { return !people_.empty(); }

  /// Takes back everything since the last commit.
  void rollback();
  /// Tries a small durable write; true when the store can be used (again).
  bool probe();
  void set_limits(std::uint64_t quota_bytes, std::uint64_t free_reserve_bytes);
  void set_files_quota(std::uint64_t bytes) { files_.set_quota(bytes); }
  /// Why the disk refuses; empty when it does not.
  std::string problem();
  std::uint64_t free_bytes() { return space_.free_bytes(); }
  std::uint64_t commits() const { return commits_; }
  const std::string& path() const { return path_; }

 private:
  template <class Bodies>
  void sync(Bodies& bodies, const char* otherwise);
  void load_relay_key();

  std::string path_;
  Database database_;
  struct Prepared {
    Prepared(Database& database, const std::string& path);
  } prepared_;
  SqliteTransaction transaction_;
  FreeSpace space_;
  RelayValues relay_;
  vault::MaskKey relay_key_;
  BodySegments segments_;
  SqliteEnvelopes envelopes_;
  BodySegments texts_;
  SqlitePeople people_;
  SqliteFiles files_;
  std::unique_ptr<vault::RecordSealer> sealer_;
  std::uint64_t commits_ = 0;
  std::string failure_;
};

}  // namespace chaski::daemon
