// SPDX-License-Identifier: Apache-2.0
// What a node of a BitRateWorld offers to whom, in which order.
#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/ideal/bit_rate_world.hpp"
#include "sim/traffic/java_random.hpp"

namespace chaski::sim {

namespace {

double received_s(const HeldCopy& copy) { return copy.received_s; }
template <class Offer>
double received_s(const Offer& offer) {
  return offer.copy.received_s;
}

}  // namespace

template <class Item>
void BitRateWorld::order_by_queue(std::vector<Item>& items) const {
  if (rules_.queue == BitRateRules::Queue::random) {
    JavaRandom(shuffle_seed(second(), rules_.seed)).shuffle(items);
    return;
  }
  std::vector<std::pair<double, std::size_t>> keys;
  for (std::size_t i = 0; i < items.size(); ++i) keys.emplace_back(received_s(items[i]), i);
  std::sort(keys.begin(), keys.end());
  std::vector<Item> sorted;
  for (const auto& [received, i] : keys) sorted.push_back(items[i]);
  items = std::move(sorted);
}

/// One transfer at most.
void BitRateWorld::offer_something(NodeIndex node) {
  const Node& self = nodes_[node];
  // Who has nothing does not even ask others.
  if (self.buffer.size() == 0 || self.links.empty() || transferring(node)) return;
  if (offer_deliverable(node) || ask_for_deliverable(node)) return;
  switch (rules_.strategy.kind) {
    case Strategy::Kind::direct: break;
    case Strategy::Kind::prophet: offer_likelier(node); break;
    default: offer_to_all(node);
  }
}

/// What is for those who are connected.
bool BitRateWorld::offer_deliverable(NodeIndex node) {
  const Node& self = nodes_[node];
  const bool any = std::any_of(self.links.begin(), self.links.end(), [&](std::uint32_t link) {
    const NodeIndex other = links_[link].other(node);
    const auto& addressed = nodes_[other].addressed;
    return !transferring(other) &&
           std::any_of(addressed.begin(), addressed.end(), [&](std::uint32_t message) {
             return held_.test(node, message) &&
                    (rules_.delete_delivered || !refused_.test(other, message));
           });
  });
  if (!any) return false;
  offers_.clear();
  for (const HeldCopy& copy : self.buffer.all()) {
    for (const std::uint32_t link : self.links) {
      if (links_[link].other(node) == plan_[copy.message].to) offers_.push_back({copy, link, 0});
    }
  }
  order_by_queue(offers_);
  return std::any_of(offers_.begin(), offers_.end(), [&](const Offer& offer) {
    return start(node, offer.link, offer.copy) == Answer::accepted;
  });
}

bool BitRateWorld::ask_for_deliverable(NodeIndex node) {
  const std::vector<std::uint32_t>& links = nodes_[node].links;
  return std::any_of(links.begin(), links.end(), [&](std::uint32_t link) {
    const NodeIndex other = links_[link].other(node);
    return !transferring(other) && give_deliverable(other, link);
  });
}

/// Of `node`, when it is asked; in the order of its buffer, whatever the queue's.
bool BitRateWorld::give_deliverable(NodeIndex node, std::uint32_t link) {
  const NodeIndex other = links_[link].other(node);
  const auto& addressed = nodes_[other].addressed;
  if (std::none_of(addressed.begin(), addressed.end(), [&](std::uint32_t message) {
        return held_.test(node, message) &&
               (rules_.delete_delivered || !refused_.test(other, message));
      })) {
    return false;
  }
  queue_.clear();
  for (const HeldCopy& copy : nodes_[node].buffer.all()) {
    if (plan_[copy.message].to == other) queue_.push_back(copy);
  }
  return std::any_of(queue_.begin(), queue_.end(), [&](const HeldCopy& copy) {
    return start(node, link, copy) == Answer::accepted;
  });
}

/// Whether the strategy offers it to those it is not for.
bool BitRateWorld::offers(const HeldCopy& copy, NodeIndex node) const {
  switch (rules_.strategy.kind) {
    case Strategy::Kind::epidemic: return true;
    case Strategy::Kind::two_hop: return plan_[copy.message].from == node;
    case Strategy::Kind::spray_binary:
    case Strategy::Kind::spray_source: return copy.copies > 1;
    case Strategy::Kind::direct:
    case Strategy::Kind::prophet: break;
  }
  return false;
}

/// Of what `from` holds and `to` never had, when their contact is over; nothing: it is about to
/// arrive, at its sender's turn.
std::optional<mesh_router::Withheld> BitRateWorld::why_not(NodeIndex from, NodeIndex to,
                                                           std::uint32_t message,
                                                           const Link& link) {
  using mesh_router::Withheld;
  if (link.busy && link.sender == from && link.copy.message == message) {
    return transferred(link) ? std::nullopt : std::optional(Withheld::on_its_way);
  }
  const PlannedMessage& planned = plan_[message];
  if (planned.size_bytes > rules_.buffer_bytes) return Withheld::refused;
  if (planned.to == to) return Withheld::queued;
  if (expired(message)) return Withheld::expired;
  const bool offered =
      rules_.strategy.kind == Strategy::Kind::prophet
          ? predictabilities_[to].likelier_than(predictabilities_[from], planned.to)
          : offers(*nodes_[from].buffer.find(message, hashes_[message]), from);
  return offered ? Withheld::queued : Withheld::policy;
}

/// Whether `other` would not refuse one of the messages that `node` has.
bool BitRateWorld::misses_anything(NodeIndex other, NodeIndex node) const {
  const auto held = held_.row(node);
  const auto refused = refused_.row(other);
  for (std::size_t word = 0; word < held.size(); ++word) {
    if ((held[word] & ~refused[word]) != 0) return true;
  }
  return false;
}

/// Whether it would not refuse one of those that `node` offers.
bool BitRateWorld::misses_something(NodeIndex other, NodeIndex node) const {
  if (!misses_anything(other, node)) return false;
  if (rules_.strategy.kind == Strategy::Kind::epidemic) return true;
  const auto copies = nodes_[node].buffer.all();
  return std::any_of(copies.begin(), copies.end(), [&](const HeldCopy& copy) {
    return offers(copy, node) && !refused_.test(other, copy.message);
  });
}

void BitRateWorld::offer_to_all(NodeIndex node) {
  const Node& self = nodes_[node];
  const bool any = std::any_of(self.links.begin(), self.links.end(), [&](std::uint32_t link) {
    const NodeIndex other = links_[link].other(node);
    return !transferring(other) && misses_something(other, node);
  });
  if (!any) return;
  queue_.clear();
  for (const HeldCopy& copy : self.buffer.all()) {
    if (offers(copy, node)) queue_.push_back(copy);
  }
  order_by_queue(queue_);
  for (const std::uint32_t link : self.links) {
    for (const HeldCopy& copy : queue_) {
      const Answer answer = start(node, link, copy);
      if (answer == Answer::accepted) return;
      if (answer == Answer::later) break;
    }
  }
}

/// PRoPHETv2: to those who are likelier to meet the recipient, the likeliest first.
void BitRateWorld::offer_likelier(NodeIndex node) {
  const Node& self = nodes_[node];
  const base::Time now = base::from_us(std::llround(now_s_ * 1e6));
  offers_.clear();
  for (const std::uint32_t link : self.links) {
    const NodeIndex other = links_[link].other(node);
    if (transferring(other) || !misses_anything(other, node)) continue;
    const Predictabilities& theirs = predictabilities_[other];
    for (const HeldCopy& copy : self.buffer.all()) {
      const NodeIndex recipient = plan_[copy.message].to;
      if (refused_.test(other, copy.message)) continue;
      if (!theirs.likelier_than(predictabilities_[node], recipient)) continue;
      offers_.push_back({copy, link, theirs.of(recipient, now)});
    }
  }
  // Of equals the one received first; then as they stand in the buffer.
  std::sort(offers_.begin(), offers_.end(), [](const Offer& a, const Offer& b) {
    if (a.likelihood != b.likelihood) return a.likelihood > b.likelihood;
    if (a.copy.received_s != b.copy.received_s) return a.copy.received_s < b.copy.received_s;
    return a.copy.order != b.copy.order ? a.copy.order < b.copy.order : a.link < b.link;
  });
  for (const Offer& offer : offers_) {
    if (start(node, offer.link, offer.copy) == Answer::accepted) return;
  }
}

}  // namespace chaski::sim
