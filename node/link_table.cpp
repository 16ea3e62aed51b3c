// SPDX-License-Identifier: Apache-2.0
#include "node/link_table.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "wire/limits.hpp"
#include "wire/records.hpp"

namespace chaski::node {

using link::CloseReason;
using link::Link;

namespace {

mesh_router::NeighbourId router_id(const link::NodePublicKey& key) {
  mesh_router::NeighbourId id;
  id.bytes = key.bytes;
  return id;
}

std::size_t plaintext_max(std::size_t frame_size_max) {
  return std::min(frame_size_max - Link::kSealOverhead, wire::kFrameSizeMax);
}

}  // namespace

LinkTable::LinkTable(const NodeConfig& config, const link::NodeKey& key, base::Random& random,
                     mesh_router::Router& router, EventQueue& events, NeighbourTalk& talk)
    : config_(config),
      key_(key),
      random_(random),
      router_(router),
      events_(events),
      talk_(talk) {}

LinkTable::Entry* LinkTable::find(base::LinkId id) {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : &found->second;
}

bool LinkTable::room_for_handshake(base::LinkRole role, base::Time now) {
  const std::size_t kept_for_ours = config_.handshakes_max / 4;
  const std::size_t limit = role == base::LinkRole::initiator
                                ? config_.handshakes_max
                                : config_.handshakes_max - kept_for_ours;
  if (handshakes_ < limit && links_.size() < config_.links_max) return true;
  if (handshakes_ == 0) return false;
  Entry* oldest = nullptr;
  for (auto& [id, entry] : links_) {
    const bool waits = !entry.neighbour && !entry.closing &&
                       entry.rank.role == base::LinkRole::responder &&
                       entry.opened + kHandshakePatience <= now;
    if (waits && (oldest == nullptr || entry.rank.opened < oldest->rank.opened)) oldest = &entry;
  }
  if (oldest == nullptr) return false;
  remove(*oldest, CloseReason::too_many_links, true, now);
  return true;
}

/// A radio is full of others' packets; a serial line of its own, for as long as a slow one takes.
static bool answers_late(base::TransportKind kind) {
  return kind == base::TransportKind::ble || kind == base::TransportKind::serial;
}

bool LinkTable::open(base::LinkId id, const Medium& medium, base::Time now) {
  CHASKI_ASSERT(!links_.contains(id));
  // NOLINTNEXTLINE(misc-redundant-expression): two constants that must stay in this order
  static_assert(Link::kHandshakeFrameSize >= wire::kFrameSizeMin + Link::kSealOverhead);
  const bool usable = medium.frame_size_max >= Link::kHandshakeFrameSize;
  if (!usable || !room_for_handshake(medium.role, now)) {
    count(CloseReason::too_many_links);
    return false;
  }
  link::LinkConfig config{
      .role = medium.role,
      .node_key = &key_,
      .network_key = config_.network_key,
      .hello = {.capabilities = 0,
                .frame_size_max = static_cast<std::uint32_t>(plaintext_max(medium.frame_size_max))},
      .timers = answers_late(medium.kind) ? config_.ble_timers : config_.timers};
  const auto [at, added] =
      links_.emplace(id, Entry{.id = id,
                               .rank = {.kind = medium.kind,
                                        .role = medium.role,
                                        .opened = next_opened_++},
                               .link = Link(config, random_, now),
                               .frame_size_max = medium.frame_size_max,
                               .origin = medium.origin,
                               .opened = now,
                               .closing = {}});
  CHASKI_ASSERT(added);
  ++handshakes_;
  mark(at->second);
  lower_wakeup(at->second);
  return true;
}

void LinkTable::transport_closed(base::LinkId id, base::Time now) {
  Entry* entry = find(id);
  if (entry == nullptr) return;
  entry->link.transport_closed();
  remove(*entry, CloseReason::transport, false, now);
}

void LinkTable::receive(base::LinkId id, base::MutableByteView frame, base::Time now) {
  Entry* entry = find(id);
  if (entry == nullptr) return;
  const base::ByteView records = entry->link.receive(frame, now);
  // The frame that opens a link may have records behind it, the one that ends it before it.
  if (entry->link.state() == Link::State::open && !entry->neighbour && !entry->closing)
    opened(*entry, now);
  if (!records.empty() && entry->neighbour && !entry->closing) {
    if (entry->carrying && talk_.listens()) hand_over(*entry, records);
    if (ensure_routed(*entry, now) && !router_.receive(id, records, now))
      ask_close(*entry, CloseReason::protocol_error, now);
  }
  mark(*entry);
  follow(*entry, now);
}

void LinkTable::follow(Entry& entry, base::Time now) {
  switch (entry.link.state()) {
    case Link::State::handshake:
      break;
    case Link::State::open:
      if (!entry.neighbour && !entry.closing) opened(entry, now);
      break;
    case Link::State::closed: {
      const auto reason = entry.closing ? entry.closing : entry.link.close_reason();
      remove(entry, reason.value_or(CloseReason::transport), true, now);
      return;
    }
  }
}

void LinkTable::opened(Entry& entry, base::Time now) {
  --handshakes_;
  entry.neighbour = true;
  const link::NodePublicKey peer = entry.link.peer();
  const std::size_t peer_max = entry.link.peer_hello().frame_size_max;
  entry.records_max = std::min(peer_max, plaintext_max(entry.frame_size_max));
  entry.rank.opened = next_opened_++;  // from here on the order in which they opened
  lower_wakeup(entry);
  Neighbour& links = neighbours_[peer];
  links.push_back(entry.id);
  if (links.size() == 1) events_.link(NeighbourUp{peer, entry.rank.kind});
  events_.link(LinkOpened{entry.id, peer});
  if (entry.records_max < wire::kFrameSizeMin) {
    ask_close(entry, CloseReason::protocol_error, now);
  } else if (links.size() > kLinksPerNeighbourMax) {
    ask_close(entry, CloseReason::too_many_links, now);
  } else {
    settle_duplicates(peer, now);
  }
}

void LinkTable::settle_duplicates(const link::NodePublicKey& peer, base::Time now) {
  Neighbour& links = neighbours_[peer];
  const link::NodePublicKey& us = key_.public_key();
  std::sort(links.begin(), links.end(), [&](base::LinkId a, base::LinkId b) {
    return carries_before(find(a)->rank, find(b)->rank, us, peer);
  });
  std::vector<base::LinkId> doomed;
  for (std::size_t i = 1; i < links.size(); ++i) {
    // Sorted: the first of each transport is the one kept.
    const auto kept = std::find_if(links.begin(), links.end(), [&](base::LinkId candidate) {
      return find(candidate)->rank.kind == find(links[i])->rank.kind;
    });
    if (*kept != links[i] && closes_duplicate(find(*kept)->rank, find(links[i])->rank))
      doomed.push_back(links[i]);
  }
  // The kept link starts before the other stops, so that the neighbour is never without.
  start_carrying(peer, now);
  for (base::LinkId id : doomed)
    if (Entry* entry = find(id)) ask_close(*entry, CloseReason::duplicate, now);
}

bool LinkTable::ensure_routed(Entry& entry, base::Time now) {
  if (entry.routed) return true;
  const mesh_router::LinkParameters parameters{
      .frame_size_max = entry.records_max,
      .role = entry.rank.role,
      .salt = {entry.link.derive(mesh_router::kShortIdSaltLabel)},
      .origin = entry.origin};
  if (!router_.link_up(entry.id, router_id(entry.link.peer()), parameters, now)) {
    ask_close(entry, CloseReason::too_many_links, now);
    return false;
  }
  entry.routed = true;
  return true;
}

void LinkTable::start_carrying(const link::NodePublicKey& peer, base::Time now) {
  const auto found = neighbours_.find(peer);
  if (found == neighbours_.end() || found->second.empty()) return;
  for (base::LinkId id : found->second) carry(*find(id), id == found->second.front());
  Entry* best = find(found->second.front());
  best->link.set_replaceable(found->second.size() > 1);
  lower_wakeup(*best);
  if (ensure_routed(*best, now)) mark(*best);
}

void LinkTable::carry(Entry& entry, bool carries) {
  if (entry.carrying == carries) return;
  entry.carrying = carries;
  carries ? talk_.link_began(talk_link(entry)) : talk_.link_ended(entry.id);
}

TalkLink LinkTable::talk_link(const Entry& entry) {
  TalkLink out{.id = entry.id,
               .transport = entry.rank.kind,
               .role = entry.rank.role,
               .neighbour = entry.link.peer(),
               .binding = {}};
  const base::ByteView hash = entry.link.handshake_hash();
  CHASKI_ASSERT(hash.size() == out.binding.bytes.size());
  std::copy(hash.begin(), hash.end(), out.binding.bytes.begin());
  return out;
}

std::vector<TalkLink> LinkTable::carrying() const {
  std::vector<TalkLink> out;
  for (const auto& [key, links] : neighbours_) {
    const Entry& best = links_.at(links.front());
    if (best.carrying) out.push_back(talk_link(best));
  }
  return out;
}

void LinkTable::hand_over(const Entry& entry, base::ByteView records) {
  wire::RecordReader reader(records);
  while (const auto record = reader.next()) {
    if (!*record) return;
    if ((*record)->type == wire::RecordType::pairing) talk_.heard(entry.id, (*record)->payload);
  }
}

void LinkTable::ask_close(Entry& entry, CloseReason reason, base::Time now) {
  if (entry.closing) return;
  if (!entry.neighbour) --handshakes_;
  entry.closing = reason;
  entry.goodbye_until = now + kGoodbyePatience;
  entry.link.close(reason, now);
  detach(entry, now);
  mark(entry);
  if (!wakeup_ || entry.goodbye_until < *wakeup_) wakeup_ = entry.goodbye_until;
}

void LinkTable::detach(Entry& entry, base::Time now) {
  if (entry.routed) {
    entry.routed = false;
    router_.link_down(entry.id, now);
  }
  if (!entry.neighbour) return;
  entry.neighbour = false;
  carry(entry, false);
  const link::NodePublicKey peer = entry.link.peer();
  const auto found = neighbours_.find(peer);
  CHASKI_ASSERT(found != neighbours_.end());
  std::erase(found->second, entry.id);
  if (found->second.empty()) {
    neighbours_.erase(found);
    events_.link(NeighbourDown{peer});
  } else {
    start_carrying(peer, now);
  }
}

void LinkTable::remove(Entry& entry, CloseReason reason, bool tell, base::Time now) {
  if (!entry.neighbour && !entry.closing) --handshakes_;
  detach(entry, now);
  count(reason);
  if (tell) events_.link(LinkClosed{entry.id, reason});
  links_.erase(base::LinkId(entry.id));
}

std::size_t LinkTable::next_frame(base::LinkId id, base::MutableByteView out, base::Time now) {
  Entry* entry = find(id);
  if (entry == nullptr || out.size() < Link::kHandshakeFrameSize) return 0;
  out = out.first(std::min(out.size(), entry->frame_size_max));
  if (const std::size_t size = entry->link.next_frame(out, now); size > 0) {
    lower_wakeup(*entry);
    follow(*entry, now);  // the goodbye closes it, the third handshake frame opens it
    return size;
  }
  if (entry->link.state() != Link::State::open) {
    follow(*entry, now);
    return 0;
  }
  if (!entry->carrying || !entry->routed) return 0;
  const std::size_t room = std::min(out.size() - Link::kSealOverhead, entry->records_max);
  std::size_t size = talk_.speak(id, out.first(room));
  if (size == 0) size = router_.next_frame(id, out.first(room), now);
  return size == 0 ? 0 : entry->link.seal(out, size, now);
}

std::vector<base::LinkId> LinkTable::ready() {
  for (base::LinkId id : router_.ready_links())
    if (Entry* entry = find(id); entry != nullptr && entry->carrying) mark(*entry);
  for (base::LinkId id : talk_.ready())
    if (Entry* entry = find(id); entry != nullptr && entry->carrying) mark(*entry);
  std::vector<base::LinkId> out;
  out.reserve(ready_.size());
  for (base::LinkId id : ready_) {
    Entry* entry = find(id);
    if (entry == nullptr) continue;
    entry->marked = false;
    out.push_back(id);
  }
  ready_.clear();
  return out;
}

void LinkTable::mark(Entry& entry) {
  if (entry.marked) return;
  entry.marked = true;
  ready_.push_back(entry.id);
}

void LinkTable::close_all(CloseReason reason, base::Time now) {
  std::vector<base::LinkId> ids;
  ids.reserve(links_.size());
  for (const auto& [id, entry] : links_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (base::LinkId id : ids) {
    Entry* entry = find(id);
    // The link goes once its goodbye was pulled, or its patience is over.
    if (entry != nullptr) ask_close(*entry, reason, now);
  }
}

void LinkTable::lower_wakeup(const Entry& entry) {
  const auto at = entry.link.next_wakeup();
  if (at && (!wakeup_ || *at < *wakeup_)) wakeup_ = at;
}

void LinkTable::wake(base::Time now) {
  if (!wakeup_ || *wakeup_ > now) return;
  wakeup_.reset();
  std::vector<base::LinkId> due;
  for (auto& [id, entry] : links_) {
    const auto at = entry.link.next_wakeup();
    const bool overdue = entry.closing && entry.goodbye_until <= now;
    if ((at && *at <= now) || overdue) due.push_back(id);
  }
  std::sort(due.begin(), due.end());
  for (base::LinkId id : due) {
    Entry* entry = find(id);
    if (entry == nullptr) continue;
    entry->link.wake(now);
    if (entry->closing && entry->goodbye_until <= now) {
      remove(*entry, *entry->closing, true, now);
      continue;
    }
    mark(*entry);
    follow(*entry, now);
  }
  for (auto& [id, entry] : links_) {
    lower_wakeup(entry);
    if (entry.closing && (!wakeup_ || entry.goodbye_until < *wakeup_))
      wakeup_ = entry.goodbye_until;
  }
}

void LinkTable::count(CloseReason reason) {
  for (auto& [known, number] : close_counts_)
    if (known == reason) {
      ++number;
      return;
    }
  close_counts_.emplace_back(reason, 1);
}

std::vector<NeighbourInfo> LinkTable::neighbours() const {
  const std::vector<mesh_router::NeighbourStatus> routing = router_.neighbours();
  std::vector<NeighbourInfo> out;
  for (const auto& [key, links] : neighbours_) {
    NeighbourInfo info{.key = key,
                       .transport = links_.at(links.front()).rank.kind,
                       .links = links.size(),
                       .routing = {}};
    for (const auto& status : routing)
      if (status.link == links.front()) info.routing = status;
    out.push_back(info);
  }
  return out;
}

}  // namespace chaski::node
