// SPDX-License-Identifier: Apache-2.0
// What is written: see conversation_take.cpp for what came.
#include "node/conversation.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "node/keeping.hpp"
#include "node/origin.hpp"
#include "node/text.hpp"

namespace chaski::node {
namespace {

base::Bytes payload_of(std::string_view text) {
  const base::ByteView bytes = base::as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Conversation::Conversation(Context& context, ContactBook& contacts, Messenger& messenger,
                           FileDesk& files)
    : context_(context),
      contacts_(contacts),
      messenger_(messenger),
      files_(files),
      vanishing_(context.people()),
      deletions_(context.people()),
      seeker_(context.people()),
      settings_(load_settings(context.people())) {
  // What was being searched for before the start is searched for once more.
  for (const Deletions::Waiting& one : deletions_.waiting()) seek_deleted(one, base::Time{});
}

void Conversation::seek_deleted(const Deletions::Waiting& one, base::Time now) {
  seeker_.add(ThreadSeeker::Purpose::erase, one.contact, {one.envelope},
              std::numeric_limits<std::size_t>::max(), now);
}

base::Expected<Conversation::Known, PersonError> Conversation::known(MessageId message) {
  auto found = context_.people().find_message(message);
  if (!found || found->state == MessageState::deleted || found->envelope.is_zero()) {
    return base::unexpected(PersonError::unknown_message);
  }
  const auto index = contacts_.find_id(found->contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  return Known{std::move(*found), *index};
}

base::Expected<MessageRecord, PersonError> Conversation::write(std::uint32_t contact,
                                                               const e2ee::Content& content,
                                                               std::string_view text,
                                                               const SendOptions& options,
                                                               mesh_router::Router& router,
                                                               base::Time now) {
  const auto envelope = messenger_.seal_and_submit(contact, content, options.lifetime_s,
                                                   options.priority, router, now);
  if (!envelope) return base::unexpected(envelope.error());
  MessageRecord message{.id = 0,
                        .contact = contacts_.at(contact).record.id,
                        .direction = Direction::outgoing,
                        .state = MessageState::accepted,
                        .kind = content.kind,
                        .envelope = *envelope,
                        .about = content.about,
                        .text = std::string(text),
                        .sent_unix_s = content.sent_at_unix_s,
                        .lifetime_s = *lifetime_class(options.lifetime_s),
                        .age_ms = 0,
                        .disappears_after_s = content.disappears_after_s};
  message.id = context_.people().add_message(message);
  messenger_.follow(message.id, *envelope, now);
  contacts_.wrote(contact, message.lifetime_s, now);
  if (content.disappears_after_s != 0) {
    vanishing_.start(message.id, content.disappears_after_s, now);
  }
  return message;
}

base::Expected<MessageRecord, PersonError> Conversation::send(std::string_view contact,
                                                              std::string_view text,
                                                              const SendOptions& options,
                                                              mesh_router::Router& router,
                                                              base::Time now, WallTime wall) {
  const auto index = contacts_.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  if (const auto why = contacts_.refuses_writing(*index)) return base::unexpected(*why);
  if (text.empty()) return base::unexpected(PersonError::empty_text);
  if (text.size() > e2ee::kPayloadSizeMax) return base::unexpected(PersonError::text_too_long);
  e2ee::Content content{.kind = e2ee::ContentKind::text,
                        .token = {},
                        .sent_at_unix_s = wall.unix_s,
                        .disappears_after_s = options.disappears_after_s,
                        .payload = payload_of(text)};
  const auto about = answered_by(options, *index);
  if (!about) return base::unexpected(about.error());
  content.about = *about;
  return write(*index, content, text, options, router, now);
}

base::Expected<std::optional<wire::EnvelopeId>, PersonError> Conversation::answered_by(
    const SendOptions& options, std::uint32_t contact) {
  if (options.reply_to == 0) return std::nullopt;
  const auto answered = known(options.reply_to);
  if (!answered) return base::unexpected(answered.error());
  if (answered->contact != contact) return base::unexpected(PersonError::unknown_message);
  return answered->message.envelope;
}

base::Expected<MessageRecord, PersonError> Conversation::send_file(
    std::string_view contact, FileIntake& intake, const SendOptions& options,
    mesh_router::Router& router, base::Time now, WallTime wall) {
  const auto index = contacts_.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  if (!intake.finish()) return base::unexpected(PersonError::file_incomplete);
  const auto about = answered_by(options, *index);
  if (!about) return base::unexpected(about.error());
  const attachment::Manifest& manifest = intake.manifest();
  const e2ee::Content content{.kind = e2ee::ContentKind::file,
                              .token = {},
                              .sent_at_unix_s = wall.unix_s,
                              .about = *about,
                              .disappears_after_s = options.disappears_after_s,
                              .payload = attachment::encode_manifest(manifest)};
  auto message = write(*index, content, manifest.name, options, router, now);
  if (message) files_.sent(intake, *message, now);
  return message;
}

base::Expected<MessageRecord, PersonError> Conversation::react(MessageId message,
                                                               std::string_view reaction,
                                                               mesh_router::Router& router,
                                                               base::Time now, WallTime wall) {
  if (!is_valid_reaction(reaction)) return base::unexpected(PersonError::bad_reaction);
  const auto target = known(message);
  if (!target) return base::unexpected(target.error());
  const e2ee::Content content{.kind = e2ee::ContentKind::reaction,
                              .token = {},
                              .sent_at_unix_s = wall.unix_s,
                              .about = target->message.envelope,
                              .payload = payload_of(reaction)};
  return write(target->contact, content, reaction, {}, router, now);
}

base::Expected<MessageRecord, PersonError> Conversation::take_back(MessageId message,
                                                                   mesh_router::Router& router,
                                                                   base::Time now,
                                                                   WallTime wall) {
  const auto target = known(message);
  if (!target) return base::unexpected(target.error());
  if (target->message.direction != Direction::outgoing) {
    return base::unexpected(PersonError::not_yours);
  }
  const e2ee::Content content{.kind = e2ee::ContentKind::deletion,
                              .token = {},
                              .sent_at_unix_s = wall.unix_s,
                              .about = target->message.envelope};
  // As long as the message itself may be on its way, so that it does not come after.
  const SendOptions options{.lifetime_s = std::max(kQuietLifetime_s, target->message.lifetime_s)};
  auto written = write(target->contact, content, {}, options, router, now);
  if (written) erase_known(target->message);
  return written;
}

base::Expected<void, PersonError> Conversation::erase(MessageId message) {
  const auto target = known(message);
  if (!target) return base::unexpected(target.error());
  erase_known(target->message);
  return {};
}

void Conversation::erase_known(const MessageRecord& message) {
  vanishing_.forget(message.id);
  (void)files_.remove(message.id);  // of most messages there is none
  messenger_.closed(message.envelope, MessageState::deleted);
  context_.people().erase_message(message.id);
  context_.events.message_changed(message.id);
  context_.dirty = true;
}

std::size_t Conversation::mark_read(const std::vector<MessageId>& messages,
                                    mesh_router::Router& router, base::Time now, WallTime wall) {
  std::map<std::uint32_t, std::vector<wire::EnvelopeId>> read;
  std::size_t count = 0;
  for (const MessageId id : messages) {
    const auto one = known(id);
    if (!one || one->message.state != MessageState::received) continue;
    context_.people().set_message_state(id, MessageState::read, wall.unix_s);
    if (one->message.disappears_after_s != 0) {
      vanishing_.start(id, one->message.disappears_after_s, now);
    }
    context_.events.message_changed(id);
    context_.dirty = true;
    read[one->contact].push_back(one->message.envelope);
    ++count;
  }
  if (!settings_.read_receipts) return count;
  for (const auto& [contact, ids] : read) tell_read(contact, ids, router, now, wall);
  return count;
}

void Conversation::tell_read(std::uint32_t contact, const std::vector<wire::EnvelopeId>& read,
                             mesh_router::Router& router, base::Time now, WallTime wall) {
  for (std::size_t first = 0; first < read.size(); first += kReadIdsMax) {
    e2ee::Content content{
        .kind = e2ee::ContentKind::read, .token = {}, .sent_at_unix_s = wall.unix_s};
    const std::size_t end = std::min(read.size(), first + kReadIdsMax);
    for (std::size_t i = first; i < end; ++i) {
      content.payload.insert(content.payload.end(), read[i].bytes.begin(), read[i].bytes.end());
    }
    // It is a courtesy: where it cannot go out, nobody is told.
    (void)messenger_.seal_and_submit(contact, content, kQuietLifetime_s, wire::Priority::bulk,
                                     router, now);
  }
}

void Conversation::tell_name(std::string_view name, mesh_router::Router& router, base::Time now,
                             WallTime wall) {
  const e2ee::Content content{.kind = e2ee::ContentKind::profile,
                              .token = {},
                              .sent_at_unix_s = wall.unix_s,
                              .payload = payload_of(name)};
  for (std::uint32_t contact = 0; contact < contacts_.size(); ++contact) {
    (void)messenger_.seal_and_submit(contact, content, kQuietLifetime_s, wire::Priority::bulk,
                                     router, now);
  }
}

void Conversation::set_settings(const Settings& settings) {
  settings_ = settings;
  save_settings(context_.people(), settings_);
  context_.dirty = true;
}

}  // namespace chaski::node
