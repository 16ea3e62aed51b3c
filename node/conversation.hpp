// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/deletions.hpp"
#include "node/file_desk.hpp"
#include "node/messenger.hpp"
#include "node/thread_seeker.hpp"
#include "node/vanishing.hpp"

namespace chaski::node {

/// What people say to each other, kind by kind: what is written, and what came.
///
/// Rules: (1) every kind goes through Messenger, and so through the one gate of ContactBook.
/// (2) what cannot be understood is dropped without a word: it was authentic, and its receipt goes
/// out. (3) a message is named by its envelope, which both ends know, and found little by little:
/// ThreadSeeker. (4) only who wrote a message can take it back, and only its reader has read it.
class Conversation {
 public:
  /// Messages that one read receipt names.
  static constexpr std::size_t kReadIdsMax = 64;
  /// Messages looked through for those that a read receipt names.
  static constexpr std::size_t kReadSearchMax = 2'000;
  /// How long what is not a message of the person's own may travel.
  static constexpr std::uint32_t kQuietLifetime_s = 7 * 24 * 3600;

  Conversation(Context& context, ContactBook& contacts, Messenger& messenger, FileDesk& files);

  // What is written. Each gives the message that stands for it, where there is one.
  base::Expected<MessageRecord, PersonError> send(std::string_view contact, std::string_view text,
                                                  const SendOptions& options,
                                                  mesh_router::Router& router, base::Time now,
                                                  WallTime wall);
  /// Tells of a file that was taken in; it goes from then on.
  base::Expected<MessageRecord, PersonError> send_file(std::string_view contact,
                                                       FileIntake& intake,
                                                       const SendOptions& options,
                                                       mesh_router::Router& router,
                                                       base::Time now, WallTime wall);
  base::Expected<MessageRecord, PersonError> react(MessageId message, std::string_view reaction,
                                                   mesh_router::Router& router, base::Time now,
                                                   WallTime wall);
  /// Takes back what was written here: it is erased, and the contact is asked to erase it.
  base::Expected<MessageRecord, PersonError> take_back(MessageId message,
                                                       mesh_router::Router& router,
                                                       base::Time now, WallTime wall);
  /// Erases a message here alone.
  base::Expected<void, PersonError> erase(MessageId message);
  /// The person has seen these: timers start, and senders are told when the person wants that.
  /// Gives how many were new.
  std::size_t mark_read(const std::vector<MessageId>& messages, mesh_router::Router& router,
                        base::Time now, WallTime wall);
  /// Tells every contact what the person is called now.
  void tell_name(std::string_view name, mesh_router::Router& router, base::Time now,
                 WallTime wall);

  const Settings& settings() const { return settings_; }
  void set_settings(const Settings& settings);

  /// What a contact said; it has opened. One place for all kinds.
  void take(std::uint32_t contact, const wire::EnvelopeId& id,
            const wire::EnvelopeFields& envelope, const wire::CarryState& state,
            const e2ee::Content& content, base::Time now);

  std::optional<base::Time> next_wakeup() const;
  void wake(base::Time now);

 private:
  base::Expected<MessageRecord, PersonError> write(std::uint32_t contact,
                                                   const e2ee::Content& content,
                                                   std::string_view text,
                                                   const SendOptions& options,
                                                   mesh_router::Router& router, base::Time now);
  /// The message that is replied to, if any; it must be one with this contact.
  base::Expected<std::optional<wire::EnvelopeId>, PersonError> answered_by(
      const SendOptions& options, std::uint32_t contact);
  /// What is still there of a message, with its contact's index.
  struct Known {
    MessageRecord message;
    std::uint32_t contact;
  };
  base::Expected<Known, PersonError> known(MessageId message);
  void tell_read(std::uint32_t contact, const std::vector<wire::EnvelopeId>& read,
                 mesh_router::Router& router, base::Time now, WallTime wall);
  void erase_known(const MessageRecord& message);
  void seek_deleted(const Deletions::Waiting& one, base::Time now);

  /// Nothing when it was taken back before it came.
  std::optional<MessageRecord> keep(std::uint32_t contact, const wire::EnvelopeId& id,
                                    const wire::EnvelopeFields& envelope,
                                    const wire::CarryState& state, const e2ee::Content& content,
                                    std::string_view text, base::Time now);
  void take_deletion(std::uint32_t contact, const e2ee::Content& content, base::Time now);
  void take_read(std::uint32_t contact, const e2ee::Content& content, base::Time now);
  void was_read(const MessageRecord& message, base::Time now);
  void found(const ThreadSeeker::Found& found, base::Time now);
  void take_profile(std::uint32_t contact, const e2ee::Content& content);

  Context& context_;
  ContactBook& contacts_;
  Messenger& messenger_;
  FileDesk& files_;
  Vanishing vanishing_;
  Deletions deletions_;
  ThreadSeeker seeker_;
  Settings settings_;
};

}  // namespace chaski::node
