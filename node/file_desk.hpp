// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "node/file_intake.hpp"
#include "node/file_reader.hpp"
#include "node/file_receiver.hpp"
#include "node/file_sender.hpp"
#include "node/waiting_files.hpp"

namespace chaski::node {

/// The files of a person, both ways, named by the messages that told of them.
class FileDesk {
 public:
  /// Files that are kept account of; of more than that, ended ones are forgotten, the oldest first,
  /// and when there are none the new one is not taken.
  static constexpr std::size_t kRecordsMax = 4'096;

  FileDesk(Context& context, ContactBook& contacts)
      : context_(context), sender_(context), receiver_(context, contacts) {}

  /// At start: reads all; the tags that are waited for are appended to `fresh`.
  void load(std::vector<wire::DeliveryTag>& fresh);
  /// Then: the chunks that were written here and are held (FileSender::resume()).
  std::vector<wire::EnvelopeId> resume(const EndedUnseen& ended, base::Time now) {
    return sender_.resume(ended, now);
  }

  base::Expected<std::unique_ptr<FileIntake>, PersonError> begin(const FileOffer& offer,
                                                                 std::uint32_t lifetime_s,
                                                                 wire::Priority priority);
  /// A message with the manifest of what was taken in is under way.
  void sent(FileIntake& intake, const MessageRecord& message, base::Time now);
  /// A message with a manifest came.
  void arrived(const MessageRecord& message, base::ByteView manifest, base::Time now);

  std::vector<FileInfo> list() const;
  std::optional<FileInfo> find(MessageId message) const;
  /// Ends it, if it is under way, and forgets it with what is here of it.
  base::Expected<void, PersonError> remove(MessageId message);
  base::Expected<std::unique_ptr<FileReader>, PersonError> open(MessageId message) const;
  void is_wrong(MessageId message);

  FileReceiver& receiver() { return receiver_; }
  void on_router_event(const mesh_router::RouterEvent& event, base::Time now) {
    sender_.on_router_event(event, now);
  }
  void save_dirty();
  std::optional<base::Time> next_wakeup() const;
  /// Tags that became known are appended to `fresh`.
  void wake(mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh);

 private:
  const FileTransfer* transfer_of(MessageId message) const;
  const FileRecord* waiting_of(MessageId message) const;
  /// Files that waited come now, if there is room.
  void start_waiting(std::vector<wire::DeliveryTag>& fresh);
  void end_waiting(base::Time now);
  bool make_room();
  void forget(FileNumber number);

  Context& context_;
  FileSender sender_;
  FileReceiver receiver_;
  WaitingFiles waiting_;
  std::uint64_t seen_ended_ = 0;  ///< FileReceiver::ended() when it was looked who may come
  std::optional<base::Time> waiting_end_;  ///< of the one that waits and ends first
  std::map<MessageId, FileNumber> number_of_;
  std::vector<wire::DeliveryTag> fresh_;  ///< of files that were told of since the last wake()
};

}  // namespace chaski::node
