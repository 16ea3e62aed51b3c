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

TransferSet::Transfer& TransferSet::begin(Lane lane, base::Bytes payload,
                                          const SentLedger::Entry& entry) {
  CHASKI_ASSERT(can_open(lane) && !payload.empty());
  const auto free = std::find_if(transfers_.begin(), transfers_.end(),
                                 [](const Transfer& transfer) { return !transfer.open; });
  *free = Transfer{};
  free->open = true;
  free->lane = lane;
  free->id = next_id_++;
  free->payload = std::move(payload);
  free->entry = entry;
  ++open_;
  bytes_ += entry.size;
  return *free;
}

void TransferSet::end(Transfer& transfer) {
  bytes_ -= transfer.entry.size;
  transfer = Transfer{};
  --open_;
}

void TransferSet::open(Lane lane, base::Bytes payload, const SentLedger::Entry& entry) {
  begin(lane, std::move(payload), entry);
}

std::uint32_t TransferSet::offer(Lane lane, base::Bytes envelope, const SentLedger::Entry& entry) {
  Transfer& transfer = begin(lane, std::move(envelope), entry);
  transfer.type = wire::RecordType::rest;
  transfer.waiting = true;
  return transfer.id;
}

bool TransferSet::answer(std::uint32_t number, std::uint32_t offset) {
  const auto found =
      std::find_if(transfers_.begin(), transfers_.end(), [number](const Transfer& transfer) {
        return transfer.open && transfer.waiting && transfer.id == number;
      });
  if (found == transfers_.end() || offset > found->payload.size()) return false;
  if (offset == found->payload.size()) {
    end(*found);
    return true;
  }
  found->waiting = false;
  found->entry.resumed = offset > 0;
  found->payload.erase(found->payload.begin(),
                       found->payload.begin() + static_cast<std::ptrdiff_t>(offset));
  return true;
}

const TransferSet::Transfer* TransferSet::next() const {
  const Transfer* best = nullptr;
  for (const Transfer& transfer : transfers_) {
    if (!transfer.open || transfer.waiting) continue;
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
                              std::optional<SentLedger::Entry>& finished) {
  const Transfer* chosen = next();
  if (chosen == nullptr) return false;
  Transfer& transfer = transfers_[static_cast<std::size_t>(chosen - transfers_.data())];
  const std::size_t room = frame.payload_room();
  const std::size_t rest = transfer.payload.size() - transfer.offset;
  const std::size_t size = std::min({wire::fragment_data_room(room), rest, data_max});
  if (size == 0) return false;
  const wire::Fragment fragment{
      transfer.id, transfer.offset, static_cast<std::uint32_t>(transfer.payload.size()),
      transfer.type, base::ByteView(transfer.payload).subspan(transfer.offset, size)};
  const auto place = frame.add(wire::RecordType::fragment, wire::fragment_size(fragment));
  CHASKI_ASSERT(place.has_value());
  const auto used = wire::encode_fragment(fragment, *place);
  CHASKI_ASSERT(used && *used == place->size());
  transfer.offset += static_cast<std::uint32_t>(size);
  if (size < rest) return true;
  finished = transfer.entry;
  end(transfer);
  return true;
}

const SentLedger::Entry* TransferSet::entry(std::size_t index) const {
  const Transfer& transfer = transfers_[index];
  return transfer.open ? &transfer.entry : nullptr;
}

}  // namespace chaski::mesh_router
