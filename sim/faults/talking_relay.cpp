// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/talking_relay.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "mesh-router/short_id.hpp"
#include "node/node.hpp"
#include "node/origin.hpp"
#include "wire/limits.hpp"

namespace chaski::sim {
namespace {

using link::Link;

RelayManner::Records records_in(base::ByteView frame) {
  RelayManner::Records out;
  wire::RecordReader reader(frame);
  for (auto record = reader.next(); record && *record; record = reader.next()) {
    out.push_back({(*record)->type, {(*record)->payload.begin(), (*record)->payload.end()}});
  }
  return out;
}

}  // namespace

TalkingRelay::TalkingRelay(const RelaySetup& setup, RelayManner manner)
    : random_(setup.seed),
      key_(link::NodeKey::generate(random_)),
      store_(setup.store_bytes_max),
      router_({}, store_, nullptr, random_, setup.now),
      manner_(std::move(manner)) {
  if (!manner_.writes) return;
  const auto span = static_cast<std::uint64_t>(manner_.writes_every.count()) + 1;
  write_at_ = setup.now + base::Duration(static_cast<std::int64_t>(random_.below(span)));
}

TalkingRelay::~TalkingRelay() = default;

bool TalkingRelay::link_opened(base::LinkId id, base::TransportKind kind, base::LinkRole role,
                               std::size_t frame_size_max, base::Time now) {
  const std::size_t plain = std::min(frame_size_max - Link::kSealOverhead, wire::kFrameSizeMax);
  const node::NodeConfig timers;
  const link::LinkConfig config{
      .role = role,
      .node_key = &key_,
      .network_key = {},
      .hello = {.capabilities = 0, .frame_size_max = static_cast<std::uint32_t>(plain)},
      .timers = kind == base::TransportKind::ble ? timers.ble_timers : timers.timers};
  auto hop = std::make_unique<Hop>(Link(config, random_, now));
  hop->role = role;
  hop->records_max = plain;
  hops_[id] = std::move(hop);
  ready_.push_back(id);
  return true;
}

void TalkingRelay::link_closed(base::LinkId id, base::Time now) {
  const auto found = hops_.find(id);
  if (found == hops_.end()) return;
  end(id, *found->second, now);
  hops_.erase(found);
}

void TalkingRelay::end(base::LinkId id, Hop& hop, base::Time now) {
  if (!std::exchange(hop.routed, false)) return;
  router_.link_down(id, now);
  if (manner_.parts) manner_.parts(id);
}

void TalkingRelay::follow(base::LinkId id, Hop& hop, base::Time now) {
  if (hop.link.state() == Link::State::closed) {
    end(id, hop, now);
    closed_.push_back(id);
    hops_.erase(id);
    return;
  }
  if (hop.routed || hop.link.state() != Link::State::open) return;
  const link::NodePublicKey peer = hop.link.peer();
  hop.records_max = std::min<std::size_t>(hop.records_max, hop.link.peer_hello().frame_size_max);
  if (sink_) sink_(node::LinkOpened{id, peer});
  mesh_router::NeighbourId name;
  name.bytes = peer.bytes;
  const mesh_router::LinkParameters parameters{
      .frame_size_max = hop.records_max,
      .role = hop.role,
      .salt = {hop.link.derive(mesh_router::kShortIdSaltLabel)},
      .origin = 0};
  if (hop.records_max < wire::kFrameSizeMin || !router_.link_up(id, name, parameters, now)) {
    hop.link.close(link::CloseReason::too_many_links, now);
    return;
  }
  hop.routed = true;
  if (manner_.meets) manner_.meets(id, peer, now);
}

void TalkingRelay::receive(base::LinkId id, base::MutableByteView frame, base::Time now) {
  const auto found = hops_.find(id);
  if (found == hops_.end()) return;
  Hop& hop = *found->second;
  const base::ByteView plain = hop.link.receive(frame, now);
  ready_.push_back(id);
  if (hop.link.state() == Link::State::open && !hop.routed) follow(id, hop, now);
  if (!plain.empty() && hop.routed) {
    bool whole = true;
    if (manner_.hears) {
      RelayManner::Records records = records_in(plain);
      manner_.hears(id, records, now);
      base::Bytes heard(plain.size());
      wire::RecordWriter writer(heard);
      for (const SpokenRecord& record : records) writer.add(record.type, record.payload);
      whole = router_.receive(id, base::ByteView(heard).first(writer.size()), now);
    } else {
      whole = router_.receive(id, plain, now);
    }
    if (!whole) hop.link.close(link::CloseReason::protocol_error, now);
  }
  if (hop.link.state() == Link::State::closed) follow(id, hop, now);
}

std::size_t TalkingRelay::next_frame(base::LinkId id, base::MutableByteView out, base::Time now) {
  const auto found = hops_.find(id);
  if (found == hops_.end() || out.size() < Link::kHandshakeFrameSize) return 0;
  Hop& hop = *found->second;
  if (const std::size_t size = hop.link.next_frame(out, now)) {
    follow(id, hop, now);
    return size;
  }
  follow(id, hop, now);
  const auto still = hops_.find(id);
  if (still == hops_.end() || !hop.routed) return 0;
  const std::size_t room = std::min(out.size() - Link::kSealOverhead, hop.records_max);
  // Carry states that are changed may take more bytes.
  const std::size_t own = manner_.says ? room - room / 16 : room;
  std::size_t size = router_.next_frame(id, out.first(own), now);
  if (manner_.says) size = tampered(id, out, size, room, now);
  return size == 0 ? 0 : hop.link.seal(out, size, now);
}

std::size_t TalkingRelay::tampered(base::LinkId id, base::MutableByteView frame, std::size_t size,
                                   std::size_t room, base::Time now) {
  RelayManner::Records records = records_in(base::ByteView(frame).first(size));
  const RelayManner::Records honest = records;
  manner_.says(id, records, room, now);
  wire::RecordWriter writer(frame.first(room));
  for (std::size_t i = 0; i < records.size(); ++i) {
    // What has no room any more goes as it was.
    const bool fits = writer.add(records[i].type, records[i].payload);
    if (!fits && i < honest.size()) writer.add(honest[i].type, honest[i].payload);
  }
  return writer.size();
}

std::vector<base::LinkId> TalkingRelay::ready_links() {
  std::vector<base::LinkId> out = std::exchange(ready_, {});
  for (const base::LinkId id : router_.ready_links()) out.push_back(id);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<base::LinkId> TalkingRelay::closed_links() {
  return std::exchange(closed_, {});
}

void TalkingRelay::write(base::Time now) {
  const base::Bytes envelope = manner_.writes();
  const auto id = router_.submit(envelope, node::initial_carry_state(random_), now);
  ++(id ? written_.written : written_.not_written);
}

bool TalkingRelay::settle(base::Time now) {
  if (router_.dirty()) router_.committed(now);
  while (const auto event = router_.next_event()) {
    if (const auto* custody = std::get_if<mesh_router::CustodyEvent>(&*event)) {
      if (custody->local) ++written_.taken;
    }
    if (const auto* refused = std::get_if<mesh_router::RefusedEvent>(&*event)) {
      if (refused->local) ++written_.refused;
    }
  }
  return true;
}

std::optional<base::Time> TalkingRelay::next_wakeup() const {
  std::optional<base::Time> at = router_.next_wakeup();
  const auto sooner = [&](std::optional<base::Time> other) {
    if (other && (!at || *other < *at)) at = other;
  };
  for (const auto& [id, hop] : hops_) sooner(hop->link.next_wakeup());
  sooner(write_at_);
  return at;
}

void TalkingRelay::wake(base::Time now) {
  for (const auto& [id, hop] : hops_) {
    hop->link.wake(now);
    ready_.push_back(id);
  }
  router_.wake(now);
  if (!write_at_ || *write_at_ > now) return;
  write(now);
  write_at_ = now + manner_.writes_every;
}

bool TalkingRelay::idle() const {
  return !router_.dirty();
}

}  // namespace chaski::sim
