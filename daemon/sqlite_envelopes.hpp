// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <vector>

#include "daemon/body_segments.hpp"
#include "daemon/free_space.hpp"
#include "daemon/sealed_rows.hpp"
#include "mesh-router/envelope_store.hpp"
#include "vault/row_mask.hpp"

namespace chaski::daemon {

/// The envelopes' half of the SQLite store.
///
/// New rows wait in memory until the commit (or until kRecentBytesMax of them wait), so that an
/// envelope that came and went between two commits costs no SQL, and erasures are made as ranges.
/// Bodies above kInlineBodyMax go to segment files, which keep the newest for read(); of the others
/// the newest stay cached here.
///
/// Who brought an envelope, and whether it was written here, stands behind a mask: under the
/// vault's key while it is open, under the relay's own otherwise. What was masked under a key that
/// is not there counts as brought by kUnknownDepositor. Tombstones tell what was read here: they
/// are sealed, kept up to a day longer than asked, and there only while the vault is open.
class SqliteEnvelopes final : public mesh_router::EnvelopeStore {
 public:
  /// What a row counts for in the quota, beside its bytes.
  static constexpr std::uint64_t kEnvelopeOverhead = 64;
  static constexpr std::size_t kInlineBodyMax = 8'192;
  static constexpr std::size_t kRecentBytesMax = 2u << 20;
  static constexpr std::size_t kRecentMax = 8'192;
  static constexpr std::uint64_t kUnknownDepositor = 1;

  SqliteEnvelopes(Database& database, SqliteTransaction& transaction, BodySegments& segments,
                  FreeSpace& space, const vault::MaskKey& relay_key, std::uint64_t quota_bytes);

  /// The vault is open; `sealer` is used until close().
  void open(const vault::RecordSealer& sealer);
  void close();

  base::Expected<mesh_router::StoreKey, mesh_router::StoreError> put(
      const mesh_router::EnvelopeRecord& record, base::ByteView envelope) override;
  base::ByteView read(mesh_router::StoreKey key) override;
  void erase(mesh_router::StoreKey key) override;
  void put_tombstone(const wire::EnvelopeId& id, base::Time until) override;
  void expire_tombstones(base::Time now) override;
  void for_each(const std::function<void(mesh_router::StoreKey,
                                         const mesh_router::EnvelopeRecord&)>& visit) override;
  void for_each_tombstone(
      const std::function<void(const wire::EnvelopeId&, base::Time until)>& visit) override;
  mesh_router::StoreUsage usage() const override;
  bool accepts() const override;

  void set_quota(std::uint64_t quota_bytes) { quota_ = quota_bytes; }
  /// A disk that refused a commit takes nothing until a write succeeded.
  void set_writable(bool writable) { writable_ = writable; }
  bool writable() const { return writable_; }

  /// Brings what waits in memory into the transaction.
  void write_pending();
  bool has_pending() const { return !pending_.empty() || !erased_.empty(); }
  void committed();
  /// After a rollback and at start: takes stock of what the database holds.
  void reload();

 private:
  struct Slot {
    std::uint32_t size = 0;
    BodyPlace place;
  };
  struct Pending {
    mesh_router::StoreKey key;
    mesh_router::EnvelopeRecord record;
  };
  struct Released {
    BodyPlace place;
    std::uint32_t size;
  };
  bool insert(const Pending& pending);
  vault::MaskedOrigin masked(const Pending& pending) const;
  void unmask(base::ByteView masked, mesh_router::StoreKey key,
              mesh_router::EnvelopeRecord& record) const;
  void write_erased();
  void remember(mesh_router::StoreKey key, base::ByteView envelope);
  base::Bytes* recent(mesh_router::StoreKey key);
  void forget_oldest();

  Database& database_;
  SqliteTransaction& transaction_;
  BodySegments& segments_;
  FreeSpace& space_;
  const vault::MaskKey& relay_key_;
  const vault::RecordSealer* sealer_ = nullptr;
  std::uint64_t next_tombstone_ = 1;
  std::uint64_t quota_;
  bool writable_ = true;

  Statement insert_;
  Statement erase_;
  Statement select_body_;
  Statement insert_tombstone_;
  Statement all_tombstones_;
  Statement expire_tombstones_;
  Statement any_tombstone_;

  std::unordered_map<mesh_router::StoreKey, Slot> slots_;
  std::uint64_t bytes_ = 0;
  mesh_router::StoreKey next_key_ = 1;
  std::vector<Pending> pending_;              // ascending keys, not yet rows
  std::vector<mesh_router::StoreKey> erased_;  // rows to delete
  std::vector<Released> released_;            // to be given back after the commit
  // Bodies of recent_first_, recent_first_ + 1, ...; empty for large and erased ones.
  std::deque<base::Bytes> recent_;
  mesh_router::StoreKey recent_first_ = 1;
  std::size_t recent_bytes_ = 0;
  base::Bytes read_buffer_;
};

}  // namespace chaski::daemon
