// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/reconciler.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::mesh_router {

namespace {

/// In less room than this no message says much; the next frame has more.
constexpr std::size_t kRoomMin = 48;

reconcile::Role exchange_role(base::LinkRole role) {
  return role == base::LinkRole::initiator ? reconcile::Role::teller : reconcile::Role::solver;
}

}  // namespace

Reconciler::Reconciler(base::LinkRole role, const ShortIdSalt& salt, Slot slot_end, base::Time now)
    : salt_(salt),
      exchange_(exchange_role(role)),
      scan_end_(slot_end),
      since_(now),
      said_at_(now) {}

bool Reconciler::work(const EnvelopeTable& table, ContactSchedule& schedule, base::Time now) {
  if (exchange_ && exchange_->failed()) end_exchange();
  switch (stage_) {
    case Stage::listing:
      list(table);
      if (scan_ < scan_end_) return true;
      begin();
      [[fallthrough]];
    case Stage::comparing: {
      const bool more = compare(table, schedule);
      if (more) said_at_ = now;  // it is we who are waited for
      return more;
    }
    case Stage::offering:
      offer_all(table, schedule);
      if (stage_ == Stage::offering) return true;
      break;
    case Stage::done:
      break;
  }
  return exchange_ && work_on_exchange();  // the other side may not know yet
}

void Reconciler::list(const EnvelopeTable& table) {
  const Slot end = std::min(scan_end_, scan_ + kScanMax);
  for (; scan_ < end; ++scan_) {
    const HeldEnvelope& held = table.at(scan_);
    if (!held.live || !held.committed || slots_.size() == reconcile::Exchange::kIdsMax) continue;
    slots_.push_back(scan_);
    exchange_->add(short_id(salt_, held.id));
  }
}

void Reconciler::begin() {
  exchange_->start();
  started_ = true;
  stage_ = Stage::comparing;
}

/// One piece; of a small set, whose pieces are small, some.
bool Reconciler::work_on_exchange() {
  if (!early_.empty()) {
    exchange_->receive(early_.front());
    early_bytes_ -= early_.front().size();
    early_.erase(early_.begin());
  }
  std::size_t pieces = exchange_->counts().ours <= kSmallSet ? kSmallSetPieces : 1;
  bool more = true;
  while (more && pieces-- > 0) more = exchange_->work();
  return more || !early_.empty() || exchange_->failed();
}

bool Reconciler::compare(const EnvelopeTable& table, ContactSchedule& schedule) {
  const bool more = work_on_exchange();
  const auto missing = exchange_->missing();
  const std::size_t end = std::min<std::size_t>(missing.size(), taken_ + kScanMax);
  for (; taken_ < end; ++taken_) {
    // Should something newer be in that slot by now, it is offered twice and sent once.
    const Slot slot = slots_[missing[taken_]];
    if (table.at(slot).live) schedule.push(table.ref(slot), table.at(slot));
  }
  if (taken_ < missing.size() || more) return true;
  if (exchange_->finished()) {
    stage_ = Stage::done;
    slots_ = std::vector<Slot>();
  }
  return false;
}

void Reconciler::offer_all(const EnvelopeTable& table, ContactSchedule& schedule) {
  const Slot end = std::min(scan_end_, scan_ + kScanMax);
  for (; scan_ < end; ++scan_) {
    const HeldEnvelope& held = table.at(scan_);
    if (held.live && held.committed) schedule.push(table.ref(scan_), held);
  }
  if (scan_ == scan_end_) stage_ = Stage::done;
}

void Reconciler::give_up(base::Time now) {
  if (!started_ || now >= since_ + kGiveUpAfter) {
    end_exchange();
  } else {
    offer_instead();
  }
}

void Reconciler::end_exchange() {
  exchange_.reset();
  early_ = std::vector<base::Bytes>();
  early_bytes_ = 0;
  offer_instead();
}

void Reconciler::offer_instead() {
  slots_ = std::vector<Slot>();
  if (stage_ != Stage::listing && stage_ != Stage::comparing) return;
  stage_ = Stage::offering;
  scan_ = 0;
}

void Reconciler::write(wire::RecordWriter& frame, base::Bytes& scratch, base::Time now) {
  const std::size_t room = frame.payload_room();
  if (!wants_to_send() || room < kRoomMin) return;
  if (scratch.size() < room) scratch.resize(room);
  const std::size_t size = exchange_->write(base::MutableByteView(scratch).first(room));
  if (size == 0) return;
  const bool fits = frame.add(wire::RecordType::reconcile, base::ByteView(scratch).first(size));
  CHASKI_ASSERT(fits);
  said_at_ = now;
}

bool Reconciler::receive(base::ByteView payload, base::Time now) {
  if (!exchange_) return true;  // too late to matter
  said_at_ = now;
  bool well = true;
  if (started_ && early_.empty()) {
    well = exchange_->receive(payload);
  } else {
    early_bytes_ += payload.size();
    well = early_bytes_ <= kEarlyBytesMax;
    if (well) early_.emplace_back(payload.begin(), payload.end());
  }
  if (!well) end_exchange();
  return well;
}

bool Reconciler::agreed() const { return exchange_ && started_ && exchange_->finished(); }

std::optional<base::Time> Reconciler::patience_ends() const {
  if (!exchange_ || agreed()) return std::nullopt;
  const base::Time last = since_ + kGiveUpAfter;
  const bool waiting = stage_ == Stage::comparing && !wants_to_send();
  return waiting ? std::min(said_at_ + kSilentAfter, last) : last;
}

std::size_t Reconciler::memory_used() const {
  return slots_.capacity() * sizeof(Slot) + early_bytes_ +
         (exchange_ ? exchange_->memory_used() : 0);
}

}  // namespace chaski::mesh_router
