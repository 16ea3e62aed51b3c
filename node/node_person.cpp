// SPDX-License-Identifier: Apache-2.0
// What the node's person does: meets people, writes, sends files.
#include <algorithm>

#include "node/node_impl.hpp"

namespace chaski::node {

base::Expected<e2ee::IdentityPublic, PersonError> Node::create_identity(std::string_view name) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  auto made = impl_->person->meeting.create_identity(name);
  if (made) impl_->person->inbox.learn({e2ee::published_card_tag()});  // some may be here already
  return made;
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
  const Resident& person = *impl_->person;
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
  Resident& person = *impl_->person;
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
  Resident& person = *impl_->person;
  if (auto renamed = person.meeting.rename_owner(name); !renamed) return renamed;
  person.conversation.tell_name(name, impl_->router, now, wall);
  return {};
}

base::Expected<ContactRecord, PersonError> Node::set_blocked(std::string_view contact,
                                                             bool blocked, base::Time now) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  Resident& person = *impl_->person;
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
  Resident& person = *impl_->person;
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
  Resident& person = *impl_->person;
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

}  // namespace chaski::node
