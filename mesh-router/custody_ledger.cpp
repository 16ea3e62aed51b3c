// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/custody_ledger.hpp"

#include <algorithm>
#include <array>

namespace chaski::mesh_router {

namespace {
constexpr std::size_t kAckSizeMax = 11;
constexpr std::size_t kRefuseSizeMax = 14;
}  // namespace

void SentLedger::push(const Entry& entry) {
  bytes_ += entry.size;
  entries_.push_back(entry);
}

std::optional<SentLedger::Entry> SentLedger::acknowledge_next(std::uint64_t upto) {
  if (acknowledged_ >= upto || entries_.empty()) return std::nullopt;
  const Entry entry = entries_.front();
  entries_.pop_front();
  ++acknowledged_;
  bytes_ -= entry.size;
  return entry;
}

const SentLedger::Entry* SentLedger::refuse(std::uint64_t sequence) {
  if (sequence <= acknowledged_ || sequence > sent()) return nullptr;
  Entry& entry = entries_[static_cast<std::size_t>(sequence - acknowledged_ - 1)];
  if (entry.refused) return nullptr;
  entry.refused = true;
  return &entry;
}

bool ReceivedLedger::refuse(std::uint64_t sequence, wire::RefuseReason reason) {
  if (refusals_.size() >= kRefusalsMax) return false;
  refusals_.push_back({sequence, reason});
  return true;
}

void ReceivedLedger::write(wire::RecordWriter& frame) {
  while (!refusals_.empty()) {
    std::array<std::uint8_t, kRefuseSizeMax> buffer{};
    const std::size_t size = wire::encode_refuse(refusals_.front(), buffer);
    if (!frame.add(wire::RecordType::refuse, base::ByteView(buffer).first(size))) break;
    refusals_.pop_front();
  }
  const std::uint64_t upto =
      refusals_.empty() ? durable_ : std::min(durable_, refusals_.front().sequence - 1);
  if (upto <= told_) return;
  std::array<std::uint8_t, kAckSizeMax> buffer{};
  const std::size_t size = wire::encode_ack({upto}, buffer);
  if (frame.add(wire::RecordType::ack, base::ByteView(buffer).first(size))) told_ = upto;
}

}  // namespace chaski::mesh_router
