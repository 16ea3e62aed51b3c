// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "embedded/packed_record.hpp"
#include "mesh-router/envelope_store.hpp"

namespace chaski::embedded {

/// Where an envelope lies in a PoolStore.
struct PoolEntry {
  mesh_router::StoreKey key = 0;
  std::uint32_t at = 0;
  std::uint32_t size = 0;  ///< of the envelope
};

struct PoolTombstone {
  wire::EnvelopeId id;
  base::Time until;
};

/// The memory that a PoolStore works in; it allocates none.
struct PoolStoreSpace {
  base::MutableByteView bytes;
  std::span<PoolEntry> entries;
  std::span<PoolTombstone> tombstones;  ///< may be empty: a relay reads nothing and has none
};

/// A PoolStoreSpace as one value.
template <std::size_t kBytes, std::size_t kEntries, std::size_t kTombstones = 0>
struct PoolStoreMemory {
  std::array<std::uint8_t, kBytes> bytes{};
  std::array<PoolEntry, kEntries> entries{};
  std::array<PoolTombstone, kTombstones> tombstones{};
  PoolStoreSpace space() { return {bytes, entries, tombstones}; }
};

/// Envelopes in a fixed piece of memory, for a board without flash: one after the other, moved
/// together when one is erased, so that all the room there is can be used.
///
/// Durable as memory is: commit has nothing to do, and after a power cut it is empty. Each envelope
/// takes kPackedRecordSize bytes beside its own.
class PoolStore final : public mesh_router::EnvelopeStore {
 public:
  explicit PoolStore(const PoolStoreSpace& space) : space_(space) {}

  base::Expected<mesh_router::StoreKey, mesh_router::StoreError> put(
      const mesh_router::EnvelopeRecord& record, base::ByteView envelope) override;
  base::ByteView read(mesh_router::StoreKey key) override;
  void erase(mesh_router::StoreKey key) override;
  /// When there is no room the one that ends first is forgotten.
  void put_tombstone(const wire::EnvelopeId& id, base::Time until) override;
  void expire_tombstones(base::Time now) override;
  void for_each(const std::function<void(mesh_router::StoreKey,
                                         const mesh_router::EnvelopeRecord&)>& visit) override;
  void for_each_tombstone(
      const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) override;
  mesh_router::StoreUsage usage() const override;
  bool accepts() const override { return next_key_ < mesh_router::kStoreKeyEnd; }

 private:
  std::size_t index_of(mesh_router::StoreKey key) const;

  PoolStoreSpace space_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;
  std::size_t tombstones_ = 0;
  mesh_router::StoreKey next_key_ = 1;
};

}  // namespace chaski::embedded
