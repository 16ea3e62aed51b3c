// SPDX-License-Identifier: Apache-2.0
#include "node/node.hpp"

#include <algorithm>

#include "node/context.hpp"
#include "node/conversation.hpp"
#include "node/ended_unseen.hpp"
#include "node/file_desk.hpp"
#include "node/inbox.hpp"
#include "node/keeping.hpp"
#include "node/link_table.hpp"
#include "node/meeting.hpp"
#include "node/messenger.hpp"
#include "node/origin.hpp"
#include "node/pairing_meeting.hpp"
#include "node/text.hpp"

namespace chaski::node {
namespace {
/// How often sessions forget what is too old.
constexpr base::Duration kExpireSessionsEvery = std::chrono::hours(1);

/// What a node is beside a relay; gone while it is locked.
struct Person {
  Person(Context& context, PairingTable& pairings)
      : contacts(context.people()),
        files(context, contacts),
        messenger(context, contacts),
        conversation(context, contacts, messenger, files),
        meeting(context, contacts),
        inbox(context, contacts, messenger, conversation, meeting, files.receiver()),
        pairing(context, contacts, meeting, pairings) {}

  ContactBook contacts;
  FileDesk files;
  Messenger messenger;
  Conversation conversation;
  Meeting meeting;
  Inbox inbox;
  PairingMeeting pairing;
};

/// Where the router asks whether an envelope is for somebody here.
class FrontDoor final : public mesh_router::Recipient {
 public:
  explicit FrontDoor(const std::unique_ptr<Person>& person) : person_(person) {}
  mesh_router::Claim on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                                 const wire::CarryState& state, base::Time now) override {
    if (!person_) return mesh_router::Claim::not_ours;
    return person_->inbox.on_envelope(id, envelope, state, now);
  }

 private:
  const std::unique_ptr<Person>& person_;
};
}  // namespace

struct Node::Impl {
  NodeConfig config;
  Context context;
  link::NodeKey node_key;
  PairingTable pairings;
  std::unique_ptr<Person> person;  ///< null while locked
  FrontDoor front_door;
  mesh_router::Router router;
  LinkTable links;
  EndedUnseen ended;
  base::Time expire_sessions_at;

  Impl(const NodeConfig& configuration, NodeStore& store, base::Random& random, base::Time now)
      : config(configuration),
        context{.store = store, .random = random, .events = {}, .wall = {}, .dirty = false},
        node_key(node_key_for_run(config.fixed_node_key, store, random, context.dirty)),
        pairings(random),
        person(config.locked ? nullptr : std::make_unique<Person>(context, pairings)),
        front_door(person),
        router(config.router, store.envelopes(), &front_door, random, now),
        links(config, node_key, random, router, context.events, pairings),
        expire_sessions_at(now + kExpireSessionsEvery) {
    if (person) welcome(now);
  }

  /// The person's tags, and what is theirs of what is carried. Whatever was left unopened before a
  /// crash is asked about once more.
  void welcome(base::Time now) {
    std::vector<wire::EnvelopeId> own = person->messenger.undelivered();
    std::vector<wire::DeliveryTag> tags = person->contacts.load();
    person->meeting.healing().load(now, tags);
    const auto lists = person->meeting.healing().prekeys().underway();
    own.insert(own.end(), lists.begin(), lists.end());
    person->files.load(tags);
    const auto chunks = person->files.resume(ended, now);
    own.insert(own.end(), chunks.begin(), chunks.end());
    router.person_came(own, now);
    person->messenger.take_ends(ended, router, now);
    ended.clear();
    person->conversation.wake(now);  // what disappeared meanwhile is gone before anything is shown
    person->inbox.learn(tags);
    settle(now);
  }

  /// What follows every input: receipts and late tags, then what the router has learnt.
  void settle(base::Time now) {
    if (person) {
      std::vector<wire::DeliveryTag> fresh;
      person->pairing.settle(router, now, fresh);
      person->inbox.learn(fresh);
      person->inbox.settle(router, now);
    }
    if (pairings.take_change()) context.events.link(PairingChanged{});
    drain_router(now);
    if (person) person->meeting.healing().settle(now);
  }
  void drain_router(base::Time now) {
    while (const auto event = router.next_event()) {
      if (person) {
        person->messenger.on_router_event(*event, now);
        person->meeting.healing().on_router_event(*event);
        person->files.on_router_event(*event, now);
      } else {
        ended.add(*event);
      }
    }
  }
  bool dirty() const {
    return context.dirty || (person && person->contacts.dirty()) || router.dirty();
  }
  /// Why the person cannot be asked, if they cannot.
  std::optional<PersonError> absent() const {
    if (!person) return PersonError::locked;
    return std::nullopt;
  }
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
  if (Person* person = impl_->person.get()) {
    person->contacts.save_dirty();
    person->files.save_dirty();
  }
  if (auto done = impl_->context.store.commit(); !done) return done;
  impl_->context.dirty = false;
  impl_->router.committed(now);
  impl_->context.events.release();
  impl_->pairings.committed();
  if (impl_->pairings.take_change()) impl_->context.events.link(PairingChanged{});
  return {};
}

std::optional<NodeEvent> Node::next_event() {
  return impl_->context.events.next();
}

std::optional<base::Time> Node::next_wakeup() const {
  base::Time at = impl_->expire_sessions_at;
  const auto consider = [&at](std::optional<base::Time> other) {
    if (other) at = std::min(at, *other);
  };
  consider(impl_->router.next_wakeup());
  consider(impl_->links.next_wakeup());
  consider(impl_->pairings.next_wakeup());
  if (impl_->person) {
    consider(impl_->person->inbox.next_wakeup());
    consider(impl_->person->conversation.next_wakeup());
    consider(impl_->person->meeting.stamps().next_wakeup());
    consider(impl_->person->meeting.healing().next_wakeup());
    consider(impl_->person->files.next_wakeup());
  }
  return at;
}

void Node::wake(base::Time now) {
  impl_->links.wake(now);
  impl_->pairings.wake(now);
  impl_->router.wake(now);
  const bool is_hour = impl_->expire_sessions_at <= now;
  if (is_hour) impl_->expire_sessions_at = now + kExpireSessionsEvery;
  if (Person* person = impl_->person.get()) {
    person->conversation.wake(now);
    person->inbox.wake(impl_->router, now);
    person->meeting.stamps().wake(impl_->router, now);
    std::vector<wire::DeliveryTag> fresh;
    person->meeting.healing().wake(impl_->router, now, fresh);
    person->files.wake(impl_->router, now, fresh);
    person->inbox.learn(fresh);
    if (is_hour) person->contacts.expire(now);
  }
  impl_->settle(now);
}

bool Node::locked() const {
  return !impl_->person;
}

void Node::unlock(base::Time now) {
  if (impl_->person) return;
  impl_->person = std::make_unique<Person>(impl_->context, impl_->pairings);
  impl_->welcome(now);
}

void Node::lock(base::Time now) {
  impl_->person.reset();
  impl_->pairings.forget();
  impl_->context.dirty = false;
  impl_->context.events.forget_people();
  impl_->router.person_left(now);
}

base::Expected<e2ee::IdentityPublic, PersonError> Node::create_identity(std::string_view name) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->meeting.create_identity(name);
}

std::optional<e2ee::IdentityPublic> Node::identity() const {
  if (!impl_->person) return std::nullopt;
  const auto& owner = impl_->person->meeting.owner();
  if (!owner) return std::nullopt;
  return owner->identity.public_identity();
}

std::string Node::own_name() const {
  if (!impl_->person) return {};
  const auto& owner = impl_->person->meeting.owner();
  return owner ? owner->name : std::string();
}

base::Expected<std::string, PersonError> Node::invite(base::Time, unsigned price_bits) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->meeting.invite(price_bits);
}

std::vector<WorkInfo> Node::work() const {
  std::vector<WorkInfo> out;
  if (!impl_->person) return out;
  const ContactBook& contacts = impl_->person->contacts;
  for (const StampWork& work : impl_->person->meeting.stamps().work()) {
    const auto index = contacts.find_id(work.contact);
    out.push_back({.contact = index ? contacts.at(*index).record.name : std::string(),
                   .price_bits = work.price_bits,
                   .hashes_done = work.hashes_done,
                   .hashes_expected = work.hashes_expected,
                   .left = work.left});
  }
  return out;
}

base::Expected<void, PersonError> Node::cancel_work(std::string_view contact) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->meeting.cancel_stamp(contact);
}

base::Expected<AddedContact, PersonError> Node::add(std::string_view link_text,
                                                    std::string_view name, base::Time now,
                                                    WallTime wall, bool replace) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  std::vector<wire::DeliveryTag> fresh;
  auto added =
      impl_->person->meeting.add({.link = link_text, .name = name, .replace = replace},
                                 impl_->router, now, wall.unix_s, fresh);
  impl_->person->inbox.learn(fresh);
  impl_->settle(now);
  return added;
}

base::Expected<ContactRecord, PersonError> Node::verify(std::string_view contact,
                                                        std::string_view safety_number) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->meeting.verify(contact, safety_number);
}

base::Expected<ContactRecord, PersonError> Node::unverify(std::string_view contact) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->meeting.unverify(contact);
}

base::Expected<PairingInfo, PersonError> Node::start_pairing(std::string_view name,
                                                             base::Time now) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  const Person& person = *impl_->person;
  if (!person.meeting.owner()) return base::unexpected(PersonError::no_identity);
  if (!name.empty() && !is_valid_name(name)) return base::unexpected(PersonError::bad_name);
  if (person.contacts.find_name(name)) return base::unexpected(PersonError::name_taken);
  if (person.contacts.size() >= ContactBook::kContactsMax)
    return base::unexpected(PersonError::store_full);
  impl_->pairings.start(name, impl_->links.carrying(), now);
  impl_->settle(now);
  return pairing(now);
}

PairingInfo Node::pairing(base::Time now) const {
  return impl_->pairings.info(now);
}

base::Expected<PairingInfo, PersonError> Node::confirm_pairing(std::uint32_t peer, base::Time now) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  if (const auto done = impl_->pairings.confirm(peer); !done) return base::unexpected(done.error());
  impl_->settle(now);
  return pairing(now);
}

base::Expected<PairingInfo, PersonError> Node::confirm_pairing(std::string_view words,
                                                               base::Time now) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  const auto done = impl_->pairings.confirm_words(words);
  if (!done) return base::unexpected(done.error());
  impl_->settle(now);
  return pairing(now);
}

base::Expected<PairingInfo, PersonError> Node::cancel_pairing(base::Time now) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  impl_->pairings.stop(PairingEnd::cancelled);
  impl_->settle(now);
  return pairing(now);
}

std::vector<ContactRecord> Node::contacts() const {
  std::vector<ContactRecord> out;
  if (!impl_->person) return out;
  const ContactBook& contacts = impl_->person->contacts;
  out.reserve(contacts.size());
  for (std::uint32_t index = 0; index < contacts.size(); ++index)
    out.push_back(contacts.shown(index));
  std::sort(out.begin(), out.end(),
            [](const ContactRecord& a, const ContactRecord& b) { return a.name < b.name; });
  return out;
}

std::optional<ContactRecord> Node::find_contact(std::string_view name) const {
  if (!impl_->person) return std::nullopt;
  const auto index = impl_->person->contacts.find_name(name);
  if (!index) return std::nullopt;
  return impl_->person->contacts.shown(*index);
}

base::Expected<MessageRecord, PersonError> Node::send(std::string_view contact,
                                                      std::string_view text,
                                                      const SendOptions& options, base::Time now,
                                                      WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  Person& person = *impl_->person;
  if (!person.meeting.owner()) return base::unexpected(PersonError::no_identity);
  if (const auto index = person.contacts.find_name(contact)) {
    std::vector<wire::DeliveryTag> fresh;
    person.meeting.healing().before_writing(*index, impl_->router, now, fresh);
    person.inbox.learn(fresh);
  }
  auto sent = person.conversation.send(contact, text, options, impl_->router, now, wall);
  impl_->settle(now);
  return sent;
}

base::Expected<ContactRecord, PersonError> Node::heal(std::string_view contact, base::Time now) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  std::vector<wire::DeliveryTag> fresh;
  auto healed = impl_->person->meeting.healing().heal(contact, impl_->router, now, fresh);
  impl_->person->inbox.learn(fresh);
  impl_->settle(now);
  return healed;
}

base::Expected<MessageRecord, PersonError> Node::react(MessageId message,
                                                       std::string_view reaction, base::Time now,
                                                       WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->conversation.react(message, reaction, impl_->router, now, wall);
}

base::Expected<MessageRecord, PersonError> Node::take_back(MessageId message, base::Time now,
                                                           WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->conversation.take_back(message, impl_->router, now, wall);
}

base::Expected<void, PersonError> Node::erase(MessageId message) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->conversation.erase(message);
}

base::Expected<std::size_t, PersonError> Node::mark_read(const std::vector<MessageId>& messages,
                                                         base::Time now, WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->conversation.mark_read(messages, impl_->router, now, wall);
}

Settings Node::settings() const {
  return impl_->person ? impl_->person->conversation.settings() : Settings{};
}

base::Expected<void, PersonError> Node::set_settings(const Settings& settings) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  impl_->person->conversation.set_settings(settings);
  return {};
}

base::Expected<void, PersonError> Node::rename(std::string_view name, base::Time now,
                                               WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  Person& person = *impl_->person;
  if (auto renamed = person.meeting.rename_owner(name); !renamed) return renamed;
  person.conversation.tell_name(name, impl_->router, now, wall);
  return {};
}

base::Expected<ContactRecord, PersonError> Node::set_blocked(std::string_view contact,
                                                             bool blocked, base::Time now) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  Person& person = *impl_->person;
  const auto index = person.contacts.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  person.contacts.set_blocked(*index, blocked);
  impl_->context.dirty = true;
  // What came meanwhile was carried, and is still here when it has not grown old.
  if (!blocked) {
    person.inbox.learn(person.contacts.expected_tags(*index));
    person.inbox.learn(person.files.receiver().tags_of(person.contacts.at(*index).record.id));
  }
  impl_->settle(now);
  return person.contacts.shown(*index);
}

base::Expected<ContactRecord, PersonError> Node::accept_change(std::string_view contact) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->meeting.accept_change(contact);
}

base::Expected<std::unique_ptr<FileIntake>, PersonError> Node::begin_file(
    std::string_view contact, const FileOffer& offer, const SendOptions& options) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  Person& person = *impl_->person;
  if (!person.meeting.owner()) return base::unexpected(PersonError::no_identity);
  const auto index = person.contacts.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  if (const auto why = person.contacts.refuses_writing(*index)) return base::unexpected(*why);
  const auto lifetime_s = lifetime_class(options.lifetime_s);
  if (!lifetime_s) return base::unexpected(PersonError::bad_lifetime);
  return person.files.begin(offer, *lifetime_s, options.priority);
}

base::Expected<MessageRecord, PersonError> Node::send_file(std::string_view contact,
                                                           FileIntake& intake,
                                                           const SendOptions& options,
                                                           base::Time now, WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  Person& person = *impl_->person;
  if (!person.meeting.owner()) return base::unexpected(PersonError::no_identity);
  return person.conversation.send_file(contact, intake, options, impl_->router, now, wall);
}

std::vector<FileInfo> Node::files() const {
  if (!impl_->person) return {};
  return impl_->person->files.list();
}

std::optional<FileInfo> Node::find_file(MessageId message) const {
  if (!impl_->person) return std::nullopt;
  return impl_->person->files.find(message);
}

base::Expected<void, PersonError> Node::remove_file(MessageId message) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->files.remove(message);
}

base::Expected<std::unique_ptr<FileReader>, PersonError> Node::open_file(
    MessageId message) const {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  return impl_->person->files.open(message);
}

void Node::file_is_wrong(MessageId message) {
  if (impl_->person) impl_->person->files.is_wrong(message);
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
