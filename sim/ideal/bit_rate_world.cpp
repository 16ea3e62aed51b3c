// SPDX-License-Identifier: Apache-2.0
// Time, contacts and messages of a BitRateWorld, and whose turn it is.
#include "sim/ideal/bit_rate_world.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.hpp"
#include "sim/traffic/java_random.hpp"

namespace chaski::sim {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// The double next to a time, as reading it from a file of decimals gives.
double seconds(base::Time time) { return static_cast<double>(base::to_us(time)) / 1e6; }
double seconds(base::Duration duration) { return static_cast<double>(duration.count()) / 1e6; }
base::Time time_at(double s) { return base::from_us(std::llround(s * 1e6)); }

}  // namespace

BitRateWorld::BitRateWorld(ContactSource& contacts, const MessagePlan& plan,
                           const BitRateRules& rules, const Recording& record)
    : contacts_(contacts),
      plan_(plan),
      rules_(rules),
      nodes_(contacts.nodes()),
      held_(nodes_.size(), plan.size()),
      refused_(nodes_.size(), plan.size()),
      carried_(nodes_.size(), plan.size()),
      order_(contacts.nodes(), rules.random_update_order, rules.seed),
      check_interval_s_(seconds(rules.lifetime_check_interval)),
      recorder_(record, plan, contacts.nodes(), contacts.end()) {
  CHASKI_ASSERT(nodes_.size() * plan.size() <= kCellsMax);
  CHASKI_ASSERT(rules.bytes_per_s > 0 && rules.strategy.copies > 0);
  CHASKI_ASSERT(rules.lifetime_check_interval > base::Duration::zero());
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const PlannedMessage& message = plan[i];
    CHASKI_ASSERT(message.from < nodes_.size() && message.to < nodes_.size());
    CHASKI_ASSERT(message.from != message.to);
    const std::string name = message.name.empty() ? "M" + std::to_string(i + 1) : message.name;
    hashes_.push_back(spread_hash(java_hash(name)));
  }
  if (rules.strategy.kind == Strategy::Kind::prophet) {
    predictabilities_.assign(nodes_.size(), Predictabilities(rules.strategy.typical_interval));
  }
  const bool has_lifetimes = std::any_of(plan.begin(), plan.end(), [](const PlannedMessage& m) {
    return m.lifetime != base::Duration::max();
  });
  for (NodeIndex node = 0; has_lifetimes && node < nodes_.size(); ++node) checks_.push({0, node});
  result_.outcomes.resize(plan.size());
}

std::uint32_t BitRateWorld::copies_in_flight(std::uint32_t message) const {
  std::uint32_t copies = 0;
  for (const Link& link : links_) {
    if (link.busy && link.copy.message == message) copies += link.copy.copies;
  }
  return copies;
}

RunResult BitRateWorld::run() {
  const double end_s = seconds(contacts_.end());
  const double interval_s = seconds(rules_.update_interval);
  next_change_ = contacts_.next();
  if (interval_s > 0) {
    while (now_s_ < end_s) {
      // A sum, with what it gathers of rounding: so does The ONE's clock.
      const double until_s = now_s_ + interval_s;
      while (next_event(until_s)) look();
      go_on_to(until_s);
      look();
    }
  } else {
    for (;;) {
      const double moment_s = next_moment_s();
      if (next_event(std::min(moment_s, end_s))) {
        look();
        continue;
      }
      if (moment_s > end_s) break;
      go_on_to(moment_s);
      look();
    }
  }
  result_.end = contacts_.end();
  go_on_to(end_s);
  for (const Link& link : links_) {
    if (link.up) parted(link);
  }
  recorder_.finish(moment(result_.end), result_);
  return std::move(result_);
}

base::Time BitRateWorld::now() const { return time_at(now_s_); }

/// After what moments of a series there are before.
void BitRateWorld::go_on_to(double s) {
  while (recorder_.next_moment() < time_at(s)) recorder_.note(moment(recorder_.next_moment()));
  now_s_ = s;
}

void BitRateWorld::parted(const Link& link) {
  const auto message = recorder_.followed();
  if (!message) return;
  recorder_.parts(link.a, link.b, now(), [&](NodeIndex from, NodeIndex to) {
    return why_not(from, to, *message, link);
  });
}

/// How it stands now.
RunMoment BitRateWorld::moment(base::Time at) const {
  RunMoment moment{at, delivered_, result_.totals.air_bytes};
  for (const Node& node : nodes_) {
    moment.copies += node.buffer.size();
    moment.carried_bytes += node.buffer.bytes();
  }
  return moment;
}

/// Of those that no event brings: only where there are no ticks.
double BitRateWorld::next_moment_s() const {
  if (!next_turns_.empty()) return now_s_;
  const double end_s = ends_.empty() ? kNever : ends_.top().at_s;
  const double check_s = checks_.empty() ? kNever : checks_.top().last_s + check_interval_s_;
  return std::max(now_s_, std::min(end_s, check_s));
}

/// The next change of a contact or message, when it is due; false: neither is.
bool BitRateWorld::next_event(double until_s) {
  const double change_s = next_change_ ? seconds(next_change_->at) : kNever;
  const double write_s = next_message_ < plan_.size() ? seconds(plan_[next_message_].at) : kNever;
  const double event_s = std::min(change_s, write_s);
  if (event_s > until_s) return false;
  go_on_to(event_s);
  const bool writes = rules_.messages_first ? write_s <= change_s : write_s < change_s;
  if (writes) {
    write(next_message_++);
  } else {
    next_change_->up ? connect(next_change_->a, next_change_->b)
                     : disconnect(next_change_->a, next_change_->b);
    next_change_ = contacts_.next();
  }
  return true;
}

void BitRateWorld::connect(NodeIndex a, NodeIndex b) {
  if (free_links_.empty()) {
    free_links_.push_back(static_cast<std::uint32_t>(links_.size()));
    links_.emplace_back();
  }
  const std::uint32_t link = free_links_.back();
  free_links_.pop_back();
  links_[link] = Link{};
  links_[link].a = a;
  links_[link].b = b;
  links_[link].up = true;
  nodes_[a].links.push_back(link);
  nodes_[b].links.push_back(link);
  ++result_.contacts;
  await(a);
  await(b);
  if (predictabilities_.empty()) return;
  predictabilities_[a].met(b, predictabilities_[b], a, now());
  predictabilities_[b].met(a, predictabilities_[a], b, now());
  await_around(a);
  await_around(b);
}

/// What is on its way stays with the sender, who notices at its turn.
void BitRateWorld::disconnect(NodeIndex a, NodeIndex b) {
  std::vector<std::uint32_t>& links = nodes_[a].links;
  const auto found = std::find_if(links.begin(), links.end(),
                                  [&](std::uint32_t link) { return links_[link].other(a) == b; });
  CHASKI_ASSERT(found != links.end());
  const std::uint32_t link = *found;
  links.erase(found);
  std::erase(nodes_[b].links, link);
  links_[link].up = false;
  parted(links_[link]);
  if (!links_[link].busy) {
    free_links_.push_back(link);
    return;
  }
  --nodes_[a].links_busy;
  --nodes_[b].links_busy;
  await_around(a);
  await_around(b);
}

void BitRateWorld::write(std::uint32_t message) {
  const PlannedMessage& planned = plan_[message];
  const NodeIndex author = planned.from;
  ++result_.totals.messages_written;
  nodes_[planned.to].addressed.push_back(message);
  make_room(author, planned.size_bytes);  // and whether there is room or not, it is kept
  HeldCopy copy;
  copy.message = message;
  copy.hash = hashes_[message];
  copy.size_bytes = planned.size_bytes;
  copy.copies = rules_.strategy.copies;
  copy.received_s = now_s_;
  nodes_[author].buffer.put(copy);
  held_.set(author, message);
  refused_.set(author, message);
  carried_.set(author, message);
  if (recorder_.wants(message)) recorder_.begins(message, author, {}, now());
  await_around(author);
}

/// The second that seeds shuffles: the nearest, half a second counts up.
std::int64_t BitRateWorld::second() const {
  return static_cast<std::int64_t>(std::floor(now_s_ + .5));
}

/// Who might do something other than at its last turn gets another: in this look when its turn is
/// still to come, otherwise in the next.
void BitRateWorld::await(NodeIndex node) {
  if (nodes_[node].awaited) return;
  nodes_[node].awaited = true;
  if (!looking_) return next_turns_.push_back(node);
  const std::uint32_t place = order_.place(node);
  if (place > turn_) {
    turns_.push({place, node});
  } else {
    next_turns_.push_back(node);
  }
}

/// And those in contact with it who could start something; who transfers has a turn when that ends.
void BitRateWorld::await_around(NodeIndex node) {
  await(node);
  for (const std::uint32_t link : nodes_[node].links) {
    const NodeIndex other = links_[link].other(node);
    if (nodes_[other].buffer.size() > 0 && !transferring(other)) await(other);
  }
}

/// Whether anybody has a turn; lets those in whose time has come.
bool BitRateWorld::anything_to_do() {
  for (; !ends_.empty(); ends_.pop()) {
    const TransferEnd& end = ends_.top();
    const Link& link = links_[end.link];
    if (!link.busy || link.serial != end.serial) continue;
    if (!transferred(link)) break;
    await(link.sender);
  }
  let_checks_in();
  if (rules_.look_at_all) {
    for (NodeIndex node = 0; node < nodes_.size(); ++node) await(node);
  }
  return !next_turns_.empty();
}

/// At all nodes, which is to say: at those for which it makes a difference.
void BitRateWorld::look() {
  order_.next(second());
  if (!anything_to_do()) return;
  for (const NodeIndex node : next_turns_) turns_.push({order_.place(node), node});
  next_turns_.clear();
  looking_ = true;
  while (!turns_.empty()) {
    const Turn turn = turns_.top();
    turns_.pop();
    turn_ = turn.place;
    nodes_[turn.node].awaited = false;
    look_at(turn.node);
  }
  looking_ = false;
}

void BitRateWorld::look_at(NodeIndex node) {
  ++looks_;
  if (nodes_[node].sending != kNone) finish_sending(node);
  const bool checks = nodes_[node].late && nodes_[node].sending == kNone;
  if (checks) check_lifetimes(node);
  offer_something(node);
}

bool BitRateWorld::check_due(double last_s) const {
  // Without ticks the moment is computed, and may miss itself by a rounding.
  const double slack_s = rules_.update_interval == base::Duration::zero() ? 1e-6 : 0;
  return now_s_ - last_s >= check_interval_s_ - slack_s;
}

/// Whose check is due has it at its turn, when it is not sending then. With nobody near nothing can
/// happen to it before.
void BitRateWorld::let_checks_in() {
  while (!checks_.empty() && check_due(checks_.top().last_s)) {
    const NodeIndex node = checks_.top().node;
    checks_.pop();
    nodes_[node].late = true;
    if (nodes_[node].sending != kNone || !nodes_[node].links.empty()) {
      await(node);
    } else {
      check_lifetimes(node);
    }
  }
}

void BitRateWorld::check_lifetimes(NodeIndex node) {
  nodes_[node].late = false;
  checks_.push({now_s_, node});
  queue_.clear();
  for (const HeldCopy& copy : nodes_[node].buffer.all()) {
    if (expired(copy.message)) queue_.push_back(copy);
  }
  for (const HeldCopy& copy : queue_) erase(node, copy, CopyEnd::expired);
}

}  // namespace chaski::sim
