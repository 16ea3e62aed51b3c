// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "daemon/body_segments.hpp"
#include "daemon/free_space.hpp"
#include "daemon/sqlite_envelopes.hpp"
#include "daemon/sqlite_people.hpp"
#include "daemon/sqlite_transaction.hpp"
#include "node/people_store.hpp"

namespace chaski::daemon {

struct StoreConfig {
  std::string folder;                               ///< exists and is locked by us
  std::uint64_t quota_bytes = 1u << 30;             ///< of envelopes
  std::uint64_t free_reserve_bytes = 64u << 20;     ///< put() refuses below this
};

/// Everything a node keeps, in `<folder>/chaski.db` (SQLite, WAL), `<folder>/bodies/` and
/// `<folder>/texts/`: envelopes come and go, texts stay, so that each has segments of its own.
///
/// Contract: one transaction a commit, durable when commit() returned (synchronous=FULL; large
/// bodies and texts are synced before). After an error of commit() the store stands where the last
/// commit left it and its EnvelopeStore refuses until probe() could write. Files are for the owner
/// alone.
class SqliteStore final : public node::NodeStore {
 public:
  /// Throws StartError: damaged, newer, read-only.
  explicit SqliteStore(const StoreConfig& config);

  SqliteEnvelopes& envelopes() override { return envelopes_; }
  SqlitePeople& people() override { return people_; }
  base::Expected<void, mesh_router::StoreError> commit() override;

  /// Takes back everything since the last commit.
  void rollback();
  /// Tries a small durable write; true when the store can be used (again).
  bool probe();
  void set_limits(std::uint64_t quota_bytes, std::uint64_t free_reserve_bytes);
  /// Why the disk refuses; empty when it does not.
  std::string problem();
  std::uint64_t free_bytes() { return space_.free_bytes(); }
  std::uint64_t commits() const { return commits_; }
  const std::string& path() const { return path_; }

 private:
  void sync(BodySegments& segments, const char* otherwise);

  std::string path_;
  Database database_;
  struct Prepared {
    Prepared(Database& database, const std::string& path);
  } prepared_;
  SqliteTransaction transaction_;
  FreeSpace space_;
  BodySegments segments_;
  SqliteEnvelopes envelopes_;
  BodySegments texts_;
  SqlitePeople people_;
  std::uint64_t commits_ = 0;
  std::string failure_;
};

}  // namespace chaski::daemon
