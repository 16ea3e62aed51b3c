// SPDX-License-Identifier: Apache-2.0
#include "sim/people/follower.hpp"

namespace chaski::sim {

Follower::Follower(World& world, Companion& other, const TrailRequest& request, Trail& trail)
    : world_(world), other_(other), trail_(trail) {
  trail_.contacts = request.contacts;
  world_.set_companion(*this);
}

void Follower::written(NodeIndex author, NodeIndex recipient, const wire::EnvelopeId& id) {
  id_ = id;
  recipient_ = recipient;
  begin_copy(author, std::nullopt);
}

void Follower::read(NodeIndex recipient) {
  if (!id_ || read_) return;
  read_ = true;
  // Its own router may have read it without ever holding it.
  const auto copy = last_copy_.find(recipient);
  if (copy == last_copy_.end()) return;
  trail_.first = copy->second;
}

void Follower::finish() {
  for (const auto& [node, held] : std::map(held_)) look_for_lost(node);
}

const mesh_router::Router* Follower::router(NodeIndex node) const {
  const bool there = world_.is_node(node) && world_.powered(node);
  return there ? &world_.look_at(node).router() : nullptr;
}

mesh_router::Explanation Follower::explain(NodeIndex node) const {
  return router(node)->explain(*id_, world_.time_at(node));
}

void Follower::begin_copy(NodeIndex node, std::optional<std::size_t> from) {
  const std::size_t number = trail_.copies.size();
  trail_.copies.push_back({node, from, world_.now(), std::nullopt, CopyEnd::held});
  last_copy_[node] = number;
  const auto what = explain(node);
  Held held{number};
  if (what.presence == mesh_router::Presence::held) {
    held.expires = world_.now() + std::chrono::milliseconds(what.lifetime_left_ms);
  }
  held_[node] = held;
  look_for_lost(node);
}

void Follower::look_for_new(NodeIndex node, std::optional<NodeIndex> giver) {
  if (held_.contains(node)) return;
  const auto* there = router(node);
  if (there == nullptr) return;
  // The recipient keeps no copy, only that it had one.
  const bool reads =
      node == recipient_ && !last_copy_.contains(node) &&
      explain(node).presence == mesh_router::Presence::tombstoned;
  if (!reads && !there->holds(*id_)) return;
  const auto from = giver ? last_copy_.find(*giver) : last_copy_.end();
  begin_copy(node, from == last_copy_.end() ? std::nullopt : std::optional(from->second));
}

void Follower::look_for_lost(NodeIndex node) {
  const auto found = held_.find(node);
  if (found == held_.end()) return;
  const auto* there = router(node);
  if (there == nullptr) return;  // what was saved is still there
  Held& held = found->second;
  const std::uint64_t displaced =
      there->counters().dropped[static_cast<std::size_t>(mesh_router::DropReason::displaced)];
  if (there->holds(*id_)) {
    held.displaced = displaced;
    return;
  }
  const auto presence = explain(node).presence;
  TrailCopy& copy = trail_.copies[held.copy];
  copy.until = world_.now();
  if (presence == mesh_router::Presence::tombstoned) {
    copy.end = CopyEnd::read;
  } else if (world_.now() >= held.expires) {
    copy.end = CopyEnd::expired;
  } else if (presence == mesh_router::Presence::unknown) {
    copy.end = CopyEnd::crashed;
  } else {
    // A receipt lets go of it too, but only once somebody has read it.
    const bool room = displaced > held.displaced || !read_;
    copy.end = room ? CopyEnd::displaced : CopyEnd::delivered;
  }
  held_.erase(found);
}

void Follower::served(NodeIndex node, base::Time now) {
  other_.served(node, now);
  if (!id_) return;
  look_for_lost(node);
  look_for_new(node, std::nullopt);
  look_at_contacts(node, now);
}

void Follower::carried(base::LinkId link, NodeIndex from, NodeIndex to, std::size_t bytes,
                       base::Time now) {
  other_.carried(link, from, to, bytes, now);
  links_[{from, to}] = link;
  links_[{to, from}] = link;
  if (!id_) return;
  look_for_new(to, from);
  look_at_contacts(to, now);
}

void Follower::look_at_contacts(NodeIndex node, base::Time now) {
  for (TrailContact& contact : trail_.contacts) {
    if (contact.from != node && contact.to != node) continue;
    if (contact.begin <= now && now < contact.end) look_at(contact);
  }
}

void Follower::look_at(TrailContact& contact) {
  const auto* from = router(contact.from);
  if (from == nullptr || router(contact.to) == nullptr) {
    if (!contact.off) contact.off = world_.now();
    return;
  }
  if (!world_.connected(contact.from, contact.to)) return;
  if (!contact.linked) contact.linked = world_.now();
  if (!held_.contains(contact.from) || last_copy_.contains(contact.to)) return;
  const auto link = links_.find({contact.from, contact.to});
  if (link == links_.end()) return;
  for (const auto& neighbour : explain(contact.from).neighbours) {
    if (neighbour.link == link->second) contact.withheld = neighbour.why;
  }
}

}  // namespace chaski::sim
