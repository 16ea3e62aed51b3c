// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <list>
#include <map>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "sim/ideal/bit_rate_rules.hpp"
#include "sim/ideal/message_buffer.hpp"
#include "sim/traffic/java_random.hpp"
#include "tests/sim/ideal/worlds.hpp"

namespace chaski::sim {

/// The rules of docs/simulator/ideal.md once more, without any thrift: every node has its turn at
/// every look, and everything is found out anew by asking everything. Not for PRoPHETv2, and with
/// ticks only.
class NaiveWorld {
 public:
  NaiveWorld(const ListedContacts& contacts, const MessagePlan& plan, const BitRateRules& rules)
      : contacts_(contacts), plan_(plan), rules_(rules), buffers_(contacts.nodes()),
        had_(contacts.nodes()), checked_s_(contacts.nodes()), order_(contacts.nodes()) {
    std::iota(order_.begin(), order_.end(), 0u);
  }

  void run() {
    const double end_s = in_seconds(contacts_.end());
    const double tick_s = static_cast<double>(rules_.update_interval.count()) / 1e6;
    while (now_s_ < end_s) {
      const double until_s = now_s_ + tick_s;
      while (next_event(until_s)) look();
      now_s_ = until_s;
      look();
    }
  }

  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
  std::uint64_t aborted = 0;
  std::uint64_t dropped = 0;
  std::uint64_t expired = 0;
  std::uint64_t removed = 0;
  std::map<std::uint32_t, std::pair<std::int64_t, std::uint32_t>> delivered;  ///< at us, hops

 private:
  enum class Answer : std::uint8_t { yes, no, busy };
  struct Link {
    NodeIndex a;
    NodeIndex b;
    bool up = true;
    bool loaded = false;
    NodeIndex from = 0;
    HeldCopy copy{};
    double done_s = 0;
    NodeIndex other(NodeIndex node) const { return a == node ? b : a; }
    bool joins(NodeIndex node) const { return a == node || b == node; }
  };
  using Links = std::vector<Link*>;

  static double in_seconds(base::Time at) { return static_cast<double>(base::to_us(at)) / 1e6; }

  bool next_event(double until_s) {
    const bool writes_left = message_ < plan_.size();
    const bool changes_left = change_ < contacts_.changes().size();
    const double write_s = writes_left ? in_seconds(plan_[message_].at) : INFINITY;
    const double change_s = changes_left ? in_seconds(contacts_.changes()[change_].at) : INFINITY;
    if (std::min(write_s, change_s) > until_s) return false;
    now_s_ = std::min(write_s, change_s);
    if (change_s <= write_s) {
      change(contacts_.changes()[change_++]);
    } else {
      write(message_++);
    }
    return true;
  }
  void change(const ContactChange& change) {
    if (change.up) {
      links_.push_back({change.a, change.b});
      return;
    }
    for (Link& link : links_) {
      if (link.a == change.a && link.b == change.b) link.up = false;
    }
  }
  void write(std::uint32_t message) {
    make_room(plan_[message].from, plan_[message].size_bytes);
    HeldCopy copy;
    copy.message = message;
    copy.hash = spread_hash(java_hash(plan_[message].name));
    copy.size_bytes = plan_[message].size_bytes;
    copy.copies = rules_.strategy.copies;
    copy.received_s = now_s_;
    buffers_[plan_[message].from].put(copy);
  }

  void look() {
    if (rules_.random_update_order) random().shuffle(order_);
    for (const NodeIndex node : order_) turn(node);
    links_.remove_if([](const Link& link) { return !link.up && !link.loaded; });
  }
  JavaRandom random() const {
    const auto second = static_cast<std::int64_t>(std::floor(now_s_ + .5));
    return JavaRandom(second ^ (std::int64_t{rules_.seed} << 32));
  }
  void turn(NodeIndex node) {
    for (Link& link : links_) {
      if (link.loaded && link.from == node) end_or_abort(link);
    }
    if (!sends(node) && now_s_ - checked_s_[node] >= 60) {
      checked_s_[node] = now_s_;
      for (const HeldCopy& copy : copies_of(node)) {
        if (is_over(copy.message)) erase(node, copy, expired);
      }
    }
    if (busy(node) || buffers_[node].size() == 0) return;
    const Links links = links_of(node);
    if (!give_deliverable(node, links) && !ask(node, links)) give_away(node, links);
  }
  void end_or_abort(Link& link) {
    const NodeIndex to = link.other(link.from);
    if ((link.done_s - now_s_) * rules_.bytes_per_s < 1) {
      HeldCopy* mine = buffers_[link.from].find(link.copy.message, link.copy.hash);
      if (rules_.strategy.sprays() && mine != nullptr) {
        const int left = rules_.strategy.kind == Strategy::Kind::spray_binary ? mine->copies / 2
                                                                             : mine->copies - 1;
        mine->copies = static_cast<std::uint16_t>(std::max(left, 0));
      }
      ++ended;
      arrive(to, link.copy);
    } else if (!link.up) {
      ++aborted;
    } else {
      return;
    }
    link.loaded = false;
    if (buffers_[link.from].bytes() > rules_.buffer_bytes) make_room(link.from, 0);
  }
  void arrive(NodeIndex node, HeldCopy copy) {
    copy.hops = static_cast<std::uint16_t>(copy.hops + 1);
    if (plan_[copy.message].to == node) {
      had_[node].insert(copy.message);
      delivered.try_emplace(copy.message, std::llround(now_s_ * 1e6), copy.hops);
      return;
    }
    const int half = static_cast<int>(std::ceil(copy.copies / 2.0));
    copy.copies = static_cast<std::uint16_t>(
        rules_.strategy.kind == Strategy::Kind::spray_binary ? half : 1);
    copy.received_s = now_s_;
    buffers_[node].put(copy);
  }

  bool give_deliverable(NodeIndex node, const Links& links) {
    std::vector<std::pair<HeldCopy, Link*>> offers;
    for (const HeldCopy& copy : copies_of(node)) {
      for (Link* link : links) {
        if (plan_[copy.message].to == link->other(node)) offers.emplace_back(copy, link);
      }
    }
    in_queue_order(offers, [](const auto& offer) { return offer.first.received_s; });
    for (const auto& [copy, link] : offers) {
      if (offer(node, *link, copy) == Answer::yes) return true;
    }
    return false;
  }
  bool ask(NodeIndex node, const Links& links) {
    for (Link* link : links) {
      const NodeIndex other = link->other(node);
      if (busy(other)) continue;
      for (const HeldCopy& copy : copies_of(other)) {
        if (plan_[copy.message].to != node) continue;
        if (offer(other, *link, copy) == Answer::yes) return true;
      }
    }
    return false;
  }
  void give_away(NodeIndex node, const Links& links) {
    std::vector<HeldCopy> offers;
    for (const HeldCopy& copy : copies_of(node)) {
      const bool gives = rules_.strategy.sprays() ? copy.copies > 1
                         : rules_.strategy.kind == Strategy::Kind::two_hop
                             ? plan_[copy.message].from == node
                             : rules_.strategy.kind == Strategy::Kind::epidemic;
      if (gives) offers.push_back(copy);
    }
    in_queue_order(offers, [](const HeldCopy& copy) { return copy.received_s; });
    for (Link* link : links) {
      for (const HeldCopy& copy : offers) {
        const Answer answer = offer(node, *link, copy);
        if (answer == Answer::yes) return;
        if (answer == Answer::busy) break;
      }
    }
  }
  template <class Offers, class Received>
  void in_queue_order(Offers& offers, Received received) const {
    if (rules_.queue == BitRateRules::Queue::random) {
      random().shuffle(offers);
      return;
    }
    for (std::size_t i = 1; i < offers.size(); ++i) {
      for (std::size_t j = i; j > 0 && received(offers[j]) < received(offers[j - 1]); --j) {
        std::swap(offers[j], offers[j - 1]);
      }
    }
  }
  Answer offer(NodeIndex from, Link& link, const HeldCopy& copy) {
    const NodeIndex to = link.other(from);
    const bool for_them = plan_[copy.message].to == to;
    if (busy(to)) return Answer::busy;
    if (buffers_[to].find(copy.message, copy.hash) != nullptr || had_[to].contains(copy.message)) {
      if (rules_.delete_delivered && for_them) erase(from, copy, removed);
      return Answer::no;
    }
    if ((is_over(copy.message) && !for_them) || !make_room(to, copy.size_bytes)) return Answer::no;
    link.loaded = true;
    link.from = from;
    link.copy = copy;
    link.done_s = now_s_ + static_cast<double>(copy.size_bytes) / rules_.bytes_per_s;
    ++begun;
    return Answer::yes;
  }

  bool make_room(NodeIndex node, std::uint32_t size_bytes) {
    if (size_bytes > rules_.buffer_bytes) return false;
    while (buffers_[node].bytes() + size_bytes > rules_.buffer_bytes) {
      const HeldCopy* oldest = nullptr;
      for (const HeldCopy& copy : buffers_[node].all()) {
        const bool older = oldest == nullptr || copy.received_s < oldest->received_s;
        if (older && !sends(node, copy.message)) oldest = &copy;
      }
      if (oldest == nullptr) return false;
      erase(node, HeldCopy(*oldest), dropped);
    }
    return true;
  }
  void erase(NodeIndex node, const HeldCopy& copy, std::uint64_t& counter) {
    buffers_[node].erase(copy.message, copy.hash);
    ++counter;
  }
  bool is_over(std::uint32_t message) const {
    if (plan_[message].lifetime == base::Duration::max()) return false;
    const double lifetime_s = static_cast<double>(plan_[message].lifetime.count()) / 1e6;
    return lifetime_s - (now_s_ - in_seconds(plan_[message].at)) < 60;
  }
  bool sends(NodeIndex node, std::uint32_t message) const {
    return std::any_of(links_.begin(), links_.end(), [&](const Link& link) {
      return link.loaded && link.from == node && link.copy.message == message;
    });
  }
  bool sends(NodeIndex node) const {
    return std::any_of(links_.begin(), links_.end(),
                       [&](const Link& link) { return link.loaded && link.from == node; });
  }
  bool busy(NodeIndex node) const {
    return sends(node) || std::any_of(links_.begin(), links_.end(), [&](const Link& link) {
             return link.loaded && link.up && link.joins(node);
           });
  }
  Links links_of(NodeIndex node) {
    Links links;
    for (Link& link : links_) {
      if (link.up && link.joins(node)) links.push_back(&link);
    }
    return links;
  }
  std::vector<HeldCopy> copies_of(NodeIndex node) const {
    const auto all = buffers_[node].all();
    return {all.begin(), all.end()};
  }

  const ListedContacts& contacts_;
  const MessagePlan& plan_;
  BitRateRules rules_;
  double now_s_ = 0;
  std::size_t change_ = 0;
  std::uint32_t message_ = 0;
  std::list<Link> links_;
  std::vector<MessageBuffer> buffers_;
  std::vector<std::set<std::uint32_t>> had_;
  std::vector<double> checked_s_;
  std::vector<NodeIndex> order_;
};

}  // namespace chaski::sim
