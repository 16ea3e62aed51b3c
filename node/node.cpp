// SPDX-License-Identifier: Apache-2.0
#include "node/node.hpp"

#include <algorithm>

#include "node/context.hpp"
#include "node/inbox.hpp"
#include "node/keeping.hpp"
#include "node/link_table.hpp"
#include "node/meeting.hpp"
#include "node/messenger.hpp"

namespace chaski::node {
namespace {
/// How often sessions forget what is too old.
constexpr base::Duration kExpireSessionsEvery = std::chrono::hours(1);
}  // namespace

struct Node::Impl {
  NodeConfig config;
  Context context;
  link::NodeKey node_key;
  ContactBook contacts;
  Messenger messenger;
  Meeting meeting;
  Inbox inbox;
  mesh_router::Router router;
  LinkTable links;
  base::Time expire_sessions_at;

  Impl(const NodeConfig& configuration, NodeStore& store, base::Random& random, base::Time now)
      : config(configuration),
        context{.store = store, .random = random, .events = {}, .wall = {}, .dirty = false},
        node_key(node_key_for_run(config.fixed_node_key, store.people(), random, context.dirty)),
        contacts(store.people()),
        messenger(context, contacts),
        meeting(context, contacts),
        inbox(context, contacts, messenger, meeting),
        router(config.router, store.envelopes(), &inbox, random, now),
        links(config, node_key, random, router, context.events),
        expire_sessions_at(now + kExpireSessionsEvery) {
    // Whatever was left unopened before a crash is asked about once more.
    inbox.learn(contacts.load());
    settle(now);
  }

  /// What follows every input: receipts and late tags, then what the router has learnt.
  void settle(base::Time now) {
    inbox.settle(router, now);
    drain_router(now);
  }
  void drain_router(base::Time now) {
    while (const auto event = router.next_event()) messenger.on_router_event(*event, now);
  }
  bool dirty() const { return context.dirty || contacts.dirty() || router.dirty(); }
};

Node::Node(const NodeConfig& config, NodeStore& store, base::Random& random, base::Time now)
    : impl_(std::make_unique<Impl>(config, store, random, now)) {}
Node::~Node() = default;

bool Node::link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                       std::size_t frame_size_max, base::Time now, std::uint64_t origin) {
  return impl_->links.open(link, {kind, role, frame_size_max, origin}, now);
}

void Node::link_closed(base::LinkId link, base::Time now) {
  impl_->links.transport_closed(link, now);
  impl_->settle(now);
}

void Node::receive(base::LinkId link, base::MutableByteView frame, base::Time now) {
  impl_->links.receive(link, frame, now);
  impl_->settle(now);
}

std::size_t Node::next_frame(base::LinkId link, base::MutableByteView out, base::Time now) {
  return impl_->links.next_frame(link, out, now);
}

std::vector<base::LinkId> Node::ready_links() {
  return impl_->links.ready();
}

void Node::close_all(link::CloseReason reason, base::Time now) {
  impl_->links.close_all(reason, now);
}

bool Node::dirty() const {
  return impl_->dirty();
}

base::Expected<void, mesh_router::StoreError> Node::flush(base::Time now) {
  impl_->drain_router(now);
  impl_->contacts.save_dirty();
  if (auto done = impl_->context.store.commit(); !done) return done;
  impl_->context.dirty = false;
  impl_->router.committed(now);
  impl_->context.events.release();
  return {};
}

std::optional<NodeEvent> Node::next_event() {
  return impl_->context.events.next();
}

std::optional<base::Time> Node::next_wakeup() const {
  base::Time at = impl_->expire_sessions_at;
  for (const auto& other :
       {impl_->router.next_wakeup(), impl_->links.next_wakeup(), impl_->inbox.next_wakeup(),
        impl_->meeting.stamps().next_wakeup()})
    if (other) at = std::min(at, *other);
  return at;
}

void Node::wake(base::Time now) {
  impl_->links.wake(now);
  impl_->router.wake(now);
  impl_->inbox.wake(impl_->router, now);
  impl_->meeting.stamps().wake(impl_->router, now);
  if (impl_->expire_sessions_at <= now) {
    impl_->expire_sessions_at = now + kExpireSessionsEvery;
    impl_->contacts.expire(now);
  }
  impl_->settle(now);
}

base::Expected<e2ee::IdentityPublic, PersonError> Node::create_identity(std::string_view name) {
  return impl_->meeting.create_identity(name);
}

std::optional<e2ee::IdentityPublic> Node::identity() const {
  const auto& owner = impl_->meeting.owner();
  if (!owner) return std::nullopt;
  return owner->identity.public_identity();
}

std::string Node::own_name() const {
  const auto& owner = impl_->meeting.owner();
  return owner ? owner->name : std::string();
}

base::Expected<std::string, PersonError> Node::invite(base::Time, unsigned price_bits) {
  return impl_->meeting.invite(price_bits);
}

std::vector<WorkInfo> Node::work() const {
  std::vector<WorkInfo> out;
  for (const StampWork& work : impl_->meeting.stamps().work()) {
    const auto index = impl_->contacts.find_id(work.contact);
    out.push_back({.contact = index ? impl_->contacts.at(*index).record.name : std::string(),
                   .price_bits = work.price_bits,
                   .hashes_done = work.hashes_done,
                   .hashes_expected = work.hashes_expected,
                   .left = work.left});
  }
  return out;
}

base::Expected<void, PersonError> Node::cancel_work(std::string_view contact) {
  return impl_->meeting.cancel_stamp(contact);
}

base::Expected<AddedContact, PersonError> Node::add(std::string_view link_text,
                                                    std::string_view name, base::Time now,
                                                    WallTime wall) {
  std::vector<wire::DeliveryTag> fresh;
  auto added = impl_->meeting.add(link_text, name, impl_->router, now, wall.unix_s, fresh);
  impl_->inbox.learn(fresh);
  impl_->settle(now);
  return added;
}

std::vector<ContactRecord> Node::contacts() const {
  std::vector<ContactRecord> out;
  out.reserve(impl_->contacts.size());
  for (std::uint32_t index = 0; index < impl_->contacts.size(); ++index)
    out.push_back(impl_->contacts.at(index).record);
  std::sort(out.begin(), out.end(),
            [](const ContactRecord& a, const ContactRecord& b) { return a.name < b.name; });
  return out;
}

std::optional<ContactRecord> Node::find_contact(std::string_view name) const {
  const auto index = impl_->contacts.find_name(name);
  if (!index) return std::nullopt;
  return impl_->contacts.at(*index).record;
}

base::Expected<MessageRecord, PersonError> Node::send(std::string_view contact,
                                                      std::string_view text,
                                                      const SendOptions& options, base::Time now,
                                                      WallTime wall) {
  if (!impl_->meeting.owner()) return base::unexpected(PersonError::no_identity);
  return impl_->messenger.send(impl_->meeting.own_id(), contact, text, options, impl_->router, now,
                               wall);
}

void Node::set_wall_time(WallTime wall) {
  impl_->context.wall = wall;
}

const link::NodePublicKey& Node::node_key() const {
  return impl_->node_key.public_key();
}

std::vector<NeighbourInfo> Node::neighbours() const {
  return impl_->links.neighbours();
}

std::size_t Node::handshakes() const {
  return impl_->links.handshakes();
}

const mesh_router::Router& Node::router() const {
  return impl_->router;
}

const std::vector<std::pair<link::CloseReason, std::uint64_t>>& Node::close_counts() const {
  return impl_->links.close_counts();
}

}  // namespace chaski::node
