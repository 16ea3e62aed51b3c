// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "embedded/flash_index.hpp"
#include "embedded/flash_log.hpp"
#include "embedded/flash_tombstone.hpp"
#include "embedded/packed_record.hpp"
#include "mesh-router/envelope_store.hpp"

namespace chaski::embedded {

/// The memory that a FlashStore works in; it allocates none.
struct FlashStoreSpace {
  std::span<std::uint16_t> pages;    ///< one for each page
  std::span<FlashEntry> entries;     ///< envelopes held at most, with those erased since a commit
  std::span<FlashEntry> tombstones;  ///< may be empty: a relay reads nothing and has none
  base::MutableByteView buffer;      ///< as large as the largest envelope that it takes
};

/// A FlashStoreSpace as one value: 2 bytes a page, 16 an envelope or tombstone, and the buffer.
template <std::size_t kPages, std::size_t kEntries, std::size_t kTombstones,
          std::size_t kEnvelopeMax>
struct FlashStoreMemory {
  std::array<std::uint16_t, kPages> pages{};
  std::array<FlashEntry, kEntries> entries{};
  std::array<FlashEntry, kTombstones> tombstones{};
  std::array<std::uint8_t, kEnvelopeMax> buffer{};
  FlashStoreSpace space() { return {pages, entries, tombstones, buffer}; }
};

/// Envelopes in NOR flash: a log over pages used in turn, so that each is erased as often as any
/// other, and whatever the moment power goes, it is as the last commit() left it.
///
/// The layout, what is written in which order and why, and what becomes of ages while there is no
/// power: docs/decisions/0017-flash.md. What fails: a page that cannot be programmed or erased is
/// left for good (until the next start, which tries again); when nothing can be written any more
/// the store is broken: it reads, takes nothing, and commit() says so. Mounting writes nothing and
/// always succeeds, whatever lies in the flash.
class FlashStore final : public mesh_router::EnvelopeStore {
 public:
  /// Of the room in flash so much may be held; the rest keeps cleaning cheap (each byte put costs
  /// about 4 bytes written when full) and holds what is erased until it is committed.
  static constexpr std::uint64_t kFillPercent = 75;
  /// How often the time is written when nothing else is: ages lose no more when power goes.
  static constexpr base::Duration kTimeSavedEvery = std::chrono::seconds(60);

  /// `flash` and what `space` points to outlive the store.
  FlashStore(const chaski_flash& flash, const FlashStoreSpace& space);

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
  /// Bytes with the overhead of each envelope in flash.
  mesh_router::StoreUsage usage() const override;
  bool accepts() const override;

  /// Makes durable what was changed. False: it is not, and nothing that depends on it may leave.
  /// Called without a change it keeps the time, once in kTimeSavedEvery.
  bool commit(base::Time now);
  /// Whether something is not committed yet.
  bool changed() const { return changed_; }
  /// The last time that the flash knows of: the node's clock goes on from here.
  base::Time resume_time() const { return resume_time_; }

  struct Damage {
    std::uint32_t lost = 0;         ///< committed envelopes that could not be read any more
    std::uint32_t not_indexed = 0;  ///< found when mounting, and no room for them in the index
    std::uint32_t bad_pages = 0;    ///< that failed since the start
    bool broken = false;
  };
  Damage damage() const;

 private:
  void mount();
  void replay(const FlashRecord& record);
  void replay_thing(const FlashRecord& record);
  void open_batch(std::uint32_t batch);
  void keep_batch();
  void forget_batch();

  std::optional<mesh_router::StoreKey> add(FlashRecordKind kind, std::uint32_t size,
                                           FlashPayload& payload);
  void remove(FlashIndex& index, mesh_router::StoreKey key);
  FlashIndex& index_of(FlashRecordKind kind);
  bool append_erase(mesh_router::StoreKey key);
  bool make_room(std::uint64_t bytes);
  bool clean_tail();
  bool move(const FlashRecord& record);
  void count();
  std::optional<FlashTombstone> read_tombstone(const FlashEntry& entry) const;

  std::uint64_t cost(std::uint32_t payload_size) const;
  std::uint64_t capacity() const;
  std::uint64_t quota() const;
  std::uint64_t reserve_pages() const;

  FlashLog log_;
  FlashIndex entries_;
  FlashIndex tombstones_;
  base::MutableByteView buffer_;
  mesh_router::StoreKey next_key_ = 1;
  std::uint32_t batch_ = 1;  // that is open
  base::Time resume_time_{};
  base::Time time_{};       // the last that the owner told
  base::Time saved_{};      // the last that is in flash
  std::uint64_t held_ = 0;  // envelopes
  std::uint64_t live_ = 0;  // bytes of them in flash, with overhead
  std::uint64_t used_ = 0;  // and of all else that cleaning must keep
  bool changed_ = false;
  bool broken_ = false;
  std::uint32_t lost_ = 0;
  std::uint32_t not_indexed_ = 0;
};

}  // namespace chaski::embedded
