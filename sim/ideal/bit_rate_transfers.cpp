// SPDX-License-Identifier: Apache-2.0
// What begins, ends and is dropped in a BitRateWorld.
#include <cmath>

#include "base/assert.hpp"
#include "sim/ideal/bit_rate_world.hpp"
#include "sim/world/frame_hash.hpp"

namespace chaski::sim {

/// Of one message over a link that is up and free.
BitRateWorld::Answer BitRateWorld::start(NodeIndex from, std::uint32_t link_index,
                                         const HeldCopy& copy) {
  Link& link = links_[link_index];
  const NodeIndex to = link.other(from);
  const bool is_recipient = plan_[copy.message].to == to;
  if (transferring(to)) return Answer::later;
  if (refused_.test(to, copy.message)) {
    if (rules_.delete_delivered && is_recipient && held_.test(from, copy.message)) {
      erase(from, copy, CopyEnd::delivered);
      await_around(from);
    }
    return Answer::denied;
  }
  if (!is_recipient && expired(copy.message)) return Answer::denied;
  // The recipient too makes room, though it will not keep the message.
  if (!make_room(to, copy.size_bytes)) return Answer::denied;
  link.busy = true;
  link.sender = from;
  link.copy = copy;
  link.done_s = now_s_ + static_cast<double>(copy.size_bytes) / rules_.bytes_per_s;
  link.serial = next_serial_++;
  nodes_[from].sending = link_index;
  ++nodes_[from].links_busy;
  ++nodes_[to].links_busy;
  ends_.push({link.done_s, link_index, link.serial});
  ++result_.totals.transfers_begun;
  return Answer::accepted;
}

/// With less than a byte left, as The ONE counts bytes.
bool BitRateWorld::transferred(const Link& link) const {
  return (link.done_s - now_s_) * rules_.bytes_per_s < 1;
}

/// When it is over, by coming to its end or the link's; a transfer that could have ended when its
/// link did has ended well.
void BitRateWorld::finish_sending(NodeIndex node) {
  const std::uint32_t link_index = nodes_[node].sending;
  const Link link = links_[link_index];
  CHASKI_ASSERT(link.busy && link.sender == node);
  if (transferred(link)) {
    HeldCopy* held = nodes_[node].buffer.find(link.copy.message, link.copy.hash);
    if (held != nullptr && rules_.strategy.sprays() && held->copies > 0) {
      held->copies =
          static_cast<std::uint16_t>(held->copies - rules_.strategy.given(held->copies));
    }
    arrive(link);
  } else if (!link.up) {
    ++result_.totals.transfers_aborted;
  } else {
    return;
  }
  release(link_index);
  nodes_[node].sending = kNone;
  if (nodes_[node].buffer.bytes() > rules_.buffer_bytes) make_room(node, 0);
  await_around(node);
  await_around(link.other(node));
}

void BitRateWorld::arrive(const Link& link) {
  const NodeIndex node = link.other(link.sender);
  const std::uint32_t message = link.copy.message;
  Totals& totals = result_.totals;
  ++totals.transfers_ended;
  totals.message_bytes += link.copy.size_bytes;
  totals.air_bytes += link.copy.size_bytes;
  if (refused_.test(node, message)) ++totals.duplicates;
  Outcome& outcome = result_.outcomes[message];
  if (plan_[message].to == node) {
    if (refused_.test(node, message)) return;
    refused_.set(node, message);
    outcome.delivered = now();
    ++delivered_;
    if (recorder_.wants(message)) recorder_.read(message, link.sender, now());
    outcome.hops = link.copy.hops + 1u;
    outcome.carriers_then = outcome.carriers;
    std::uint64_t& hash = result_.event_hash;
    hash = mix(hash, (std::uint64_t{message} << 32) | node);
    hash = mix(hash, static_cast<std::uint64_t>(base::to_us(*outcome.delivered)));
    return;
  }
  HeldCopy copy = link.copy;
  copy.copies = rules_.strategy.given(copy.copies);
  copy.hops = static_cast<std::uint16_t>(copy.hops + 1);
  copy.received_s = now_s_;
  if (recorder_.wants(message) && !held_.test(node, message)) {
    recorder_.begins(message, node, link.sender, now());
  }
  nodes_[node].buffer.put(copy);
  held_.set(node, message);
  refused_.set(node, message);
  if (carried_.test(node, message)) return;
  carried_.set(node, message);
  ++outcome.carriers;
}

void BitRateWorld::release(std::uint32_t link_index) {
  Link& link = links_[link_index];
  link.busy = false;
  if (link.up) {
    --nodes_[link.a].links_busy;
    --nodes_[link.b].links_busy;
  } else {
    free_links_.push_back(link_index);
  }
}

/// Drops what was received first, never what is being sent; false: there is not so much room. Who
/// could give it again what it dropped has a turn when what the room is for is over.
bool BitRateWorld::make_room(NodeIndex node, std::uint64_t size_bytes) {
  if (size_bytes > rules_.buffer_bytes) return false;
  Node& self = nodes_[node];
  while (self.buffer.bytes() > rules_.buffer_bytes - size_bytes) {
    const HeldCopy* oldest = nullptr;
    for (const HeldCopy& copy : self.buffer.all()) {
      if (self.sending != kNone && links_[self.sending].copy.message == copy.message) continue;
      if (oldest == nullptr || copy.received_s < oldest->received_s) oldest = &copy;
    }
    if (oldest == nullptr) return false;
    erase(node, HeldCopy(*oldest), CopyEnd::displaced);
  }
  return true;
}

void BitRateWorld::erase(NodeIndex node, const HeldCopy& copy, CopyEnd how) {
  nodes_[node].buffer.erase(copy.message, copy.hash);
  held_.clear(node, copy.message);
  refused_.clear(node, copy.message);
  const double held_s = now_s_ - copy.received_s;
  result_.held_for.emplace_back(std::llround(held_s * 1e6));
  Totals& totals = result_.totals;
  ++(how == CopyEnd::expired     ? totals.copies_expired
     : how == CopyEnd::displaced ? totals.copies_dropped
                                 : totals.copies_removed);
  if (recorder_.wants(copy.message)) recorder_.ends(copy.message, node, how, now());
}

bool BitRateWorld::expired(std::uint32_t message) const {
  const PlannedMessage& planned = plan_[message];
  if (planned.lifetime == base::Duration::max()) return false;
  const double written_s = static_cast<double>(base::to_us(planned.at)) / 1e6;
  const double lifetime_s = static_cast<double>(planned.lifetime.count()) / 1e6;
  const double grain_s = static_cast<double>(rules_.lifetime_grain.count()) / 1e6;
  const double left_s = lifetime_s - (now_s_ - written_s);
  return left_s <= 0 || left_s < grain_s;
}

}  // namespace chaski::sim
