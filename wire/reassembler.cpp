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

bool is_envelope(RecordType type) {
  return type == RecordType::envelope || type == RecordType::rest;
}

}  // namespace

std::optional<bool> Reassembler::keeps(const Fragment& fragment) const {
  const bool envelope = is_envelope(fragment.type);
  std::size_t promised = fragment.total;
  for (const Transfer& t : transfers_) {
    if (t.open && t.kept && is_envelope(t.type) == envelope) promised += t.total;
  }
  const bool fits = promised <= limits_.bytes_max;
  if (!envelope) return fits ? std::optional(true) : std::nullopt;
  return fits && fragment.total <= limits_.envelope_max;
}

base::Expected<std::optional<Record>, WireError> Reassembler::add(const Fragment& fragment) {
  whole_ = base::Bytes{};
  left_out_.reset();
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
    const auto kept = keeps(fragment);
    if (!kept) return base::unexpected(WireError::no_room);
    *transfer = Transfer{fragment.transfer, fragment.total, fragment.type, {}, 0, true, *kept};
  }
  if (transfer->total != fragment.total || transfer->type != fragment.type ||
      transfer->came != fragment.offset) {
    return base::unexpected(WireError::malformed);
  }
  if (transfer->kept) append(transfer->data, fragment.data, transfer->total);
  transfer->came += static_cast<std::uint32_t>(fragment.data.size());
  if (transfer->came < transfer->total) return std::optional<Record>{};
  if (!transfer->kept) left_out_ = transfer->total;
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

bool Reassembler::is_open(std::uint32_t transfer) const {
  return std::any_of(transfers_.begin(), transfers_.end(),
                     [&](const Transfer& t) { return t.open && t.id == transfer; });
}

void Reassembler::clear() {
  left_out_.reset();
  transfers_ = {};
  whole_ = base::Bytes{};
}

std::size_t Reassembler::memory_used() const {
  std::size_t used = whole_.capacity();
  for (const Transfer& transfer : transfers_) used += transfer.data.capacity();
  return used;
}

}  // namespace chaski::wire
