// SPDX-License-Identifier: Apache-2.0
// The tombstones of a FlashStore: things in the log like envelopes, with keys of the same row.
#include <algorithm>

#include "embedded/flash_store.hpp"
#include "embedded/flash_tombstone.hpp"

namespace chaski::embedded {
namespace {

class TombstonePayload final : public FlashPayload {
 public:
  TombstonePayload(const wire::EnvelopeId& id, base::Time until) {
    std::copy(id.bytes.begin(), id.bytes.end(), bytes_.begin());
    put_number(&bytes_[wire::EnvelopeId::kSize], static_cast<std::uint64_t>(base::to_us(until)));
  }
  bool read(std::size_t offset, base::MutableByteView out) override {
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return true;
  }

 private:
  FlashTombstoneBytes bytes_{};
};

}  // namespace

std::optional<FlashTombstone> FlashStore::read_tombstone(const FlashEntry& entry) const {
  FlashTombstoneBytes bytes{};
  if (entry.size != bytes.size() || !log_.read(entry.at, 0, bytes)) return std::nullopt;
  FlashTombstone out;
  std::copy_n(bytes.begin(), wire::EnvelopeId::kSize, out.id.bytes.begin());
  const auto until_us = get_number<std::uint64_t>(&bytes[wire::EnvelopeId::kSize]);
  if (until_us >= static_cast<std::uint64_t>(kFlashTimeEnd_us)) return std::nullopt;
  out.until = base::from_us(static_cast<std::int64_t>(until_us));
  return out;
}

void FlashStore::put_tombstone(const wire::EnvelopeId& id, base::Time until) {
  if (!accepts() || tombstones_.size_max() == 0) return;
  until = std::clamp(until, base::from_us(0), base::from_us(kFlashTimeEnd_us - 1));
  mesh_router::StoreKey first_to_end = 0, same = 0;
  base::Time ends = base::Time::max();
  std::size_t seen = 0;
  for (std::size_t i = 0; i < tombstones_.size(); ++i) {
    const auto known = read_tombstone(tombstones_[i]);
    if (tombstones_[i].dying) continue;
    ++seen;
    if (known && known->id == id) {
      if (known->until >= until) return;
      same = tombstones_[i].key;
    }
    if (!known || known->until < ends) {
      ends = known ? known->until : base::Time::min();
      first_to_end = tombstones_[i].key;
    }
  }
  if (same != 0) remove(tombstones_, same);
  if (same == 0 && seen * 2 >= tombstones_.size_max()) {
    if (ends >= until) return;
    remove(tombstones_, first_to_end);
  }
  // Those erased since the last commit take places too; half of them is kept for these.
  if (tombstones_.full()) return;
  TombstonePayload payload(id, until);
  add(FlashRecordKind::tombstone, kFlashTombstoneSize, payload);
}

void FlashStore::expire_tombstones(base::Time now) {
  mesh_router::StoreKey next = 0;
  for (std::size_t i = 0; (i = tombstones_.lower_bound(next)) < tombstones_.size();) {
    const FlashEntry entry = tombstones_[i];
    next = entry.key + 1;
    const auto known = read_tombstone(entry);
    if (!known || known->until <= now) remove(tombstones_, entry.key);
  }
}

void FlashStore::for_each_tombstone(
    const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) {
  for (std::size_t i = 0; i < tombstones_.size(); ++i) {
    const auto known = read_tombstone(tombstones_[i]);
    if (known && !tombstones_[i].dying) visit(known->id, known->until);
  }
}

}  // namespace chaski::embedded
