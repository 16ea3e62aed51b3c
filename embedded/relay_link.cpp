// SPDX-License-Identifier: Apache-2.0
#include "embedded/relay_link.hpp"

#include <algorithm>

namespace chaski::embedded {

RelayLink::RelayLink(RelayCore& core, std::uint32_t uart,
                     const transport_serial::LineMemory& memory, base::Time now)
    : core_(core),
      uart_(uart),
      line_(memory, core.frame.size(), core.bytes_per_s, core.random, now) {}

bool RelayLink::read(base::Time now) {
  std::array<std::uint8_t, 64> bytes;
  const chaski_uarts& uarts = core_.port.uarts;
  bool changed = false;
  // As much as its ring may hold, so that one neighbour who talks without end keeps no other from
  // being heard.
  constexpr std::size_t kBytesMax = 4'096;
  for (std::size_t taken = 0; taken < kBytesMax;) {
    const std::size_t size = uarts.read(uarts.context, uart_, bytes.data(), bytes.size());
    if (size == 0) break;
    taken += size;
    if (take({bytes.data(), size}, now)) changed = true;
  }
  return changed;
}

bool RelayLink::take(base::ByteView bytes, base::Time now) {
  bool changed = false;
  while (!bytes.empty()) {
    bytes = bytes.subspan(line_.receive(bytes, now));
    if (follow_line(now)) changed = true;
  }
  return changed;
}

/// What the line has to tell: a session that began or ended, and frames.
bool RelayLink::follow_line(base::Time now) {
  bool changed = false;
  while (const auto event = line_.next_event()) {
    changed = true;
    drop_link(now);
    if (!event->opened) continue;
    id_ = {++core_.links};
    role_ = event->role;
    frame_size_max_ = event->frame_size_max;
    link::Hello hello;
    hello.frame_size_max =
        static_cast<std::uint32_t>(core_.frame.size() - link::Link::kSealOverhead);
    link_.emplace(link::LinkConfig{role_, &core_.key, std::nullopt, hello, {}}, core_.random, now);
  }
  while (const auto frame = line_.next_frame()) {
    changed = true;
    on_frame(*frame, now);
  }
  return changed;
}

void RelayLink::on_frame(base::MutableByteView frame, base::Time now) {
  if (!link_) return;
  const auto records = link_->receive(frame, now);
  follow_link(now);
  if (known_to_router_ && !records.empty() && !core_.router.receive(id_, records, now)) {
    link_->close(link::CloseReason::protocol_error, now);
    follow_link(now);
  }
}

/// Tells the router when the link opened, and the line when it closed.
void RelayLink::follow_link(base::Time now) {
  if (!link_) return;
  if (link_->state() == link::Link::State::open && !known_to_router_) {
    const std::size_t room = frame_size_max_ - link::Link::kSealOverhead;
    const std::size_t theirs = link_->peer_hello().frame_size_max;
    const mesh_router::NeighbourId neighbour{link_->peer().bytes};
    const mesh_router::LinkParameters parameters{
        .frame_size_max = std::min(theirs, room),
        .role = role_,
        .salt = {link_->derive(mesh_router::kShortIdSaltLabel)},
        .origin = uart_ + 1u};
    known_to_router_ = core_.router.link_up(id_, neighbour, parameters, now);
    if (!known_to_router_) link_->close(link::CloseReason::too_many_links, now);
  }
  if (link_->state() != link::Link::State::closed) return;
  if (known_to_router_) core_.router.link_down(id_, now);
  known_to_router_ = false;
}

void RelayLink::drop_link(base::Time now) {
  if (!link_) return;
  link_->transport_closed();
  follow_link(now);
  link_.reset();
}

std::size_t RelayLink::make_frame(base::Time now) {
  if (!link_) return 0;
  if (const std::size_t size = link_->next_frame(core_.frame, now)) return size;
  if (!known_to_router_) return 0;
  const std::size_t room = frame_size_max_ - link::Link::kSealOverhead;
  const std::size_t size = core_.router.next_frame(id_, core_.frame.first(room), now);
  return size == 0 ? 0 : link_->seal(core_.frame, size, now);
}

/// Whether all that was made is with the UART.
bool RelayLink::flush() {
  const chaski_uarts& uarts = core_.port.uarts;
  if (out_sent_ < out_size_) {
    out_sent_ += uarts.write(uarts.context, uart_, out_.data() + out_sent_, out_size_ - out_sent_);
  }
  return out_sent_ == out_size_;
}

void RelayLink::write(base::Time now) {
  written_ = now;
  while (flush()) {
    while (line_.room()) {
      const std::size_t size = make_frame(now);
      if (size == 0) break;
      line_.send(core_.frame.first(size));
    }
    if (link_ && link_->state() == link::Link::State::closed) line_.close(now);
    out_sent_ = 0;
    out_size_ = line_.next_bytes(out_, now);
    follow_line(now);
    if (out_size_ == 0) return;
  }
}

void RelayLink::wake(base::Time now) {
  line_.wake(now);
  follow_line(now);
  if (!link_) return;
  link_->wake(now);
  follow_link(now);
}

std::optional<base::Time> RelayLink::next_wakeup() const {
  auto next = line_.next_wakeup();
  // What the line has to say has to wait for the UART, which wakes the board itself.
  if (next && out_sent_ < out_size_) next = std::max(*next, written_ + kFullUartLook);
  if (link_ && link_->state() != link::Link::State::closed) {
    const auto at = link_->next_wakeup();
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

}  // namespace chaski::embedded
