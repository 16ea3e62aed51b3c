// SPDX-License-Identifier: Apache-2.0
#include "sim/people/contact_links.hpp"

#include <algorithm>

namespace chaski::sim {

ContactLinks::ContactLinks(World& world, ContactSource& contacts,
                           const ContactLinkParameters& parameters)
    : world_(world), source_(contacts), parameters_(parameters) {
  next_contact_ = source_.next();
  world_.set_companion(*this);
  world_.on_link_ended([this](base::LinkId link, NodeIndex) { ended(link); });
}

base::Time ContactLinks::next_time() const {
  const base::Time retry = retries_.empty() ? base::Time::max() : retries_.begin()->first;
  return next_contact_ ? std::min(retry, next_contact_->at) : retry;
}

void ContactLinks::step(base::Time now) {
  if (next_contact_ && next_contact_->at <= now) {
    const ContactChange change = *next_contact_;
    next_contact_ = source_.next();
    const Pair pair{change.a, change.b};
    if (change.up) {
      ++contacts_begun_;
      join(pair, near_[pair]);
      return;
    }
    const auto found = near_.find(pair);
    if (found == near_.end()) return;
    const auto link = found->second.link;
    near_.erase(found);
    if (link) {
      by_link_.erase(link->value);
      world_.part(*link);
    }
    return;
  }
  const Pair pair = retries_.begin()->second;
  const base::Time at = retries_.begin()->first;
  retries_.erase(retries_.begin());
  const auto found = near_.find(pair);
  if (found == near_.end() || found->second.retry_at != at) return;
  join(pair, found->second);
}

void ContactLinks::join(const Pair& pair, Near& near) {
  near.retry_at = base::Time::max();
  if (near.link || !world_.powered(pair.first) || !world_.powered(pair.second)) return;
  if (silent_.contains(pair.first) || silent_.contains(pair.second)) return;
  near.link = world_.join(pair.first, pair.second, parameters_.model, parameters_.opens_in);
  by_link_[near.link->value] = pair;
}

void ContactLinks::retry(const Pair& pair, Near& near, base::Time at) {
  near.retry_at = at;
  retries_.emplace(at, pair);
}

void ContactLinks::ended(base::LinkId link) {
  const auto found = by_link_.find(link.value);
  if (found == by_link_.end()) return;
  const Pair pair = found->second;
  by_link_.erase(found);
  const auto near = near_.find(pair);
  if (near == near_.end()) return;
  near->second.link.reset();
  retry(pair, near->second, world_.now() + kAgain);
}

void ContactLinks::set_silent(NodeIndex node, bool silent) {
  if (!silent) {
    if (silent_.erase(node) > 0) powered(node);
    return;
  }
  silent_.insert(node);
  for (const auto& [pair, near] : near_) {
    if ((pair.first == node || pair.second == node) && near.link) world_.part(*near.link);
  }
}

void ContactLinks::powered(NodeIndex node) {
  for (auto& [pair, near] : near_) {
    if (pair.first != node && pair.second != node) continue;
    if (!near.link) retry(pair, near, world_.now());
  }
}

}  // namespace chaski::sim
