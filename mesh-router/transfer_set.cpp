// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/transfer_set.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::mesh_router {

bool TransferSet::can_open(Lane lane) const {
  bool receipts_open = false;
  for (const Transfer& transfer : transfers_) {
    if (!transfer.open) continue;
    if (transfer.lane == lane) return false;
    receipts_open = receipts_open || transfer.lane == Lane::receipts;
  }
  const bool keep_one = lane != Lane::receipts && !receipts_open;
  return open_ + (keep_one ? 1 : 0) < kMax;
}

void TransferSet::open(Lane lane, base::Bytes payload, const SentLedger::Entry& entry) {
  CHASKI_ASSERT(can_open(lane) && !payload.empty());
  const auto free = std::find_if(transfers_.begin(), transfers_.end(),
                                 [](const Transfer& transfer) { return !transfer.open; });
  free->open = true;
  free->lane = lane;
  free->id = next_id_++;
  free->offset = 0;
  free->payload = std::move(payload);
  free->entry = entry;
  ++open_;
  bytes_ += entry.size;
}

const TransferSet::Transfer* TransferSet::next() const {
  const Transfer* best = nullptr;
  for (const Transfer& transfer : transfers_) {
    if (!transfer.open) continue;
    if (best == nullptr || transfer.lane < best->lane) best = &transfer;
  }
  return best;
}

Lane TransferSet::next_lane() const {
  const Transfer* transfer = next();
  CHASKI_ASSERT(transfer != nullptr);
  return transfer->lane;
}

bool TransferSet::write_piece(wire::RecordWriter& frame, std::size_t data_max,
                              base::Bytes& scratch, std::optional<SentLedger::Entry>& finished) {
  const Transfer* chosen = next();
  if (chosen == nullptr) return false;
  Transfer& transfer = transfers_[static_cast<std::size_t>(chosen - transfers_.data())];
  const std::size_t room = frame.payload_room();
  const std::size_t rest = transfer.payload.size() - transfer.offset;
  const std::size_t size = std::min({wire::fragment_data_room(room), rest, data_max});
  if (size == 0) return false;
  const wire::Fragment fragment{
      transfer.id, transfer.offset, static_cast<std::uint32_t>(transfer.payload.size()),
      wire::RecordType::envelope, base::ByteView(transfer.payload).subspan(transfer.offset, size)};
  if (scratch.size() < room) scratch.resize(room);
  const auto used = wire::encode_fragment(fragment, scratch);
  CHASKI_ASSERT(used.has_value());
  const bool fits =
      frame.add(wire::RecordType::fragment, base::ByteView(scratch).first(*used));
  CHASKI_ASSERT(fits);
  transfer.offset += static_cast<std::uint32_t>(size);
  if (size < rest) return true;
  finished = transfer.entry;
  bytes_ -= transfer.entry.size;
  transfer.open = false;
  transfer.payload = base::Bytes();
  --open_;
  return true;
}

const SentLedger::Entry* TransferSet::entry(std::size_t index) const {
  const Transfer& transfer = transfers_[index];
  return transfer.open ? &transfer.entry : nullptr;
}

}  // namespace chaski::mesh_router
