// SPDX-License-Identifier: Apache-2.0
#include "node/pairing_table.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "wire/records.hpp"

namespace chaski::node {

using e2ee::Pairing;

namespace {

/// Before each piece of a message: whether more of it follows.
constexpr std::uint8_t kLast = 0;
constexpr std::uint8_t kMore = 1;

/// Lower case, one space between words.
std::string plain_words(std::string_view words) {
  std::string out;
  bool gap = false;
  for (const char c : words) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && gap && !out.empty()) out += ' ';
    if (letter) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    gap = !letter;
  }
  return out;
}

}  // namespace

const char* to_string(PairingPhase phase) {
  switch (phase) {
    case PairingPhase::none: return "none";
    case PairingPhase::running: return "running";
    case PairingPhase::met: return "met";
    case PairingPhase::over: return "over";
  }
  return "unknown";
}

const char* to_string(PairingEnd why) {
  switch (why) {
    case PairingEnd::none: return "none";
    case PairingEnd::time: return "time";
    case PairingEnd::cancelled: return "cancelled";
    case PairingEnd::they_ended: return "they_ended";
    case PairingEnd::link_closed: return "link_closed";
    case PairingEnd::refused: return "refused";
  }
  return "unknown";
}

Pairing PairingTable::pairing_over(const TalkLink& link) {
  const bool initiator = link.role == base::LinkRole::initiator;
  return {initiator ? e2ee::PairingRole::initiator : e2ee::PairingRole::responder, link.binding};
}

PairingTable::Peer* PairingTable::find(base::LinkId link) {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [link](const Peer& peer) {
    return peer.linked && peer.link.id == link;
  });
  return found == peers_.end() ? nullptr : &*found;
}

void PairingTable::start(std::string_view name, const std::vector<TalkLink>& links,
                         base::Time now) {
  end_all();
  std::erase_if(peers_, [](const Peer& peer) { return !peer.linked; });
  phase_ = PairingPhase::running;
  why_ = PairingEnd::none;
  ends_ = now + kTime;
  name_ = name;
  shown_ = numbers_ = 0;
  chosen_.reset();
  met_.reset();
  contact_.reset();
  changed_ = true;
  for (Peer& peer : peers_) {
    peer.pairing = pairing_over(peer.link);
    peer.number = peer.records = 0;
    peer.deaf = false;
    peer.coming.clear();
    begin(peer);
  }
  for (const TalkLink& link : links)
    if (find(link.id) == nullptr) link_began(link);
}

void PairingTable::begin(Peer& peer) {
  peer.pairing.call();
  collect(peer);
}

void PairingTable::link_began(const TalkLink& link) {
  if (phase_ != PairingPhase::running || chosen_ || peers_.size() >= kPeersMax) return;
  const bool had_its_turn = std::any_of(peers_.begin(), peers_.end(), [&](const Peer& peer) {
    return peer.link.neighbour == link.neighbour && (peer.deaf || peer.pairing.shown());
  });
  if (had_its_turn) return;
  begin(peers_.emplace_back(Peer{.link = link, .pairing = pairing_over(link), .coming = {},
                                 .queue = {}}));
}

void PairingTable::link_ended(base::LinkId link) {
  Peer* peer = find(link);
  if (peer == nullptr) return;
  peer->linked = false;
  peer->queue.clear();
  peer->coming.clear();
  const bool was_chosen = phase_ == PairingPhase::running && chosen_ == peer->number;
  const bool remembered = peer->number != 0 || peer->deaf || peer->pairing.shown();
  peer->pairing.cancel();
  while (peer->pairing.next_message()) continue;  // nobody is there to hear it
  changed_ = changed_ || peer->number != 0;
  if (!remembered) {
    peers_.erase(std::find_if(peers_.begin(), peers_.end(),
                              [peer](const Peer& one) { return &one == peer; }));
  }
  if (was_chosen && !met_) stop(PairingEnd::link_closed);
}

void PairingTable::give_up(Peer& peer) {
  peer.deaf = true;
  peer.coming.clear();
  peer.pairing.cancel();
  collect(peer);
}

void PairingTable::heard(base::LinkId link, base::ByteView payload) {
  Peer* peer = find(link);
  if (phase_ != PairingPhase::running || peer == nullptr || peer->deaf) return;
  const bool fits = payload.size() > 1 && payload[0] <= kMore && ++peer->records <= kRecordsMax &&
                    peer->coming.size() + payload.size() - 1 <= Pairing::kMessageMax;
  if (fits) {
    peer->coming.insert(peer->coming.end(), payload.begin() + 1, payload.end());
    if (payload[0] == kMore) return;
    const base::Bytes message = std::exchange(peer->coming, {});
    take(*peer, message);
  } else {
    give_up(*peer);
  }
  const bool lost = peer->deaf || peer->pairing.state() == Pairing::State::failed;
  if (lost && chosen_ == peer->number && peer->number != 0) stop(PairingEnd::they_ended);
}

void PairingTable::take(Peer& peer, base::ByteView message) {
  const bool shown_before = peer.pairing.shown();
  peer.pairing.receive(message, shown_ < kShownMax, random_);
  collect(peer);
  if (peer.pairing.shown() && !shown_before) ++shown_;
  if (peer.pairing.symbols() && peer.number == 0) peer.number = ++numbers_;
  changed_ = changed_ || peer.number != 0;
  if (peer.pairing.state() != Pairing::State::failed) return;
  if (peer.pairing.failure() == Pairing::Failure::they_ended && !peer.pairing.shown()) {
    // Their person stopped, and may begin anew: they call then.
    peer.pairing = pairing_over(peer.link);
  } else {
    peer.deaf = true;
  }
}

void PairingTable::collect(Peer& peer) {
  while (auto message = peer.pairing.next_message()) peer.queue.push_back(std::move(*message));
  if (peer.queue.size() <= kQueueMax) return;
  // The link takes nothing. What it has begun to take is the only thing that must stay.
  peer.queue.resize(peer.sent == 0 ? 0 : 1);
  peer.deaf = true;
}

base::Expected<void, PersonError> PairingTable::confirm(std::uint32_t number) {
  if (phase_ != PairingPhase::running) return base::unexpected(PersonError::no_pairing);
  if (chosen_ == number) return {};
  for (Peer& peer : peers_) {
    const bool waits = peer.linked && peer.pairing.state() == Pairing::State::comparing;
    if (number == 0 || peer.number != number || !waits || chosen_) continue;
    choose(peer);
    return {};
  }
  return base::unexpected(PersonError::unknown_peer);
}

base::Expected<void, PersonError> PairingTable::confirm_words(std::string_view words) {
  if (phase_ != PairingPhase::running) return base::unexpected(PersonError::no_pairing);
  const std::string wanted = plain_words(words);
  for (const Peer& peer : peers_) {
    if (peer.number == 0 || !peer.pairing.symbols()) continue;
    if (e2ee::words_of(*peer.pairing.symbols()) != wanted) continue;
    if (const auto done = confirm(peer.number)) return {};
  }
  return base::unexpected(PersonError::words_differ);
}

void PairingTable::choose(Peer& peer) {
  chosen_ = peer.number;
  changed_ = true;
  for (Peer& other : peers_)
    if (&other != &peer) give_up(other);
  peer.pairing.confirm();
  collect(peer);
}

void PairingTable::end_all() {
  for (Peer& peer : peers_) {
    peer.pairing.cancel();
    collect(peer);
  }
}

void PairingTable::stop(PairingEnd why) {
  if (phase_ != PairingPhase::running) return;
  end_all();
  phase_ = PairingPhase::over;
  why_ = why;
  changed_ = true;
}

void PairingTable::forget() {
  stop(PairingEnd::cancelled);
  phase_ = PairingPhase::none;
  name_.clear();
  met_.reset();
  contact_.reset();
  // What a link still has to hear stays: that the attempt is over.
  std::erase_if(peers_, [](const Peer& peer) { return !peer.linked || peer.held; });
}

e2ee::Pairing* PairingTable::meeting() {
  if (phase_ != PairingPhase::running || !chosen_ || met_) return nullptr;
  for (Peer& peer : peers_) {
    const bool both = peer.linked && peer.pairing.state() == Pairing::State::meeting;
    if (both && peer.number == *chosen_) return &peer.pairing;
  }
  return nullptr;
}

void PairingTable::hold() {
  for (Peer& peer : peers_) {
    if (!peer.linked || peer.number == 0 || chosen_ != peer.number) continue;
    peer.held = true;
    collect(peer);
  }
}

void PairingTable::met(const ContactRecord& contact) { met_ = contact; }

void PairingTable::committed() {
  for (Peer& peer : peers_) peer.held = false;
  if (!met_) return;
  contact_ = std::exchange(met_, std::nullopt);
  phase_ = PairingPhase::met;
  changed_ = true;
  end_all();
}

std::optional<base::Time> PairingTable::next_wakeup() const {
  if (phase_ != PairingPhase::running) return std::nullopt;
  return ends_;
}

void PairingTable::wake(base::Time now) {
  if (phase_ == PairingPhase::running && ends_ <= now && !met_) stop(PairingEnd::time);
}

std::size_t PairingTable::speak(base::LinkId link, base::MutableByteView records) {
  Peer* peer = peers_.empty() ? nullptr : find(link);
  if (peer == nullptr || peer->held) return 0;
  wire::RecordWriter writer(records);
  while (!peer->queue.empty() && writer.payload_room() > 1) {
    const base::ByteView rest = base::ByteView(peer->queue.front()).subspan(peer->sent);
    const std::size_t size = std::min(rest.size(), writer.payload_room() - 1);
    const auto place = writer.add(wire::RecordType::pairing, 1 + size);
    CHASKI_ASSERT(place.has_value());
    (*place)[0] = size == rest.size() ? kLast : kMore;
    std::copy_n(rest.begin(), size, place->begin() + 1);
    peer->sent += size;
    if (size < rest.size()) break;
    peer->queue.pop_front();
    peer->sent = 0;
  }
  return writer.size();
}

std::vector<base::LinkId> PairingTable::ready() {
  std::vector<base::LinkId> out;
  for (const Peer& peer : peers_)
    if (peer.linked && !peer.held && !peer.queue.empty()) out.push_back(peer.link.id);
  return out;
}

PairingInfo PairingTable::info(base::Time now) const {
  PairingInfo out{.phase = phase_, .why = why_, .left = {}, .peers = {}, .contact = contact_};
  if (phase_ == PairingPhase::running) out.left = std::max(base::Duration{0}, ends_ - now);
  if (phase_ == PairingPhase::none) return out;
  for (const Peer& peer : peers_) {
    if (peer.number == 0) continue;
    out.peers.push_back({.number = peer.number,
                         .transport = peer.link.transport,
                         .state = peer.pairing.state(),
                         .linked = peer.linked,
                         .symbols = *peer.pairing.symbols(),
                         .we_confirmed = peer.pairing.we_confirmed(),
                         .they_confirmed = peer.pairing.they_confirmed()});
  }
  std::sort(out.peers.begin(), out.peers.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return out;
}

}  // namespace chaski::node
