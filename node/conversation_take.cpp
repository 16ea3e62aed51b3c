// SPDX-License-Identifier: Apache-2.0
// What came, kind by kind.
#include <algorithm>

#include "node/conversation.hpp"
#include "node/text.hpp"

namespace chaski::node {

using e2ee::ContentKind;

void Conversation::take(std::uint32_t contact, const wire::EnvelopeId& id,
                        const wire::EnvelopeFields& envelope, const wire::CarryState& state,
                        const e2ee::Content& content, base::Time now) {
  switch (content.kind) {
    case ContentKind::text:
      keep(contact, id, envelope, state, content, base::as_text(content.payload), now);
      break;
    case ContentKind::file:
      if (const auto manifest = attachment::decode_manifest(content.payload)) {
        const auto message = keep(contact, id, envelope, state, content, manifest->name, now);
        if (message) files_.arrived(*message, content.payload, now);
      }
      break;
    case ContentKind::reaction:
      if (content.about && is_valid_reaction(base::as_text(content.payload))) {
        keep(contact, id, envelope, state, content, base::as_text(content.payload), now);
      }
      break;
    case ContentKind::deletion:
      take_deletion(contact, content, now);
      break;
    case ContentKind::read:
      take_read(contact, content, now);
      break;
    case ContentKind::profile:
      take_profile(contact, content);
      break;
    case ContentKind::prekeys:
    case ContentKind::introduction:
      break;
  }
  if (deletions_.save_if_changed()) context_.dirty = true;
}

std::optional<MessageRecord> Conversation::keep(
    std::uint32_t contact, const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
    const wire::CarryState& state, const e2ee::Content& content, std::string_view text,
    base::Time now) {
  const e2ee::PersonId& sender = contacts_.at(contact).record.id;
  if (deletions_.take(sender, id)) return std::nullopt;  // taken back before it came
  MessageRecord message{.id = 0,
                        .contact = sender,
                        .direction = Direction::incoming,
                        .state = MessageState::received,
                        .kind = content.kind,
                        .envelope = id,
                        .about = content.about,
                        .text = repaired_utf8(text),
                        .sent_unix_s = content.sent_at_unix_s,
                        .received_unix_s = context_.wall.unix_s,
                        .lifetime_s = envelope.lifetime_s,
                        .age_ms = state.age_ms,
                        .disappears_after_s = content.disappears_after_s};
  message.id = context_.people().add_message(message);
  messenger_.life(message.id, "received", {}, now);
  context_.events.message_changed(message.id);
  return message;
}

void Conversation::take_deletion(std::uint32_t contact, const e2ee::Content& content,
                                 base::Time now) {
  if (!content.about) return;
  deletions_.add(contacts_.at(contact).record.id, *content.about, now);
  seek_deleted(deletions_.waiting().back(), now);
}

void Conversation::take_read(std::uint32_t contact, const e2ee::Content& content,
                             base::Time now) {
  constexpr std::size_t kIdSize = wire::EnvelopeId::kSize;
  const e2ee::PersonId& reader = contacts_.at(contact).record.id;
  std::vector<wire::EnvelopeId> delivered;
  base::ByteView rest(content.payload);
  for (std::size_t i = 0; i < kReadIdsMax && rest.size() >= kIdSize; ++i) {
    const auto id = *wire::EnvelopeId::from(rest.first(kIdSize));
    rest = rest.subspan(kIdSize);
    const auto message = context_.people().find_outgoing(id);
    if (!message) {
      delivered.push_back(id);
    } else if (message->contact == reader) {
      was_read(*message, now);
    }
  }
  seeker_.add(ThreadSeeker::Purpose::read, reader, std::move(delivered), kReadSearchMax, now);
}

void Conversation::was_read(const MessageRecord& message, base::Time now) {
  if (message.direction != Direction::outgoing || message.state == MessageState::read ||
      message.state == MessageState::deleted) {
    return;
  }
  context_.people().set_message_state(message.id, MessageState::read, context_.wall.unix_s);
  messenger_.closed(message.envelope, MessageState::read);
  messenger_.life(message.id, "read", {}, now);
  context_.events.message_changed(message.id);
  context_.dirty = true;
}

/// A message that a contact spoke of: found in the conversation with them.
void Conversation::found(const ThreadSeeker::Found& found, base::Time now) {
  const auto message = context_.people().find_message(found.message);
  if (!message || message->state == MessageState::deleted) return;
  if (found.purpose == ThreadSeeker::Purpose::read) return was_read(*message, now);
  // Whoever is not its author has no say, and no second try.
  deletions_.take(message->contact, message->envelope);
  if (message->direction == Direction::incoming) erase_known(*message);
}

void Conversation::take_profile(std::uint32_t contact, const e2ee::Content& content) {
  const std::string_view name = base::as_text(content.payload);
  // What they call themselves is shown beside the name that the person gave them, never in its
  // place.
  if (!is_valid_name(name) || contacts_.at(contact).record.own_name == name) return;
  contacts_.set_own_name(contact, name);
  context_.events.contact_changed(contacts_.shown(contact));
}

std::optional<base::Time> Conversation::next_wakeup() const {
  const auto vanishing = vanishing_.next();
  const auto search = seeker_.next_wakeup();
  if (!vanishing || !search) return vanishing ? vanishing : search;
  return std::min(*vanishing, *search);
}

void Conversation::wake(base::Time now) {
  for (const MessageId id : vanishing_.due(now)) {
    if (const auto message = context_.people().find_message(id)) erase_known(*message);
  }
  for (const ThreadSeeker::Found& one : seeker_.wake(now)) found(one, now);
  deletions_.expire(now);
  if (deletions_.save_if_changed()) context_.dirty = true;
}

}  // namespace chaski::node
