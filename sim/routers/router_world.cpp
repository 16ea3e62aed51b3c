// SPDX-License-Identifier: Apache-2.0
#include "sim/routers/router_world.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "sim/world/frame_hash.hpp"

namespace chaski::sim {

namespace {

constexpr std::uint64_t kFirstMeetingLink = std::uint64_t{1} << 40;

base::LinkId link_id(std::uint32_t wire) { return {std::uint64_t{wire} + 1}; }
std::uint32_t wire_of(base::LinkId id) { return static_cast<std::uint32_t>(id.value - 1); }

mesh_router::LinkParameters parameters(const RouterWorldConfig& config, base::LinkId link,
                                       bool initiator) {
  mesh_router::LinkParameters out;
  out.frame_size_max = config.frame_size_max;
  out.role = initiator ? base::LinkRole::initiator : base::LinkRole::responder;
  for (std::size_t i = 0; i < 8; ++i) {
    out.salt.bytes[i] = static_cast<std::uint8_t>((link.value ^ config.seed) >> (8 * i));
  }
  return out;
}

}  // namespace

/// A router, its store and the person who reads there.
struct RouterWorld::Member final : mesh_router::Recipient {
  Member(RouterWorld& world_in, NodeIndex index_in, const mesh_router::RouterLimits& limits)
      : world(world_in),
        index(index_in),
        random(world.random_.next_u64()),
        store(world.config_.store_bytes_max),
        router(limits, store, this, random, world.now_) {}

  mesh_router::Claim on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                                 const wire::CarryState& state, base::Time) override {
    world.seen(index, id);
    if (world.recipient_of(id) != index) return mesh_router::Claim::not_ours;
    const auto token = wire::ReceiptToken::from(envelope.body.first(wire::ReceiptToken::kSize));
    if (world.config_.receipts) {
      unanswered.push_back({{id, *token}, envelope.lifetime_s, state.age_ms});
    }
    return mesh_router::Claim::consumed;
  }

  struct Unanswered {
    wire::ReceiptBody receipt;
    std::uint32_t lifetime_s = 0;
    std::uint64_t age_ms = 0;
  };
  RouterWorld& world;
  NodeIndex index;
  base::SeededRandom random;
  mesh_router::MemoryEnvelopeStore store;
  std::vector<std::uint32_t> wires;
  std::vector<Unanswered> unanswered;
  std::optional<base::Time> wake_planned;
  mesh_router::Router router;
};

RouterWorld::RouterWorld(const RouterWorldConfig& config)
    : config_(config), random_(config.seed), next_meeting_link_(kFirstMeetingLink),
      scratch_(config.frame_size_max) {}
RouterWorld::~RouterWorld() = default;

mesh_router::NeighbourId RouterWorld::name_of(NodeIndex index) {
  mesh_router::NeighbourId name;
  for (std::size_t i = 0; i < 4; ++i) name.bytes[i] = static_cast<std::uint8_t>(index >> (8 * i));
  name.bytes[31] = 1;
  return name;
}

NodeIndex RouterWorld::index_of(const mesh_router::NeighbourId& name) {
  NodeIndex index = 0;
  for (std::size_t i = 0; i < 4; ++i) index |= NodeIndex{name.bytes[i]} << (8 * i);
  return index;
}

NodeIndex RouterWorld::add_node() {
  const auto index = static_cast<NodeIndex>(members_.size());
  mesh_router::RouterLimits limits = config_.limits;
  if (config_.prepare) config_.prepare(index, limits);
  members_.push_back(std::make_unique<Member>(*this, index, limits));
  return index;
}

mesh_router::Router& RouterWorld::router(NodeIndex index) { return members_[index]->router; }

void RouterWorld::link(NodeIndex a, NodeIndex b) {
  CHASKI_ASSERT(a != b && !linked(a, b));
  const auto index = static_cast<std::uint32_t>(wires_.size());
  Wire& wire = wires_.emplace_back();
  wire.ends = {a, b};
  const auto spread = static_cast<std::uint64_t>((config_.delay_max - config_.delay_min).count());
  wire.model.delay = config_.delay_min + base::Duration(random_.below(spread + 1));
  wire.model.bytes_per_s = config_.bytes_per_s;
  for (const bool first : {true, false}) {
    Member& member = *members_[first ? a : b];
    const bool up = member.router.link_up(link_id(index), name_of(first ? b : a),
                                          parameters(config_, link_id(index), first), now_);
    CHASKI_ASSERT(up);
    member.wires.push_back(index);
  }
  settle(a);
  settle(b);
}

void RouterWorld::unlink_all(NodeIndex index) {
  for (const std::uint32_t at : std::exchange(members_[index]->wires, {})) {
    Wire& wire = wires_[at];
    wire.up = false;
    const NodeIndex other = wire.ends[0] == index ? wire.ends[1] : wire.ends[0];
    std::erase(members_[other]->wires, at);
    for (const NodeIndex end : wire.ends) {
      members_[end]->router.link_down(link_id(at), now_);
      settle(end);
    }
  }
}

bool RouterWorld::linked(NodeIndex a, NodeIndex b) const {
  const auto& wires = members_[a]->wires;
  return std::any_of(wires.begin(), wires.end(), [&](std::uint32_t at) {
    return wires_[at].ends[0] == b || wires_[at].ends[1] == b;
  });
}

std::size_t RouterWorld::degree(NodeIndex index) const { return members_[index]->wires.size(); }

void RouterWorld::meet(NodeIndex a, NodeIndex b) {
  const base::LinkId link{next_meeting_link_++};
  const bool up_a =
      members_[a]->router.link_up(link, name_of(b), parameters(config_, link, true), now_);
  const bool up_b =
      members_[b]->router.link_up(link, name_of(a), parameters(config_, link, false), now_);
  CHASKI_ASSERT(up_a && up_b);
  for (bool moved = true; moved;) {
    moved = exchange(a, b, link);
    moved = exchange(b, a, link) || moved;
  }
  for (const NodeIndex index : {a, b}) {
    members_[index]->router.link_down(link, now_);
    settle(index);
  }
}

/// Moves what one has for the other now; false: there was nothing, and it has no work to do.
bool RouterWorld::exchange(NodeIndex from, NodeIndex to, base::LinkId link) {
  Member& sender = *members_[from];
  const auto is_due = [&] {
    const auto wakeup = sender.router.next_wakeup();
    return wakeup && *wakeup <= now_;
  };
  if (is_due()) sender.router.wake(now_);
  settle(from);
  bool moved = false;
  while (const std::size_t size = sender.router.next_frame(link, scratch_, now_)) {
    receive(from, to, link, base::ByteView(scratch_).first(size));
    moved = true;
  }
  return moved || is_due();
}

void RouterWorld::receive(NodeIndex from, NodeIndex to, base::LinkId link, base::ByteView frame) {
  event_hash_ = mix(event_hash_, static_cast<std::uint64_t>(base::to_us(now_)));
  event_hash_ = mix(event_hash_, (std::uint64_t{from} << 32) | to);
  event_hash_ = mix(event_hash_, hash_bytes(frame));
  count(frame);
  const bool link_ok = members_[to]->router.receive(link, frame, now_);
  CHASKI_ASSERT(link_ok);
  settle(to);
}

void RouterWorld::meet_at_random(double meetings_per_pair_and_s) {
  const bool planned = meeting_rate_ > 0;
  meeting_rate_ = meetings_per_pair_and_s;
  if (!planned && meeting_rate_ > 0) plan_meeting();
}

void RouterWorld::plan_meeting() {
  const double pairs = static_cast<double>(size()) * static_cast<double>(size() - 1) / 2;
  const double wait_s = -std::log1p(-random_.unit()) / (meeting_rate_ * pairs);
  plan(Event::Kind::dial, now_ + base::Duration(std::llround(wait_s * 1e6)), 0);
}

std::size_t RouterWorld::send(NodeIndex from, NodeIndex to, const Sending& sending) {
  const auto token = random_.bytes<wire::ReceiptToken>();
  base::Bytes body(std::max(sending.body_size, wire::ReceiptToken::kSize));
  random_.fill(body);
  std::copy(token.bytes.begin(), token.bytes.end(), body.begin());
  wire::EnvelopeFields fields;
  fields.lifetime_s = sending.lifetime_s;
  fields.tag = random_.bytes<wire::DeliveryTag>();
  fields.commitment = wire::commit(token);
  fields.body = body;
  const base::Bytes envelope = wire::encode_envelope(fields);
  WorldMessage& message = messages_.emplace_back();
  message.from = from;
  message.to = to;
  message.sent = now_;
  if (sending.watch_all) {
    message.first_seen.assign(size(), base::Time::max());
    message.first_seen[from] = now_;
  }
  by_id_.emplace(wire::envelope_id(envelope), messages_.size() - 1);
  ++undelivered_;
  wire::CarryState state;
  state.hops_left = wire::kHopsMax;
  const auto id = members_[from]->router.submit(envelope, state, now_);
  CHASKI_ASSERT(id.has_value());
  settle(from);
  return messages_.size() - 1;
}

void RouterWorld::forget_watch(std::size_t message) {
  messages_[message].first_seen = {};
}

std::optional<NodeIndex> RouterWorld::recipient_of(const wire::EnvelopeId& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return messages_[found->second].to;
}

void RouterWorld::seen(NodeIndex index, const wire::EnvelopeId& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  WorldMessage& message = messages_[found->second];
  if (!message.first_seen.empty()) {
    message.first_seen.resize(size(), base::Time::max());  // who joined later
    message.first_seen[index] = std::min(message.first_seen[index], now_);
  }
  if (message.to != index || message.delivered) return;
  message.delivered = now_;
  message.carriers_then = message.carriers;
  message.transmissions_then = message.transmissions + 1;
  --undelivered_;
}

/// A record of it arrived: taken, known already, or only looked at.
void RouterWorld::heard(NodeIndex index, const mesh_router::RouterEvent& event) {
  const auto* accepted = std::get_if<mesh_router::AcceptedEvent>(&event);
  const auto* dropped = std::get_if<mesh_router::DroppedEvent>(&event);
  if (accepted == nullptr && (dropped == nullptr || !dropped->id)) return;
  const auto found = by_id_.find(accepted != nullptr ? accepted->id : *dropped->id);
  if (found == by_id_.end()) return;
  WorldMessage& message = messages_[found->second];
  ++message.transmissions;
  if (accepted != nullptr && message.to != index) ++message.carriers;
}

/// The owner's part: receipts, events, the commit, and frames for every link that has room.
void RouterWorld::settle(NodeIndex index) {
  Member& member = *members_[index];
  for (const auto& answer : std::exchange(member.unanswered, {})) {
    member.router.publish_receipt(answer.receipt, answer.lifetime_s, answer.age_ms, now_);
  }
  while (const auto event = member.router.next_event()) heard(index, *event);
  if (member.router.dirty()) member.router.committed(now_);
  for (const base::LinkId link : member.router.ready_links()) {
    if (link.value >= kFirstMeetingLink) continue;
    pull(wire_of(link), wires_[wire_of(link)].ends[0] == index ? 0 : 1);
  }
  plan_wake(index);
}

void RouterWorld::pull(std::uint32_t index, std::uint8_t side) {
  Wire& wire = wires_[index];
  while (wire.up) {
    const base::Time room_at = wire.from[side].room_at(wire.model);
    if (room_at > now_) {
      if (!wire.room_planned[side]) plan(Event::Kind::room, room_at, index, side);
      wire.room_planned[side] = true;
      return;
    }
    mesh_router::Router& router = members_[wire.ends[side]]->router;
    const std::size_t size = router.next_frame(link_id(index), scratch_, now_);
    if (size == 0) return;
    if (free_buffers_.empty()) {
      free_buffers_.push_back(static_cast<std::uint32_t>(buffers_.size()));
      buffers_.emplace_back();
    }
    const std::uint32_t buffer = free_buffers_.back();
    free_buffers_.pop_back();
    buffers_[buffer].assign(scratch_.begin(), scratch_.begin() + static_cast<std::ptrdiff_t>(size));
    const auto arrival = wire.from[side].send(wire.model, size, random_, now_);
    plan(Event::Kind::frame, *arrival, index, static_cast<std::uint8_t>(1 - side), buffer);
  }
}

void RouterWorld::arrive(std::uint32_t index, std::uint8_t to_side, std::uint32_t buffer) {
  const Wire wire = wires_[index];
  // Out of the pool while it is read: what it provokes takes buffers of its own.
  const base::Bytes frame = std::exchange(buffers_[buffer], {});
  if (wire.up) receive(wire.ends[1 - to_side], wire.ends[to_side], link_id(index), frame);
  free_buffers_.push_back(buffer);
}

void RouterWorld::plan(Event::Kind kind, base::Time at, std::uint32_t subject, std::uint8_t side,
                       std::uint32_t payload) {
  heap_.push(
      {.at = at, .order = 0, .kind = kind, .side = side, .subject = subject, .payload = payload});
}

void RouterWorld::plan_wake(NodeIndex index) {
  Member& member = *members_[index];
  const auto wakeup = member.router.next_wakeup();
  if (!wakeup || (member.wake_planned && *member.wake_planned <= *wakeup)) return;
  member.wake_planned = std::max(*wakeup, now_);
  plan(Event::Kind::wake, *member.wake_planned, index);
}

void RouterWorld::step(const Event& event) {
  switch (event.kind) {
    case Event::Kind::frame: arrive(event.subject, event.side, event.payload); break;
    case Event::Kind::room:
      wires_[event.subject].room_planned[event.side] = false;
      pull(event.subject, event.side);
      plan_wake(wires_[event.subject].ends[event.side]);
      break;
    case Event::Kind::wake: {
      Member& member = *members_[event.subject];
      if (member.wake_planned != event.at) break;
      member.wake_planned.reset();
      member.router.wake(now_);
      settle(event.subject);
      break;
    }
    case Event::Kind::dial: {
      if (meeting_rate_ <= 0) break;
      const auto a = static_cast<NodeIndex>(random_.below(size()));
      const auto step = static_cast<NodeIndex>(1 + random_.below(size() - 1));
      meet(a, (a + step) % static_cast<NodeIndex>(size()));
      plan_meeting();
      break;
    }
    default: CHASKI_ASSERT(false);
  }
}

void RouterWorld::run_events(base::Time until, bool until_delivered) {
  while (!heap_.empty() && heap_.next_time() <= until) {
    if (until_delivered && undelivered_ == 0) return;
    const Event event = heap_.pop();
    now_ = event.at;
    step(event);
  }
  now_ = until;
}

void RouterWorld::run_for(base::Duration duration) {
  run_events(now_ + duration, /*until_delivered=*/false);
}

bool RouterWorld::run_until_delivered(base::Duration at_most) {
  run_events(now_ + at_most, /*until_delivered=*/true);
  return undelivered_ == 0;
}

void RouterWorld::count(base::ByteView frame) {
  ++traffic_.frames;
  traffic_.frame_bytes += frame.size();
  wire::RecordReader reader(frame);
  for (auto record = reader.next(); record && *record; record = reader.next()) {
    const auto type = static_cast<std::size_t>((*record)->type) % traffic_.records.size();
    ++traffic_.records[type];
    traffic_.record_bytes[type] += wire::record_size((*record)->payload.size());
  }
}

}  // namespace chaski::sim
