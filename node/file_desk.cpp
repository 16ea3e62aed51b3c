// SPDX-License-Identifier: Apache-2.0
#include "node/file_desk.hpp"

#include <algorithm>

namespace chaski::node {
namespace {

/// An incoming file is waited for as long as chunks of it may be under way: its sender makes them
/// for one lifetime, and each lives for one.
base::Time incoming_ends(const attachment::Manifest& manifest, std::uint64_t age_ms,
                         base::Time now) {
  const base::Duration whole = 2 * std::chrono::seconds(manifest.lifetime_s);
  return now + std::max<base::Duration>(base::Duration::zero(),
                                        whole - std::chrono::milliseconds(age_ms));
}

}  // namespace

void FileDesk::load(std::vector<wire::DeliveryTag>& fresh) {
  FileStore& files = context_.store.files();
  std::vector<FileRecord> records;
  files.for_each([&](const FileRecord& record) { records.push_back(record); });
  for (const FileRecord& record : records) {
    const bool incoming = record.direction == Direction::incoming;
    if (incoming && record.state == FileState::under_way && !receiver_.has_room(record.contact)) {
      number_of_[record.message] = record.number;
      waiting_.add(record);
      continue;
    }
    auto transfer = FileTransfer::load(record, files);
    if (!transfer) continue;  // a row that the vault gives and nobody wrote
    number_of_[record.message] = record.number;
    const bool has_pieces =
        record.state == FileState::under_way || record.state == FileState::whole;
    // A crash may have come between the commit that ended it and the removal of its pieces.
    if (!has_pieces) files.erase_pieces(record.number);
    if (record.direction == Direction::outgoing) {
      sender_.load(*std::move(transfer));
    } else {
      receiver_.load(*std::move(transfer), fresh);
    }
  }
  waiting_end_ = waiting_.first_end();
}

const FileRecord* FileDesk::waiting_of(MessageId message) const {
  const auto number = number_of_.find(message);
  return number == number_of_.end() ? nullptr : waiting_.find(number->second);
}

const FileTransfer* FileDesk::transfer_of(MessageId message) const {
  const auto number = number_of_.find(message);
  if (number == number_of_.end()) return nullptr;
  const FileTransfer* const out = sender_.find(number->second);
  return out != nullptr ? out : receiver_.find(number->second);
}

void FileDesk::forget(FileNumber number) {
  if (!sender_.remove(number) && !waiting_.remove(number)) receiver_.remove(number);
  std::erase_if(number_of_, [number](const auto& entry) { return entry.second == number; });
  context_.store.files().erase(number);
  context_.dirty = true;
}

bool FileDesk::make_room() {
  if (number_of_.size() < kRecordsMax) return true;
  for (const auto& [message, number] : number_of_) {
    const FileRecord* const waits = waiting_.find(number);
    const FileState state = waits != nullptr ? waits->state : transfer_of(message)->record.state;
    if (state == FileState::under_way || state == FileState::whole) continue;
    forget(number);
    return true;
  }
  return false;
}

base::Expected<std::unique_ptr<FileIntake>, PersonError> FileDesk::begin(
    const FileOffer& offer, std::uint32_t lifetime_s, wire::Priority priority) {
  if (!attachment::is_valid_file_name(offer.name) ||
      !attachment::is_valid_media_type(offer.media_type)) {
    return base::unexpected(PersonError::bad_file_name);
  }
  const auto plan = attachment::ChunkPlan::choose(offer.size);
  if (!plan) return base::unexpected(PersonError::file_too_large);
  const std::uint64_t copy =
      plan->data_chunks() * std::uint64_t{plan->chunk_size() + attachment::kCopyTagSize};
  if (!sender_.has_room() || !context_.store.files().has_room(copy)) {
    return base::unexpected(PersonError::no_room_for_file);
  }
  attachment::Manifest manifest;
  manifest.plan = *plan;
  manifest.lifetime_s = lifetime_s;
  manifest.priority = priority;
  manifest.name = offer.name;
  manifest.media_type = offer.media_type;
  return std::make_unique<FileIntake>(context_.store.files(), context_.random, manifest);
}

void FileDesk::sent(FileIntake& intake, const MessageRecord& message, base::Time now) {
  const base::ByteView key = intake.copy_key().view();
  const attachment::Manifest& manifest = intake.manifest();
  FileTransfer transfer({.number = intake.number(),
                         .message = message.id,
                         .contact = message.contact,
                         .direction = Direction::outgoing,
                         .state = FileState::under_way,
                         .ends = now + std::chrono::seconds(manifest.lifetime_s),
                         .next_group = 0,
                         .next_row = 0,
                         .parity_groups = 0,
                         .copy_key = base::Bytes(key.begin(), key.end()),
                         .manifest = attachment::encode_manifest(manifest)},
                        manifest);
  make_room();
  number_of_[message.id] = transfer.record.number;
  context_.store.files().save(transfer.record);
  intake.release();
  context_.dirty = true;
  context_.events.file_changed(message.id);
  sender_.add(std::move(transfer), now);
}

void FileDesk::arrived(const MessageRecord& message, base::ByteView bytes, base::Time now) {
  const auto manifest = attachment::decode_manifest(bytes);
  // Who waits comes first.
  if (waiting_end_ && receiver_.ended() != seen_ended_) start_waiting(fresh_);
  const bool comes = receiver_.has_room(message.contact);
  if (!manifest || (!comes && !waiting_.may_wait(message.contact)) || !make_room()) return;
  base::Bytes key(attachment::CopyKey::kSize);
  context_.random.fill(key);
  FileRecord record{.number = context_.store.files().new_number(),
                    .message = message.id,
                    .contact = message.contact,
                    .direction = Direction::incoming,
                    .state = FileState::under_way,
                    .ends = incoming_ends(*manifest, message.age_ms, now),
                    .next_group = 0,
                    .next_row = 0,
                    .parity_groups = 0,
                    .copy_key = std::move(key),
                    .manifest = base::Bytes(bytes.begin(), bytes.end())};
  number_of_[message.id] = record.number;
  context_.events.file_changed(message.id);
  if (comes) return receiver_.add(FileTransfer(std::move(record), *manifest), fresh_);
  context_.store.files().save(record);
  context_.dirty = true;
  waiting_.add(record);
  waiting_end_ = waiting_.first_end();
}

void FileDesk::start_waiting(std::vector<wire::DeliveryTag>& fresh) {
  seen_ended_ = receiver_.ended();
  while (auto record = waiting_.next(receiver_)) {
    auto transfer = FileTransfer::load(*record, context_.store.files());
    if (!transfer) continue;  // a row that the vault gives and nobody wrote
    context_.events.file_changed(record->message);
    receiver_.add(*std::move(transfer), fresh);
  }
  waiting_end_ = waiting_.first_end();
}

void FileDesk::end_waiting(base::Time now) {
  for (const FileRecord& record : waiting_.end(now)) {
    context_.store.files().save(record);
    // Of one that had begun before a restart something may be here.
    context_.store.files().erase_pieces(record.number);
    context_.dirty = true;
    context_.events.file_changed(record.message);
  }
  waiting_end_ = waiting_.first_end();
}

std::vector<FileInfo> FileDesk::list() const {
  std::vector<FileInfo> out;
  sender_.for_each([&](const FileTransfer& file) { out.push_back(file.info()); });
  receiver_.for_each([&](const FileTransfer& file, bool waits) {
    out.push_back(file.info());
    out.back().waits_for_room = waits;
  });
  for (FileInfo& info : waiting_.infos()) out.push_back(std::move(info));
  std::sort(out.begin(), out.end(),
            [](const FileInfo& a, const FileInfo& b) { return a.message < b.message; });
  return out;
}

std::optional<FileInfo> FileDesk::find(MessageId message) const {
  if (const FileRecord* const waits = waiting_of(message)) return WaitingFiles::info(*waits);
  const FileTransfer* const file = transfer_of(message);
  if (file == nullptr) return std::nullopt;
  return file->info();
}

base::Expected<void, PersonError> FileDesk::remove(MessageId message) {
  const auto number = number_of_.find(message);
  if (number == number_of_.end()) return base::unexpected(PersonError::unknown_file);
  forget(number->second);
  return {};
}

base::Expected<std::unique_ptr<FileReader>, PersonError> FileDesk::open(MessageId message) const {
  if (waiting_of(message) != nullptr) return base::unexpected(PersonError::file_not_here);
  const FileTransfer* const file = transfer_of(message);
  if (file == nullptr || file->record.direction == Direction::outgoing) {
    return base::unexpected(PersonError::unknown_file);
  }
  if (file->record.state != FileState::whole) return base::unexpected(PersonError::file_not_here);
  return std::make_unique<FileReader>(context_.store.files(), file->record, file->manifest);
}

void FileDesk::is_wrong(MessageId message) {
  const auto number = number_of_.find(message);
  if (number != number_of_.end()) receiver_.is_wrong(number->second);
}

void FileDesk::save_dirty() {
  sender_.save_dirty();
  receiver_.save_dirty();
}

std::optional<base::Time> FileDesk::next_wakeup() const {
  if (!fresh_.empty()) return base::Time{};
  if (waiting_end_ && receiver_.ended() != seen_ended_) return base::Time{};
  std::optional<base::Time> first = waiting_end_;
  for (const auto& at : {sender_.next_wakeup(), receiver_.next_wakeup()}) {
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

void FileDesk::wake(mesh_router::Router& router, base::Time now,
                    std::vector<wire::DeliveryTag>& fresh) {
  sender_.wake(router, now);
  receiver_.wake(router, now, fresh);
  if (waiting_end_ && *waiting_end_ <= now) end_waiting(now);
  if (waiting_end_ && receiver_.ended() != seen_ended_) start_waiting(fresh);
  fresh.insert(fresh.end(), fresh_.begin(), fresh_.end());
  fresh_.clear();
}

}  // namespace chaski::node
