// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/reconciler.hpp"

#include <algorithm>
#include <vector>

#include "base/assert.hpp"

namespace chaski::mesh_router {

namespace {

/// How many ids a list payload of this size can have.
std::size_t ids_that_fit(std::size_t payload_max) {
  std::size_t count = std::min(payload_max / wire::EnvelopeId::kSize, wire::kIdListMax);
  while (count > 0 && wire::id_list_size_max(count) > payload_max) --count;
  return count;
}

}  // namespace

void Reconciler::write(wire::RecordWriter& frame, std::size_t payload_max,
                       const EnvelopeTable& table) {
  const std::size_t count_max = ids_that_fit(std::min(payload_max, frame.payload_room()));
  if (told_all_ || count_max == 0) return;
  std::vector<wire::EnvelopeId> ids;
  for (std::size_t scanned = 0; scan_ < scan_end_ && scanned < kScanMax; ++scan_, ++scanned) {
    const HeldEnvelope& held = table.at(scan_);
    if (!held.live || !held.committed) continue;
    if (ids.size() == count_max) break;
    ids.push_back(held.id);
  }
  const bool last = scan_ == scan_end_;
  if (ids.empty() && !last) return;
  base::Bytes payload(wire::id_list_size_max(ids.size()));
  const auto size = wire::encode_id_list(last, ids, payload);
  CHASKI_ASSERT(size.has_value());
  const bool fits = frame.add(wire::RecordType::id_list, base::ByteView(payload).first(*size));
  CHASKI_ASSERT(fits);
  told_all_ = last;
}

bool Reconciler::receive(base::ByteView payload, const IdHasher& hasher,
                         const EnvelopeTable& table, NeighbourTable& neighbours, unsigned bit,
                         base::Time now) {
  const auto list = wire::decode_id_list(payload);
  if (!list) return false;
  for (const wire::EnvelopeId& id : list->ids) {
    const Slot slot = table.find(hasher(id), id);
    if (slot != kNoSlot) neighbours.mark(slot, bit);
  }
  heard_at_ = now;
  heard_all_ = heard_all_ || list->last;
  return true;
}

base::Time Reconciler::open_at() const {
  return std::min(heard_at_ + kSilentAfter, started_ + kGiveUpAfter);
}

}  // namespace chaski::mesh_router
