// SPDX-License-Identifier: Apache-2.0
#include "node/file_receiver.hpp"

#include <algorithm>
#include <utility>

#include "attachment/chunk_sealing.hpp"
#include "attachment/erasure_code.hpp"
#include "node/file_pieces.hpp"

namespace chaski::node {

using attachment::ChunkIndex;
using attachment::kGroupDataMax;

FileReceiver::Incoming* FileReceiver::at(std::uint16_t slot) {
  return slot < slots_.size() && slots_[slot] ? &*slots_[slot] : nullptr;
}

void FileReceiver::touch(Incoming& in) {
  dirty_.insert(in.transfer.record.number);
  context_.dirty = true;
}

void FileReceiver::save_dirty() {
  for (const FileNumber number : std::exchange(dirty_, {})) {
    const auto found = slot_of_.find(number);
    if (found != slot_of_.end()) slots_[found->second]->transfer.save(context_.store.files());
  }
}

// Which files there are.

void FileReceiver::load(FileTransfer transfer, std::vector<wire::DeliveryTag>& fresh) {
  auto free = std::find(slots_.begin(), slots_.end(), std::nullopt);
  if (free == slots_.end()) free = slots_.insert(free, std::nullopt);
  const auto slot = static_cast<std::uint16_t>(free - slots_.begin());
  slot_of_.emplace(transfer.record.number, slot);
  Incoming& in = slots_[slot].emplace(std::move(transfer));
  const FileState state = in.transfer.record.state;
  if (state == FileState::under_way || state == FileState::whole) {
    bytes_of_[in.transfer.record.contact] +=
        std::uint64_t{in.transfer.book.useful()} * in.transfer.piece_size();
  } else {
    in.transfer.book.let_go();  // marks of what was here stay in the store
  }
  if (state == FileState::under_way) {
    for (std::uint32_t group = 0; group < in.transfer.plan().groups(); ++group) {
      if (in.transfer.book.group_complete(group)) group_done(in, group);
    }
  }
  if (state == FileState::under_way || state == FileState::whole) move_window(slot, fresh);
  plan_end();
}

void FileReceiver::add(FileTransfer transfer, std::vector<wire::DeliveryTag>& fresh) {
  const FileNumber number = transfer.record.number;
  load(std::move(transfer), fresh);
  Incoming& in = *slots_[slot_of_.at(number)];
  in.transfer.dirty = true;
  touch(in);
}

bool FileReceiver::has_room(const e2ee::PersonId& contact) const {
  std::size_t all = 0;
  std::size_t theirs = 0;
  for (const auto& slot : slots_) {
    if (!slot || slot->transfer.record.state != FileState::under_way) continue;
    ++all;
    if (slot->transfer.record.contact == contact) ++theirs;
  }
  return all < kFilesMax && theirs < kFromContactMax;
}

bool FileReceiver::remove(FileNumber number) {
  const auto found = slot_of_.find(number);
  if (found == slot_of_.end()) return false;
  const std::uint16_t slot = found->second;
  end(slot, FileState::expired);
  slots_[slot].reset();
  slot_of_.erase(found);
  dirty_.erase(number);
  return true;
}

void FileReceiver::is_wrong(FileNumber number) {
  const auto found = slot_of_.find(number);
  if (found != slot_of_.end()) end(found->second, FileState::wrong);
}

const FileTransfer* FileReceiver::find(FileNumber number) const {
  const auto found = slot_of_.find(number);
  return found == slot_of_.end() ? nullptr : &slots_[found->second]->transfer;
}

void FileReceiver::for_each(
    const std::function<void(const FileTransfer&, bool waits)>& visit) const {
  for (const auto& [number, slot] : slot_of_) {
    const Incoming& in = *slots_[slot];
    visit(in.transfer, in.no_room && in.transfer.record.state == FileState::under_way);
  }
}

std::optional<std::uint32_t> FileReceiver::contact_of(const TagOwner& owner) const {
  if (owner.file >= slots_.size() || !slots_[owner.file]) return std::nullopt;
  return contacts_.find_id(slots_[owner.file]->transfer.record.contact);
}

void FileReceiver::end(std::uint16_t slot, FileState state) {
  Incoming& in = *slots_[slot];
  FileRecord& record = in.transfer.record;
  forget_tags(slot);
  std::erase_if(rebuilds_, [&](const Rebuild& job) { return job.file == record.number; });
  if (record.state == FileState::under_way || record.state == FileState::whole) {
    bytes_of_[record.contact] -=
        std::uint64_t{in.transfer.book.useful()} * in.transfer.piece_size();
    context_.store.files().erase_pieces(record.number);
  }
  in.transfer.book.let_go();
  in.transfer.dirty_pages.clear();
  record.state = state;
  in.transfer.dirty = true;
  ++ended_;
  touch(in);
  context_.events.file_changed(record.message);
}

// Tags.

void FileReceiver::listen(std::uint16_t slot, std::uint32_t group, bool add,
                          std::vector<wire::DeliveryTag>& fresh) {
  const FileTransfer& transfer = slots_[slot]->transfer;
  const auto chunks = chunks_of(transfer, group);
  for (const ChunkIndex chunk : chunks) {
    const wire::DeliveryTag tag = attachment::chunk_marks(transfer.manifest, chunk).tag;
    const TagOwner owner{
        .kind = TagOwner::Kind::chunk, .session = 0, .file = slot, .contact = chunk};
    if (!add) {
      contacts_.tags().remove(tag, owner);
    } else if (contacts_.tags().add(tag, owner)) {
      fresh.push_back(tag);
    }
  }
  tags_ = add ? tags_ + chunks.size() : tags_ - chunks.size();
}

std::vector<ChunkIndex> FileReceiver::chunks_of(const FileTransfer& transfer,
                                                std::uint32_t group) {
  const attachment::ChunkPlan& plan = transfer.plan();
  std::vector<ChunkIndex> chunks;
  for (std::uint32_t row = 0; row < plan.group_data(group); ++row) {
    chunks.push_back(plan.chunk_at({group, row}));
  }
  for (std::uint32_t j = 0; j < plan.parity(); ++j) {
    chunks.push_back(plan.chunk_at({group, kGroupDataMax + j}));
  }
  return chunks;
}

std::vector<wire::DeliveryTag> FileReceiver::tags_of(const Incoming& in) {
  std::vector<wire::DeliveryTag> tags;
  for (std::uint32_t group = in.tags_from; group < in.tags_end; ++group) {
    for (const ChunkIndex chunk : chunks_of(in.transfer, group)) {
      tags.push_back(attachment::chunk_marks(in.transfer.manifest, chunk).tag);
    }
  }
  return tags;
}

std::vector<wire::DeliveryTag> FileReceiver::tags_of(const e2ee::PersonId& contact) const {
  std::vector<wire::DeliveryTag> all;
  for (const auto& slot : slots_) {
    if (!slot || slot->transfer.record.contact != contact) continue;
    const auto tags = tags_of(*slot);
    all.insert(all.end(), tags.begin(), tags.end());
  }
  return all;
}

void FileReceiver::look_for_room(base::Time now, std::vector<wire::DeliveryTag>& fresh) {
  if (std::exchange(lacked_room_, false) && !room_at_) room_at_ = now + kRoomEvery;
  if (!room_at_ || *room_at_ > now) return;
  room_at_.reset();
  for (auto& slot : slots_) {
    if (!slot || !slot->no_room || slot->transfer.record.state != FileState::under_way) continue;
    slot->no_room = !has_room_for(*slot, slot->transfer.piece_size());
    if (slot->no_room) {
      room_at_ = now + kRoomEvery;
      continue;
    }
    const auto tags = tags_of(*slot);
    fresh.insert(fresh.end(), tags.begin(), tags.end());
  }
}

void FileReceiver::forget_tags(std::uint16_t slot) {
  Incoming& in = *slots_[slot];
  std::vector<wire::DeliveryTag> none;
  for (; in.tags_from < in.tags_end; ++in.tags_from) listen(slot, in.tags_from, false, none);
  windows_due_.erase(slot);
  for (const auto& [number, other] : slot_of_) {
    if (slots_[other]->transfer.record.state == FileState::under_way) windows_due_.insert(other);
  }
}

void FileReceiver::move_window(std::uint16_t slot, std::vector<wire::DeliveryTag>& fresh) {
  Incoming& in = *slots_[slot];
  const attachment::ChunkPlan& plan = in.transfer.plan();
  while (in.first_incomplete < plan.groups() &&
         (in.transfer.record.state == FileState::whole ||
          in.transfer.book.group_complete(in.first_incomplete))) {
    ++in.first_incomplete;
  }
  const std::uint32_t from =
      in.first_incomplete - std::min(in.first_incomplete, kWindowGroups);
  std::vector<wire::DeliveryTag> none;
  for (; in.tags_from < std::min(from, in.tags_end); ++in.tags_from) {
    listen(slot, in.tags_from, false, none);
  }
  if (in.tags_from < from) in.tags_from = in.tags_end = from;
  const std::uint32_t end = std::min(in.first_incomplete + kWindowGroups, plan.groups());
  while (in.tags_end < end) {
    if (tags_ + plan.group_data(in.tags_end) + plan.parity() > kTagsMax) return;
    listen(slot, in.tags_end++, true, fresh);
  }
}

// Chunks.

bool FileReceiver::has_room_for(const Incoming& in, std::uint64_t bytes) const {
  FileStore& files = context_.store.files();
  const auto theirs = bytes_of_.find(in.transfer.record.contact);
  const std::uint64_t have = theirs == bytes_of_.end() ? 0 : theirs->second;
  return files.has_room(bytes) && have + bytes <= files.capacity() / 2;
}

FileReceiver::Taken FileReceiver::take(const TagOwner& owner, const wire::EnvelopeId& id,
                                       const wire::EnvelopeFields& envelope,
                                       const wire::CarryState& state, PendingReceipt& receipt) {
  Incoming* const in = at(owner.file);
  const ChunkIndex chunk = owner.contact;
  if (in == nullptr || chunk >= in->transfer.plan().chunks()) return Taken::does_not_open;
  FileTransfer& transfer = in->transfer;
  scratch_.resize(transfer.piece_size());
  const auto bytes = base::MutableByteView(scratch_).first(transfer.plan().chunk_size());
  if (!attachment::open_chunk(transfer.manifest, chunk, envelope, bytes)) {
    return Taken::does_not_open;
  }
  const std::uint32_t group = transfer.plan().place_of(chunk).group;
  const bool is_needed = transfer.record.state == FileState::under_way &&
                         !transfer.book.has(chunk) && !transfer.book.group_complete(group);
  if (is_needed) {
    const auto key = attachment::CopyKey(transfer.record.copy_key);
    in->no_room = !has_room_for(*in, scratch_.size()) ||
                  !write_piece(context_.store.files(), transfer.record.number, key, chunk,
                               scratch_);
    lacked_room_ = lacked_room_ || in->no_room;
    if (in->no_room) return Taken::no_room;
    transfer.book.add(chunk);
    transfer.mark(group);
    touch(*in);
    bytes_of_[transfer.record.contact] += transfer.piece_size();
    if (is_news(transfer)) context_.events.file_changed(transfer.record.message);
    if (transfer.book.group_complete(group)) group_done(*in, group);
  }
  in->age_ms = state.age_ms;
  receipt = {.receipt = {.envelope = id,
                         .token = attachment::chunk_marks(transfer.manifest, chunk).token},
             .lifetime_s = envelope.lifetime_s,
             .age_ms = state.age_ms};
  return Taken::yes;
}

void FileReceiver::group_done(Incoming& in, std::uint32_t group) {
  if (!in.transfer.book.data_missing(group).empty()) {
    rebuilds_.push_back({in.transfer.record.number, group});
  }
  windows_due_.insert(slot_of_.at(in.transfer.record.number));
}

void FileReceiver::finish(Incoming& in) {
  const FileNumber number = in.transfer.record.number;
  const bool is_rebuilt = std::none_of(rebuilds_.begin(), rebuilds_.end(),
                                       [&](const Rebuild& job) { return job.file == number; });
  if (!in.transfer.book.complete() || !is_rebuilt) return;
  if (in.transfer.record.state != FileState::under_way) return;
  in.transfer.record.state = FileState::whole;
  in.transfer.dirty = true;
  ++ended_;
  touch(in);
  context_.events.file_changed(in.transfer.record.message);
}

bool FileReceiver::rebuild(const Rebuild& job, mesh_router::Router& router, base::Time now) {
  const auto slot = slot_of_.find(job.file);
  if (slot == slot_of_.end()) return true;
  Incoming& in = *slots_[slot->second];
  FileTransfer& transfer = in.transfer;
  const attachment::ChunkPlan& plan = transfer.plan();
  const std::size_t size = plan.chunk_size();
  const auto key = attachment::CopyKey(transfer.record.copy_key);
  FileStore& files = context_.store.files();

  const auto missing = transfer.book.data_missing(job.group);
  const auto rows = transfer.book.rows_here(job.group);
  const std::uint32_t data_rows = plan.group_data(job.group);
  // The data rows in order, rebuilt ones among them; then the parity that came.
  base::Bytes data(data_rows * size);
  base::Bytes parity(plan.parity() * size);
  const auto place_of = [&](std::uint32_t row) {
    return row < kGroupDataMax
               ? base::MutableByteView(data).subspan(row * size, size)
               : base::MutableByteView(parity).subspan((row - kGroupDataMax) * size, size);
  };
  std::vector<attachment::Row> have;
  for (const std::uint32_t row : rows) {
    const ChunkIndex chunk = plan.chunk_at({job.group, row});
    if (!read_piece(files, job.file, key, chunk, place_of(row))) {
      end(slot->second, FileState::damaged);
      return true;
    }
    have.push_back({row, place_of(row)});
  }
  std::vector<base::MutableByteView> out;
  for (const std::uint32_t row : missing) out.push_back(place_of(row));
  attachment::rebuild(data_rows, have, missing, out);
  std::vector<base::ByteView> all_data;
  for (std::uint32_t row = 0; row < data_rows; ++row) all_data.emplace_back(place_of(row));
  std::vector<base::MutableByteView> all_parity;
  for (std::uint32_t j = 0; j < plan.parity(); ++j) {
    all_parity.push_back(place_of(kGroupDataMax + j));
  }
  attachment::make_parity(all_data, all_parity);

  // What never came is known now, byte by byte: its receipt frees whoever carries it.
  const auto never_came = [&](std::uint32_t row) {
    const ChunkIndex chunk = plan.chunk_at({job.group, row});
    const base::ByteView bytes = place_of(row);
    const base::Bytes envelope = attachment::seal_chunk(transfer.manifest, chunk, bytes);
    base::Bytes piece(bytes.begin(), bytes.end());
    piece.resize(transfer.piece_size());
    const bool is_data = row < kGroupDataMax;
    if (is_data && !write_piece(files, job.file, key, chunk, piece)) return false;
    const wire::ReceiptBody receipt{
        .envelope = wire::envelope_id(envelope),
        .token = attachment::chunk_marks(transfer.manifest, chunk).token};
    router.publish_receipt(receipt, transfer.manifest.lifetime_s, in.age_ms, now);
    return true;
  };
  for (const std::uint32_t row : missing) {
    if (!never_came(row)) return false;
  }
  for (std::uint32_t j = 0; j < plan.parity(); ++j) {
    if (!transfer.book.has(plan.chunk_at({job.group, kGroupDataMax + j}))) {
      never_came(kGroupDataMax + j);
    }
  }
  transfer.book.rebuilt(job.group);
  transfer.mark(job.group);
  windows_due_.insert(slot->second);
  touch(in);
  return true;
}

void FileReceiver::rebuild_one(mesh_router::Router& router, base::Time now) {
  if (rebuilds_.empty() || rebuild_at_ > now) return;
  const Rebuild job = rebuilds_.front();
  rebuilds_.pop_front();
  if (rebuild(job, router, now)) return;
  rebuilds_.push_back(job);
  rebuild_at_ = now + kRetryAfter;
}

void FileReceiver::plan_end() {
  end_at_.reset();
  for (const auto& [number, slot] : slot_of_) {
    const FileRecord& record = slots_[slot]->transfer.record;
    if (record.state != FileState::under_way) continue;
    if (!end_at_ || record.ends < *end_at_) end_at_ = record.ends;
  }
}

std::optional<base::Time> FileReceiver::next_wakeup() const {
  if (!windows_due_.empty() || lacked_room_) return base::Time{};
  std::optional<base::Time> at = end_at_;
  if (!rebuilds_.empty() && (!at || rebuild_at_ < *at)) at = rebuild_at_;
  if (room_at_ && (!at || *room_at_ < *at)) at = room_at_;
  return at;
}

void FileReceiver::wake(mesh_router::Router& router, base::Time now,
                        std::vector<wire::DeliveryTag>& fresh) {
  rebuild_one(router, now);
  look_for_room(now, fresh);
  for (const std::uint16_t slot : std::exchange(windows_due_, {})) {
    Incoming* const in = at(slot);
    if (in == nullptr) continue;
    finish(*in);
    move_window(slot, fresh);
  }
  if (!end_at_ || *end_at_ > now) return;
  for (const auto& [number, slot] : slot_of_) {
    const FileRecord& record = slots_[slot]->transfer.record;
    if (record.state == FileState::under_way && record.ends <= now) end(slot, FileState::expired);
  }
  plan_end();
}

}  // namespace chaski::node
