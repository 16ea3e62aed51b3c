// SPDX-License-Identifier: Apache-2.0
#include "sim/ideal/instant_world.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"
#include "sim/world/frame_hash.hpp"

namespace chaski::sim {

using Kind = Strategy::Kind;

InstantWorld::InstantWorld(ContactSource& contacts, const MessagePlan& plan,
                           const InstantRules& rules, const Recording& record)
    : contacts_(contacts),
      plan_(plan),
      rules_(rules),
      nodes_(contacts.nodes()),
      held_(nodes_.size(), plan.size()),
      refused_(nodes_.size(), plan.size()),
      offered_(nodes_.size(), plan.size()),
      undelivered_(plan.size()),
      recorder_(record, plan, contacts.nodes(), contacts.end()) {
  const std::size_t cells = nodes_.size() * plan.size();
  CHASKI_ASSERT(cells <= kCellsMax);
  for (const PlannedMessage& message : plan) {
    CHASKI_ASSERT(message.from < nodes_.size() && message.to < nodes_.size());
    CHASKI_ASSERT(message.from != message.to);
  }
  hops_.resize(cells);
  if (rules.strategy.sprays()) {
    CHASKI_ASSERT(rules.strategy.copies > 0);
    copies_.resize(cells);
  }
  if (rules.strategy.kind == Kind::prophet) {
    predictabilities_.assign(nodes_.size(), Predictabilities(rules.strategy.typical_interval));
  }
  result_.outcomes.resize(plan.size());
}

std::uint32_t InstantWorld::copies(NodeIndex node, std::uint32_t message) const {
  if (!holds(node, message)) return 0;
  return copies_.empty() ? 1 : copies_[cell(node, message)];
}

RunResult InstantWorld::run() {
  auto next_change = contacts_.next();
  std::uint32_t next_message = 0;
  const base::Time end = contacts_.end();
  while (!rules_.stop_when_delivered || undelivered_ > 0) {
    const base::Time change_at = next_change ? next_change->at : base::Time::max();
    const base::Time write_at =
        next_message < plan_.size() ? plan_[next_message].at : base::Time::max();
    const base::Time expire_at = expiries_.empty() ? base::Time::max() : expiries_.top().at;
    const base::Time at = std::min({change_at, write_at, expire_at});
    if (at > end || at == base::Time::max()) break;
    if (recorder_.next_moment() < at) note_until(at);
    now_ = at;
    if (expire_at == at) {
      const std::uint32_t message = expiries_.top().message;
      expiries_.pop();
      expire(message);
    } else if (change_at == at) {
      change(*next_change);
      next_change = contacts_.next();
    } else {
      write(next_message++);
    }
  }
  const bool early = rules_.stop_when_delivered && undelivered_ == 0;
  result_.end = early ? now_ : end;
  note_until(result_.end);
  now_ = result_.end;
  for (const TrailContact& contact : recorder_.contacts()) parted(contact.from, contact.to);
  recorder_.finish(moment(), result_);
  return std::move(result_);
}

/// How it stands now.
RunMoment InstantWorld::moment() const {
  return {now_, plan_.size() - undelivered_, result_.totals.air_bytes, copies_held_, bytes_held_};
}

/// All that happened before `at` has happened.
void InstantWorld::note_until(base::Time at) {
  while (recorder_.next_moment() < at) recorder_.note(moment());
}

/// Why what is followed did not cross: only the strategy keeps anything here, and a small buffer.
void InstantWorld::parted(NodeIndex a, NodeIndex b) {
  if (!recorder_.followed()) return;
  recorder_.parts(a, b, now_, [&](NodeIndex, NodeIndex) {
    const bool fits = plan_[*recorder_.followed()].size_bytes <= rules_.buffer_bytes;
    return fits ? mesh_router::Withheld::policy : mesh_router::Withheld::refused;
  });
}

void InstantWorld::change(const ContactChange& change) {
  for (const NodeIndex self : {change.a, change.b}) {
    const NodeIndex other = self == change.a ? change.b : change.a;
    std::vector<NodeIndex>& neighbours = nodes_[self].neighbours;
    if (change.up) {
      neighbours.push_back(other);
    } else {
      const auto found = std::find(neighbours.begin(), neighbours.end(), other);
      CHASKI_ASSERT(found != neighbours.end());
      neighbours.erase(found);
    }
  }
  if (!change.up) return parted(change.a, change.b);
  ++result_.contacts;
  if (!predictabilities_.empty()) {
    Predictabilities& a = predictabilities_[change.a];
    Predictabilities& b = predictabilities_[change.b];
    a.met(change.b, b, change.a, now_);
    b.met(change.a, a, change.b, now_);
  }
  offer_all(change.a, change.b);
  offer_all(change.b, change.a);
  spread();
}

void InstantWorld::write(std::uint32_t message) {
  const PlannedMessage& planned = plan_[message];
  ++result_.totals.messages_written;
  nodes_[planned.to].addressed.push_back(message);
  if (planned.lifetime < base::Time::max() - now_) {
    expiries_.push({now_ + planned.lifetime, message});
  }
  const bool kept = take(planned.from, message, rules_.strategy.copies);
  if (!kept) ++result_.totals.copies_dropped;
  if (recorder_.wants(message)) {
    recorder_.begins(message, planned.from, {}, now_);
    if (!kept) recorder_.ends(message, planned.from, CopyEnd::displaced, now_);
  }
  spread();
}

/// Everywhere; a lifetime's end is rare next to all that happens in it.
void InstantWorld::expire(std::uint32_t message) {
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    refused_.set(node, message);
    if (!held_.test(node, message)) continue;
    forget(node, message, CopyEnd::expired);
    ++result_.totals.copies_expired;
  }
}

void InstantWorld::offer_all(NodeIndex from, NodeIndex to) {
  for (const std::uint32_t message : nodes_[to].addressed) {
    if (held_.test(from, message)) offer(from, to, message);
  }
  const auto offered = offered_.row(from);
  const auto refused = refused_.row(to);
  for (std::size_t word = 0; word < offered.size(); ++word) {
    for (std::uint64_t bits = offered[word] & ~refused[word]; bits != 0; bits &= bits - 1) {
      offer(from, to, static_cast<std::uint32_t>(word * 64) +
                          static_cast<std::uint32_t>(std::countr_zero(bits)));
    }
  }
}

/// Gives what is still held, and still wanted.
void InstantWorld::offer(NodeIndex from, NodeIndex to, std::uint32_t message) {
  if (!held_.test(from, message) || refused_.test(to, message)) return;
  if (plan_[message].to == to) return deliver(from, message);
  if (!wants(from, to, message)) return;
  const bool sprays = rules_.strategy.sprays();
  const std::uint16_t held = sprays ? copies_[cell(from, message)] : 1;
  const std::uint16_t given = sprays ? rules_.strategy.given(held) : 1;
  hops_[cell(to, message)] = static_cast<std::uint16_t>(hops_[cell(from, message)] + 1);
  if (!take(to, message, given)) return;
  if (recorder_.wants(message)) recorder_.begins(message, to, from, now_);
  Totals& totals = result_.totals;
  ++totals.transfers_begun;
  ++totals.transfers_ended;
  totals.message_bytes += plan_[message].size_bytes;
  totals.air_bytes += plan_[message].size_bytes;
  ++result_.outcomes[message].carriers;
  if (!sprays) return;
  copies_[cell(from, message)] = static_cast<std::uint16_t>(held - given);
  if (held - given <= 1) offered_.clear(from, message);
}

/// `from` offers it to others than the recipient, and `to` does not refuse it.
bool InstantWorld::wants(NodeIndex from, NodeIndex to, std::uint32_t message) const {
  if (!offered_.test(from, message)) return false;
  if (predictabilities_.empty()) return true;
  return predictabilities_[to].likelier_than(predictabilities_[from], plan_[message].to);
}

void InstantWorld::deliver(NodeIndex from, std::uint32_t message) {
  const PlannedMessage& planned = plan_[message];
  Outcome& outcome = result_.outcomes[message];
  outcome.delivered = now_;
  outcome.hops = hops_[cell(from, message)] + 1u;
  outcome.carriers_then = outcome.carriers;
  --undelivered_;
  refused_.set(planned.to, message);
  if (recorder_.wants(message)) recorder_.read(message, from, now_);
  Totals& totals = result_.totals;
  ++totals.transfers_begun;
  ++totals.transfers_ended;
  totals.message_bytes += planned.size_bytes;
  totals.air_bytes += planned.size_bytes;
  result_.event_hash = mix(result_.event_hash, (std::uint64_t{message} << 32) | planned.to);
  result_.event_hash = mix(result_.event_hash, static_cast<std::uint64_t>(base::to_us(now_)));
}

/// Into the buffer; false: larger than all of it.
bool InstantWorld::take(NodeIndex node, std::uint32_t message, std::uint16_t copies) {
  const std::uint32_t size_bytes = plan_[message].size_bytes;
  if (!make_room(node, size_bytes)) return false;
  held_.set(node, message);
  refused_.set(node, message);
  bool offers = false;
  switch (rules_.strategy.kind) {
    case Kind::direct: break;
    case Kind::two_hop: offers = plan_[message].from == node; break;
    case Kind::epidemic:
    case Kind::prophet: offers = true; break;
    case Kind::spray_binary:
    case Kind::spray_source:
      copies_[cell(node, message)] = copies;
      offers = copies > 1;
      break;
  }
  if (offers) offered_.set(node, message);
  nodes_[node].bytes += size_bytes;
  ++copies_held_;
  bytes_held_ += size_bytes;
  if (rules_.buffer_bytes != std::numeric_limits<std::uint64_t>::max()) {
    nodes_[node].received.push_back(message);
  }
  arrivals_.push_back({node, message});
  return true;
}

bool InstantWorld::make_room(NodeIndex node, std::uint32_t size_bytes) {
  if (size_bytes > rules_.buffer_bytes) return false;
  Node& self = nodes_[node];
  while (self.bytes > rules_.buffer_bytes - size_bytes) {
    const std::uint32_t oldest = self.received.front();
    self.received.pop_front();
    if (!held_.test(node, oldest)) continue;  // expired
    forget(node, oldest, CopyEnd::displaced);
    ++result_.totals.copies_dropped;
  }
  return true;
}

void InstantWorld::forget(NodeIndex node, std::uint32_t message, CopyEnd how) {
  held_.clear(node, message);
  offered_.clear(node, message);
  nodes_[node].bytes -= plan_[message].size_bytes;
  --copies_held_;
  bytes_held_ -= plan_[message].size_bytes;
  if (recorder_.wants(message)) recorder_.ends(message, node, how, now_);
}

/// Offers what arrived to all who are in contact, and what arrives by that, until all is still.
void InstantWorld::spread() {
  for (std::size_t i = 0; i < arrivals_.size(); ++i) {
    const auto [node, message] = arrivals_[i];
    for (const NodeIndex other : nodes_[node].neighbours) offer(node, other, message);
  }
  arrivals_.clear();
}

}  // namespace chaski::sim
