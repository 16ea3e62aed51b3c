// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_envelopes.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "daemon/start_error.hpp"

namespace chaski::daemon {
namespace {

using mesh_router::EnvelopeRecord;
using mesh_router::StoreError;
using mesh_router::StoreKey;

constexpr const char* kInsert =
    "INSERT INTO envelopes(key, id, kind, priority, tag, commitment, lifetime_s, size, age_ms, "
    "arrived_us, hops, copies, origin, segment, block, body) "
    "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::int64_t kDay_us = std::int64_t{24} * 3'600 * 1'000'000;
constexpr const char* kSelectAll =
    "SELECT key, id, kind, priority, tag, commitment, lifetime_s, size, age_ms, arrived_us, hops, "
    "copies, origin FROM envelopes ORDER BY key";

template <class Tagged>
bool take(base::ByteView bytes, Tagged& out) {
  const auto value = Tagged::from(bytes);
  if (value) out = *value;
  return value.has_value();
}

/// False when the row cannot be one of ours.
bool read_record(const Statement& row, EnvelopeRecord& r) {
  if (!take(row.blob(1), r.id) || !take(row.blob(4), r.tag) || !take(row.blob(5), r.commitment)) {
    return false;
  }
  r.kind = static_cast<wire::EnvelopeKind>(row.number(2));
  r.priority = static_cast<wire::Priority>(row.number(3));
  r.lifetime_s = static_cast<std::uint32_t>(row.number(6));
  r.size = static_cast<std::uint32_t>(row.number(7));
  r.age_at_arrival_ms = static_cast<std::uint64_t>(row.number(8));
  r.arrived = base::from_us(row.number(9));
  r.hops_left = static_cast<std::uint8_t>(row.number(10));
  r.copies = static_cast<std::uint16_t>(row.number(11));
  return true;
}

}  // namespace

SqliteEnvelopes::SqliteEnvelopes(Database& database, SqliteTransaction& transaction,
                                 BodySegments& segments, FreeSpace& space,
                                 const vault::MaskKey& relay_key, std::uint64_t quota_bytes)
    : database_(database), transaction_(transaction), segments_(segments), space_(space),
      relay_key_(relay_key), quota_(quota_bytes), insert_(database, kInsert),
      erase_(database, "DELETE FROM envelopes WHERE key BETWEEN ? AND ?"),
      select_body_(database, "SELECT body FROM envelopes WHERE key = ?"),
      insert_tombstone_(database, "INSERT INTO tombstones(key, until_day, sealed) VALUES(?,?,?)"),
      all_tombstones_(database, "SELECT key, sealed FROM tombstones ORDER BY key"),
      expire_tombstones_(database, "DELETE FROM tombstones WHERE until_day <= ?"),
      any_tombstone_(database, "SELECT 1 FROM tombstones WHERE until_day <= ? LIMIT 1") {
  reload();
}

void SqliteEnvelopes::open(const vault::RecordSealer& sealer) {
  sealer_ = &sealer;
  next_tombstone_ =
      static_cast<std::uint64_t>(database_.number("SELECT max(key) FROM tombstones", 0)) + 1;
}

void SqliteEnvelopes::close() {
  // What waits was put while it was open.
  write_pending();
  sealer_ = nullptr;
}

vault::MaskedOrigin SqliteEnvelopes::masked(const Pending& pending) const {
  const vault::Origin origin{pending.record.depositor, pending.record.local};
  const vault::MaskKey& key = sealer_ != nullptr ? sealer_->mask_key() : relay_key_;
  return vault::mask(origin, key, pending.record.id.view(), pending.key);
}

void SqliteEnvelopes::unmask(base::ByteView masked, StoreKey key, EnvelopeRecord& record) const {
  record.depositor = kUnknownDepositor;
  record.local = false;
  vault::MaskedOrigin bytes{};
  if (masked.size() != bytes.size()) return;
  std::copy(masked.begin(), masked.end(), bytes.begin());
  std::optional<vault::Origin> origin;
  if (sealer_ != nullptr) {
    origin = vault::unmask(bytes, sealer_->mask_key(), record.id.view(), key);
  }
  if (!origin) origin = vault::unmask(bytes, relay_key_, record.id.view(), key);
  if (!origin) return;
  record.depositor = origin->depositor;
  record.local = origin->own;
}

base::Expected<StoreKey, StoreError> SqliteEnvelopes::put(const EnvelopeRecord& record,
                                                          base::ByteView envelope) {
  if (!writable_) return base::unexpected(StoreError::full);
  if (!space_.has_room(envelope.size())) {
    segments_.trim();
    return base::unexpected(StoreError::full);
  }
  if (transaction_.failed()) return base::unexpected(*transaction_.failed());
  if (bytes_ + envelope.size() + kEnvelopeOverhead > quota_)
    return base::unexpected(StoreError::quota);
  Slot slot{static_cast<std::uint32_t>(envelope.size()), {}};
  const bool is_large = envelope.size() > kInlineBodyMax;
  if (is_large) {
    const auto place = segments_.append(envelope);
    if (!place) return base::unexpected(place.error());
    slot.place = *place;
  }
  const StoreKey key = next_key_++;
  slots_.emplace(key, slot);
  pending_.push_back({key, record});
  remember(key, is_large ? base::ByteView() : envelope);
  bytes_ += envelope.size() + kEnvelopeOverhead;
  space_.wrote(envelope.size());
  return key;
}

void SqliteEnvelopes::remember(StoreKey key, base::ByteView envelope) {
  if (recent_.empty()) recent_first_ = key;
  CHASKI_ASSERT(recent_first_ + recent_.size() == key);
  recent_.emplace_back(envelope.begin(), envelope.end());
  recent_bytes_ += envelope.size() + kEnvelopeOverhead;
  while (recent_.size() > 1 && (recent_bytes_ > kRecentBytesMax || recent_.size() > kRecentMax)) {
    forget_oldest();
  }
}

void SqliteEnvelopes::forget_oldest() {
  if (!pending_.empty() && pending_.front().key == recent_first_) write_pending();
  recent_bytes_ -= recent_.front().size();
  recent_.pop_front();
  ++recent_first_;
}

base::Bytes* SqliteEnvelopes::recent(StoreKey key) {
  if (key < recent_first_ || key - recent_first_ >= recent_.size()) return nullptr;
  base::Bytes& bytes = recent_[key - recent_first_];
  return bytes.empty() ? nullptr : &bytes;
}

base::ByteView SqliteEnvelopes::read(StoreKey key) {
  if (const base::Bytes* bytes = recent(key)) return *bytes;
  const auto slot = slots_.find(key);
  if (slot == slots_.end()) return {};
  if (slot->second.place.segment != 0) {
    const auto kept = segments_.recent(slot->second.place, slot->second.size);
    if (!kept.empty()) return kept;
  }
  read_buffer_.resize(slot->second.size);
  if (slot->second.place.segment != 0) {
    if (!segments_.read(slot->second.place, read_buffer_)) return {};
    return read_buffer_;
  }
  const Reading reading(select_body_);
  select_body_.bind_all(key);
  if (select_body_.step() != SQLITE_ROW) return {};
  const base::ByteView body = select_body_.blob(0);
  if (body.size() != read_buffer_.size()) return {};
  std::copy(body.begin(), body.end(), read_buffer_.begin());
  return read_buffer_;
}

void SqliteEnvelopes::erase(StoreKey key) {
  const auto slot = slots_.find(key);
  if (slot == slots_.end()) return;
  bytes_ -= slot->second.size + kEnvelopeOverhead;
  if (slot->second.place.segment != 0) {
    released_.push_back({slot->second.place, slot->second.size});
  }
  slots_.erase(slot);
  if (base::Bytes* bytes = recent(key)) {
    recent_bytes_ -= bytes->size();
    base::Bytes().swap(*bytes);
  }
  // What waits in pending_ is skipped there because it has no slot any more.
  if (pending_.empty() || key < pending_.front().key) erased_.push_back(key);
}

bool SqliteEnvelopes::insert(const Pending& pending) {
  const auto slot = slots_.find(pending.key);
  if (slot == slots_.end()) return true;  // came and went
  const EnvelopeRecord& r = pending.record;
  const auto kind = static_cast<int>(r.kind);
  const auto priority = static_cast<int>(r.priority);
  const BodyPlace place = slot->second.place;
  const vault::MaskedOrigin origin = masked(pending);
  int code = 0;
  if (place.segment != 0) {
    code = insert_.run(pending.key, r.id.view(), kind, priority, r.tag.view(), r.commitment.view(),
                       r.lifetime_s, slot->second.size, r.age_at_arrival_ms,
                       base::to_us(r.arrived), r.hops_left, r.copies, base::ByteView(origin),
                       place.segment, place.block, nullptr);
  } else {
    const base::Bytes* body = recent(pending.key);
    CHASKI_ASSERT(body != nullptr || slot->second.size == 0);
    code = insert_.run(pending.key, r.id.view(), kind, priority, r.tag.view(), r.commitment.view(),
                       r.lifetime_s, slot->second.size, r.age_at_arrival_ms,
                       base::to_us(r.arrived), r.hops_left, r.copies, base::ByteView(origin),
                       nullptr, nullptr,
                       body != nullptr ? base::ByteView(*body) : base::ByteView());
  }
  transaction_.check(code);
  return code == SQLITE_DONE;
}

void SqliteEnvelopes::write_pending() {
  for (const Pending& pending : pending_) {
    if (!slots_.contains(pending.key)) continue;
    if (!transaction_.begin() || !insert(pending)) break;
  }
  pending_.clear();
  write_erased();
}

void SqliteEnvelopes::write_erased() {
  if (erased_.empty()) return;
  std::sort(erased_.begin(), erased_.end());
  std::size_t i = 0;
  while (i < erased_.size() && transaction_.begin()) {
    const StoreKey first = erased_[i];
    StoreKey last = first;
    for (++i; i < erased_.size() && erased_[i] == last + 1; ++i) ++last;
    transaction_.check(erase_.run(first, last));
  }
  erased_.clear();
}

void SqliteEnvelopes::committed() {
  for (const Released& r : released_) segments_.release(r.place, r.size);
  released_.clear();
  segments_.reclaim();
}

void SqliteEnvelopes::reload() {
  slots_.clear();
  pending_.clear();
  erased_.clear();
  released_.clear();
  recent_.clear();
  recent_bytes_ = 0;
  bytes_ = 0;
  segments_.forget();
  Statement all(database_, "SELECT key, size, segment, block FROM envelopes ORDER BY key");
  StoreKey last = next_key_ - 1;
  int code = SQLITE_ROW;
  while ((code = all.step()) == SQLITE_ROW) {
    last = std::max(last, static_cast<StoreKey>(all.number(0)));
    const Slot slot{static_cast<std::uint32_t>(all.number(1)),
                    {static_cast<std::uint32_t>(all.number(2)),
                     static_cast<std::uint32_t>(all.number(3))}};
    if (slot.place.segment != 0) segments_.held(slot.place, slot.size);
    slots_.emplace(static_cast<StoreKey>(all.number(0)), slot);
    bytes_ += slot.size + kEnvelopeOverhead;
  }
  if (code != SQLITE_DONE) {
    // Nothing may be cleaned up by half a list.
    throw StartError(kExitState, "cannot read the envelopes in the database: " +
                                     database_.message() + "; check the disk");
  }
  segments_.clean();
  next_key_ = last + 1;
}

/// What is read here is read with an open vault.
void SqliteEnvelopes::put_tombstone(const wire::EnvelopeId& id, base::Time until) {
  if (sealer_ == nullptr || !transaction_.begin()) return;
  base::Bytes plain(id.bytes.begin(), id.bytes.end());
  const auto until_us = static_cast<std::uint64_t>(base::to_us(until));
  for (std::size_t i = 0; i < 8; ++i) {
    plain.push_back(static_cast<std::uint8_t>(until_us >> (8 * i)));
  }
  const std::uint64_t key = next_tombstone_++;
  const base::Bytes sealed = sealer_->seal(vault::Table::tombstones, key, plain);
  const std::int64_t until_day = (base::to_us(until) + kDay_us - 1) / kDay_us;
  transaction_.check(insert_tombstone_.run(key, until_day, base::ByteView(sealed)));
}

void SqliteEnvelopes::expire_tombstones(base::Time now) {
  const std::int64_t day = base::to_us(now) / kDay_us;
  {
    // Asked often and seldom true: no transaction for nothing.
    const Reading reading(any_tombstone_);
    any_tombstone_.bind_all(day);
    if (any_tombstone_.step() != SQLITE_ROW) return;
  }
  if (!transaction_.begin()) return;
  transaction_.check(expire_tombstones_.run(day));
}

void SqliteEnvelopes::for_each(
    const std::function<void(StoreKey, const EnvelopeRecord&)>& visit) {
  write_pending();
  Statement all(database_, kSelectAll);
  EnvelopeRecord record;
  while (all.step() == SQLITE_ROW) {
    const auto key = static_cast<StoreKey>(all.number(0));
    if (!read_record(all, record)) continue;
    unmask(all.blob(12), key, record);
    visit(key, record);
  }
}

void SqliteEnvelopes::for_each_tombstone(
    const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) {
  if (sealer_ == nullptr) return;
  const Reading reading(all_tombstones_);
  while (all_tombstones_.step() == SQLITE_ROW) {
    const base::ByteView blob = all_tombstones_.blob(1);
    base::Bytes sealed(blob.begin(), blob.end());
    const auto row = static_cast<std::uint64_t>(all_tombstones_.number(0));
    const auto plain = sealer_->open(vault::Table::tombstones, row, sealed);
    if (!plain || plain->size() != wire::EnvelopeId::kSize + 8) continue;
    std::uint64_t until_us = 0;
    for (std::size_t i = plain->size(); i-- > wire::EnvelopeId::kSize;) {
      until_us = until_us << 8 | (*plain)[i];
    }
    visit(*wire::EnvelopeId::from(plain->first(wire::EnvelopeId::kSize)),
          base::from_us(static_cast<std::int64_t>(until_us)));
  }
}

mesh_router::StoreUsage SqliteEnvelopes::usage() const { return {slots_.size(), bytes_, quota_}; }

bool SqliteEnvelopes::accepts() const {
  return writable_ && !transaction_.failed() && space_.has_room(0);
}

}  // namespace chaski::daemon
