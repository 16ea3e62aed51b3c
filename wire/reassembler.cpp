// SPDX-License-Identifier: Apache-2.0
#include "wire/reassembler.hpp"

#include <algorithm>
#include <utility>

namespace chaski::wire {

namespace {

/// Appends, with room for as much again but never above `total`: what a header promised is a
/// ceiling only.
void append(base::Bytes& data, base::ByteView piece, std::size_t total) {
  const std::size_t needed = data.size() + piece.size();
  if (needed > data.capacity()) {
    data.reserve(std::min(total, 2 * needed));
  }
  data.insert(data.end(), piece.begin(), piece.end());
}

}  // namespace

base::Expected<std::optional<Record>, WireError> Reassembler::add(const Fragment& fragment) {
  whole_ = base::Bytes{};
  if (fragment.total > kRecordSizeMax) return base::unexpected(WireError::oversized);
  if (fragment.data.empty() || fragment.offset >= fragment.total ||
      fragment.data.size() > fragment.total - fragment.offset) {
    return base::unexpected(WireError::malformed);
  }
  auto transfer = std::find_if(transfers_.begin(), transfers_.end(), [&](const Transfer& t) {
    return t.open && t.id == fragment.transfer;
  });
  if (transfer == transfers_.end()) {
    if (fragment.offset != 0) return base::unexpected(WireError::malformed);
    transfer = std::find_if(transfers_.begin(), transfers_.end(),
                            [](const Transfer& t) { return !t.open; });
    if (transfer == transfers_.end()) return base::unexpected(WireError::no_room);
    *transfer = Transfer{fragment.transfer, fragment.total, fragment.type, {}, true};
  }
  if (transfer->total != fragment.total || transfer->type != fragment.type ||
      transfer->data.size() != fragment.offset) {
    return base::unexpected(WireError::malformed);
  }
  append(transfer->data, fragment.data, transfer->total);
  if (transfer->data.size() < transfer->total) return std::optional<Record>{};
  whole_ = std::move(transfer->data);
  const RecordType type = transfer->type;
  *transfer = Transfer{};
  return std::optional<Record>{Record{type, whole_}};
}

base::ByteView Reassembler::so_far(std::uint32_t transfer) const {
  for (const Transfer& open : transfers_) {
    if (open.open && open.id == transfer) return open.data;
  }
  return {};
}

void Reassembler::clear() {
  transfers_ = {};
  whole_ = base::Bytes{};
}

std::size_t Reassembler::memory_used() const {
  std::size_t used = whole_.capacity();
  for (const Transfer& transfer : transfers_) used += transfer.data.capacity();
  return used;
}

}  // namespace chaski::wire
