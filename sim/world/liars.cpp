// SPDX-License-Identifier: Apache-2.0
#include "sim/world/liars.hpp"

#include <algorithm>

#include "wire/limits.hpp"
#include "wire/offer.hpp"
#include "wire/records.hpp"

namespace chaski::sim {

using link::Link;
using wire::RecordType;

BlackHole::BlackHole(std::uint64_t seed) : random_(seed),
      key_(link::NodeKey::generate(random_)),
      salt_(random_.next_u64()) {}

bool BlackHole::link_opened(base::LinkId id, base::TransportKind, base::LinkRole role,
                            std::size_t frame_size_max, base::Time now) {
  const std::size_t plain = std::min(frame_size_max - Link::kSealOverhead, wire::kFrameSizeMax);
  const link::LinkConfig config{
      .role = role,
      .node_key = &key_,
      .network_key = {},
      .hello = {.capabilities = 0, .frame_size_max = static_cast<std::uint32_t>(plain)},
      .timers = {}};
  auto& victim = victims_[id];
  const auto exchange_role = role == base::LinkRole::initiator ? reconcile::Role::teller
                                                               : reconcile::Role::solver;
  victim = std::make_unique<Victim>(Link(config, random_, now), exchange_role);
  victim->exchange.start();
  ready_.push_back(id);
  return true;
}

void BlackHole::link_closed(base::LinkId id, base::Time) {
  victims_.erase(id);
}

void BlackHole::receive(base::LinkId id, base::MutableByteView frame, base::Time now) {
  const auto found = victims_.find(id);
  if (found == victims_.end()) return;
  Victim& victim = *found->second;
  wire::RecordReader reader(victim.link.receive(frame, now));
  ready_.push_back(id);
  if (victim.link.state() == Link::State::open && !std::exchange(victim.told, true) && sink_) {
    sink_(node::LinkOpened{id, victim.link.peer()});
  }
  while (true) {
    const auto next = reader.next();
    const std::optional<wire::Record> record = next ? *next : std::nullopt;
    if (!record) return;
    if (record->type == RecordType::reconcile) victim.exchange.receive(record->payload);
    if (record->type == RecordType::offer) {
      const auto offer = wire::decode_offer(record->payload);
      if (offer) victim.offered.push_back(offer->transfer);
    }
    bool envelope = record->type == RecordType::envelope;
    if (record->type == RecordType::fragment) {
      const auto fragment = wire::decode_fragment(record->payload);
      if (!fragment) return;
      const auto whole = victim.reassembler.add(*fragment);
      envelope = whole && whole->has_value() &&
                 (whole->value().type == RecordType::envelope ||
                  whole->value().type == RecordType::rest);
    }
    if (!envelope) continue;
    ++victim.received;
    ++swallowed_;
  }
}

std::size_t BlackHole::next_frame(base::LinkId id, base::MutableByteView out, base::Time now) {
  const auto found = victims_.find(id);
  if (found == victims_.end()) return 0;
  Victim& victim = *found->second;
  if (const std::size_t size = victim.link.next_frame(out, now)) return size;
  if (victim.link.state() != Link::State::open) return 0;
  wire::RecordWriter writer(out.first(out.size() - Link::kSealOverhead));
  while (victim.exchange.work()) {
  }
  std::array<std::uint8_t, 64> buffer{};
  const std::size_t said = victim.exchange.write(buffer);
  if (said > 0) writer.add(RecordType::reconcile, base::ByteView(buffer).first(said));
  for (const std::uint32_t transfer : std::exchange(victim.offered, {})) {
    const std::size_t size = wire::encode_resume({.transfer = transfer, .offset = 0}, buffer);
    writer.add(RecordType::resume, base::ByteView(buffer).first(size));
  }
  if (victim.received > victim.acknowledged) {
    victim.acknowledged = victim.received;
    const std::size_t size = wire::encode_ack({.upto = victim.received}, buffer);
    writer.add(RecordType::ack, base::ByteView(buffer).first(size));
  }
  return writer.size() == 0 ? 0 : victim.link.seal(out, writer.size(), now);
}

std::vector<base::LinkId> BlackHole::ready_links() {
  return std::exchange(ready_, {});
}

std::vector<base::LinkId> BlackHole::closed_links() {
  std::vector<base::LinkId> out;
  for (const auto& [id, victim] : victims_)
    if (victim->link.state() == Link::State::closed) out.push_back(id);
  for (base::LinkId id : out) victims_.erase(id);
  return out;
}

std::optional<base::Time> BlackHole::next_wakeup() const {
  std::optional<base::Time> at;
  for (const auto& [id, victim] : victims_)
    if (const auto mine = victim->link.next_wakeup(); mine && (!at || *mine < *at)) at = mine;
  return at;
}

void BlackHole::wake(base::Time now) {
  for (auto& [id, victim] : victims_) {
    victim->link.wake(now);
    ready_.push_back(id);
  }
}

JunkSpeaker::JunkSpeaker(std::uint64_t seed, Manner manner, std::vector<base::Bytes> script)
    : random_(seed),
      salt_(seed * 0x9E3779B97F4A7C15u + 1),
      manner_(manner),
      script_(std::move(script)) {}

bool JunkSpeaker::link_opened(base::LinkId id, base::TransportKind, base::LinkRole, std::size_t,
                              base::Time) {
  said_[id] = 0;
  ready_.push_back(id);
  return true;
}

void JunkSpeaker::link_closed(base::LinkId id, base::Time) {
  said_.erase(id);
}

void JunkSpeaker::receive(base::LinkId id, base::MutableByteView frame, base::Time) {
  bytes_heard_ += frame.size();
  ready_.push_back(id);
}

std::size_t JunkSpeaker::next_frame(base::LinkId id, base::MutableByteView out, base::Time) {
  const auto found = said_.find(id);
  if (found == said_.end() || manner_ == Manner::silent) return 0;
  const std::size_t number = found->second;
  if (number >= (manner_ == Manner::replay ? script_.size() : kFramesPerLink)) return 0;
  ++found->second;
  std::size_t size = 0;
  if (manner_ == Manner::replay) {
    size = std::min(script_[number].size(), out.size());
    std::copy_n(script_[number].begin(), size, out.begin());
  } else {
    size = number % 3 == 0 ? Link::kHandshakeFrameSize : 1 + random_.below(1'000);
    size = std::min(size, out.size());
    random_.fill(out.first(size));
  }
  bytes_said_ += size;
  return size;
}

std::vector<base::LinkId> JunkSpeaker::ready_links() {
  return std::exchange(ready_, {});
}

}  // namespace chaski::sim
