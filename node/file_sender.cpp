// SPDX-License-Identifier: Apache-2.0
#include "node/file_sender.hpp"

#include <algorithm>

#include "attachment/chunk_sealing.hpp"
#include "attachment/erasure_code.hpp"
#include "node/file_pieces.hpp"
#include "node/origin.hpp"

namespace chaski::node {

using attachment::ChunkIndex;

void FileSender::consider(base::Time at) {
  if (!wake_at_ || at < *wake_at_) wake_at_ = at;
}

void FileSender::load(FileTransfer transfer) {
  const FileNumber number = transfer.record.number;
  files_.emplace(number, Outgoing(std::move(transfer)));
}

void FileSender::add(FileTransfer transfer, base::Time now) {
  load(std::move(transfer));
  consider(now);
}

bool FileSender::remove(FileNumber number) {
  const auto found = files_.find(number);
  if (found == files_.end()) return false;
  for (auto held = held_.begin(); held != held_.end();) {
    const bool is_its = held->second.file == number;
    if (is_its) taken(held->second);
    if (is_its) held_bytes_ -= held->second.size;
    held = is_its ? held_.erase(held) : std::next(held);
  }
  files_.erase(found);
  return true;
}

const FileTransfer* FileSender::find(FileNumber number) const {
  const auto found = files_.find(number);
  return found == files_.end() ? nullptr : &found->second.transfer;
}

void FileSender::for_each(const std::function<void(const FileTransfer&)>& visit) const {
  for (const auto& [number, out] : files_) visit(out.transfer);
}

void FileSender::hold(const wire::EnvelopeId& id, const Held& held) {
  held_.insert_or_assign(id, held);
  held_bytes_ += held.size;
  if (!held.taken) untaken_bytes_ += held.size;
  files_.at(held.file).held += held.size;
}

void FileSender::taken(Held& held) {
  if (!std::exchange(held.taken, true)) untaken_bytes_ -= held.size;
}

void FileSender::drop(const wire::EnvelopeId& id) {
  const auto found = held_.find(id);
  if (found == held_.end()) return;
  taken(found->second);
  held_bytes_ -= found->second.size;
  files_.at(found->second.file).held -= found->second.size;
  held_.erase(found);
}

void FileSender::touch(Outgoing& out) {
  dirty_.insert(out.transfer.record.number);
  context_.dirty = true;
}

void FileSender::save_dirty() {
  for (const FileNumber number : std::exchange(dirty_, {})) {
    const auto found = files_.find(number);
    if (found != files_.end()) found->second.transfer.save(context_.store.files());
  }
}

void FileSender::end(Outgoing& out, FileState state) {
  FileTransfer& transfer = out.transfer;
  if (transfer.record.state != FileState::under_way) return;
  transfer.record.state = state;
  transfer.dirty = true;
  touch(out);
  context_.store.files().erase_pieces(transfer.record.number);
  context_.events.file_changed(transfer.record.message);
  out.again = {};
}

void FileSender::done(Outgoing& out, ChunkIndex chunk) {
  FileTransfer& transfer = out.transfer;
  if (transfer.record.state != FileState::under_way) return;
  if (transfer.book.add(chunk) != attachment::ChunkBook::Added::useful) return;
  transfer.mark(transfer.plan().place_of(chunk).group);
  touch(out);
  if (is_news(transfer)) context_.events.file_changed(transfer.record.message);
  if (transfer.book.complete()) end(out, FileState::delivered);
}

void FileSender::on_router_event(const mesh_router::RouterEvent& event, base::Time now) {
  if (held_.empty()) return;
  if (const auto* custody = std::get_if<mesh_router::CustodyEvent>(&event)) {
    const auto found = held_.find(custody->id);
    if (found == held_.end()) return;
    taken(found->second);
    consider(now);
  } else if (const auto* delivered = std::get_if<mesh_router::DeliveredEvent>(&event)) {
    const auto found = held_.find(delivered->id);
    if (found == held_.end()) return;
    Outgoing& out = files_.at(found->second.file);
    const ChunkIndex chunk = found->second.chunk;
    drop(delivered->id);
    out.quiet_since = now;
    done(out, chunk);
    consider(now);
  } else if (const auto* expired = std::get_if<mesh_router::ExpiredEvent>(&event)) {
    drop(expired->id);
    consider(now);
  }
}

// What is made, and when.

bool FileSender::may_make(const Outgoing& out, bool parity) const {
  const mesh_router::StoreUsage usage = context_.store.envelopes().usage();
  constexpr std::uint64_t kSize = wire::kEnvelopeSizeMax;
  if (usage.bytes + 2 * kSize > usage.bytes_max) return false;
  if (out.held == 0) return true;  // something always goes, in the smallest store too
  const std::uint64_t share = usage.bytes_max / kStoreShare;
  if (held_bytes_ + kSize > share) return false;
  const auto part = [parity](std::uint64_t bytes) { return parity ? bytes : bytes / 5 * 4; };
  return untaken_bytes_ + kSize <= part(kUntakenMax) &&
         out.held + kSize <= part(share - held_bytes_);
}

bool FileSender::read(Outgoing& out, ChunkIndex chunk, base::MutableByteView bytes) {
  const FileRecord& record = out.transfer.record;
  return read_piece(context_.store.files(), record.number, attachment::CopyKey(record.copy_key),
                    chunk, bytes);
}

std::optional<base::Bytes> FileSender::parity_of(Outgoing& out, std::uint32_t group) {
  const attachment::ChunkPlan& plan = out.transfer.plan();
  const std::size_t size = plan.chunk_size();
  base::Bytes data(plan.group_data(group) * size);
  std::vector<base::ByteView> data_rows;
  for (std::uint32_t row = 0; row < plan.group_data(group); ++row) {
    const auto part = base::MutableByteView(data).subspan(row * size, size);
    if (!read(out, plan.chunk_at({group, row}), part)) return std::nullopt;
    data_rows.emplace_back(part);
  }
  base::Bytes parity(plan.parity() * size);
  std::vector<base::MutableByteView> parity_rows;
  for (std::uint32_t j = 0; j < plan.parity(); ++j) {
    parity_rows.push_back(base::MutableByteView(parity).subspan(j * size, size));
  }
  attachment::make_parity(data_rows, parity_rows);
  return parity;
}

FileSender::Step FileSender::submit(Outgoing& out, ChunkIndex chunk, base::ByteView bytes,
                                    mesh_router::Router& router, base::Time now) {
  const base::Bytes envelope = attachment::seal_chunk(out.transfer.manifest, chunk, bytes);
  const auto id = router.submit(envelope, initial_carry_state(context_.random), now);
  if (id) {
    hold(*id, {.file = out.transfer.record.number,
               .chunk = chunk,
               .size = static_cast<std::uint32_t>(envelope.size())});
    made_bytes_ += envelope.size();
    context_.dirty = true;
    return Step::made;
  }
  switch (id.error()) {
    case mesh_router::SubmitError::delivered: done(out, chunk); return Step::made;
    case mesh_router::SubmitError::duplicate: return Step::made;  // it was under way lately
    default: return Step::no_room;
  }
}

FileSender::Step FileSender::make_again(Outgoing& out, mesh_router::Router& router,
                                        base::Time now) {
  const ChunkIndex chunk = out.again.back();
  if (!out.transfer.book.group_complete(out.transfer.plan().place_of(chunk).group)) {
    base::Bytes bytes(out.transfer.plan().chunk_size());
    if (!read(out, chunk, bytes)) return end(out, FileState::damaged), Step::nothing;
    const Step made = submit(out, chunk, bytes, router, now);
    if (made != Step::made) return made;
  }
  if (!out.again.empty()) out.again.pop_back();  // done() may have ended it
  return Step::made;
}

FileSender::Step FileSender::make_data(Outgoing& out, mesh_router::Router& router,
                                       base::Time now) {
  FileRecord& record = out.transfer.record;
  const attachment::ChunkPlan& plan = out.transfer.plan();
  const ChunkIndex chunk = plan.chunk_at({record.next_group, record.next_row});
  if (!out.transfer.book.has(chunk)) {
    base::Bytes bytes(plan.chunk_size());
    if (!read(out, chunk, bytes)) return end(out, FileState::damaged), Step::nothing;
    const Step made = submit(out, chunk, bytes, router, now);
    if (made != Step::made) return made;
  }
  if (++record.next_row == plan.group_data(record.next_group)) {
    record.next_row = 0;
    ++record.next_group;
  }
  out.quiet_since = now;
  out.transfer.dirty = true;
  touch(out);
  return Step::made;
}

FileSender::Step FileSender::make_parity(Outgoing& out, mesh_router::Router& router,
                                         base::Time now) {
  FileRecord& record = out.transfer.record;
  const attachment::ChunkPlan& plan = out.transfer.plan();
  const std::uint32_t group = record.parity_groups;
  if (!out.transfer.book.group_complete(group) && plan.parity() > 0) {
    const auto bytes = parity_of(out, group);
    if (!bytes) return end(out, FileState::damaged), Step::nothing;
    for (std::uint32_t j = 0; j < plan.parity(); ++j) {
      const ChunkIndex chunk = plan.chunk_at({group, attachment::kGroupDataMax + j});
      if (out.transfer.book.has(chunk)) continue;
      const auto one = base::ByteView(*bytes).subspan(std::size_t{j} * plan.chunk_size(),
                                                      plan.chunk_size());
      // What the store does not take of it now is made again with the rest; what it took is known.
      const Step made = submit(out, chunk, one, router, now);
      if (made != Step::made) return made;
    }
  }
  ++record.parity_groups;
  out.transfer.dirty = true;
  touch(out);
  return Step::made;
}

FileSender::Step FileSender::step(Outgoing& out, mesh_router::Router& router, base::Time now) {
  FileTransfer& transfer = out.transfer;
  if (transfer.record.state != FileState::under_way) return Step::nothing;
  if (transfer.record.ends <= now) return end(out, FileState::expired), Step::nothing;
  consider(transfer.record.ends);
  if (!out.again.empty()) {
    return may_make(out, false) ? make_again(out, router, now) : Step::no_room;
  }
  const bool has_parity_left = transfer.record.parity_groups < transfer.record.next_group;
  const base::Time parity_at = out.quiet_since + kParityAfter;
  if (has_parity_left && parity_at <= now) {
    return may_make(out, true) ? make_parity(out, router, now) : Step::no_room;
  }
  const bool has_data_left = transfer.record.next_group < transfer.plan().groups();
  if (has_data_left && may_make(out, false)) return make_data(out, router, now);
  if (has_parity_left) consider(parity_at);
  return has_data_left ? Step::no_room : Step::nothing;
}

void FileSender::wake(mesh_router::Router& router, base::Time now) {
  if (!wake_at_ || *wake_at_ > now) return;
  wake_at_.reset();
  made_bytes_ = 0;
  // In turns: the next after the one that was served last.
  for (std::size_t i = 0; i < files_.size(); ++i) {
    auto next = files_.upper_bound(last_served_);
    if (next == files_.end()) next = files_.begin();
    last_served_ = next->first;
    Step made = Step::made;
    while (made == Step::made && made_bytes_ < kStepBytes) {
      made = step(next->second, router, now);
    }
    if (made == Step::made) return consider(now);
    // Room comes with receipts and custody, which wake by themselves, or when others go.
    if (made == Step::no_room) consider(now + kRetryAfter);
  }
}

// After a start.

std::vector<wire::EnvelopeId> FileSender::resume(const EndedUnseen& ended, base::Time now) {
  struct Made {
    Outgoing* out;
    ChunkIndex chunk;
  };
  std::map<wire::DeliveryTag, Made> made;
  for (auto& [number, out] : files_) {
    const FileTransfer& transfer = out.transfer;
    if (transfer.record.state != FileState::under_way) continue;
    out.quiet_since = now;
    consider(now);
    const attachment::ChunkPlan& plan = transfer.plan();
    const auto expect = [&, o = &out](std::uint32_t group, std::uint32_t row) {
      const ChunkIndex chunk = plan.chunk_at({group, row});
      if (transfer.book.has(chunk) || transfer.book.group_complete(group)) return;
      made.emplace(attachment::chunk_marks(transfer.manifest, chunk).tag, Made{o, chunk});
    };
    for (std::uint32_t group = 0; group <= transfer.record.next_group; ++group) {
      if (group == plan.groups()) break;
      const bool whole = group < transfer.record.next_group;
      const std::uint32_t rows = whole ? plan.group_data(group) : transfer.record.next_row;
      for (std::uint32_t row = 0; row < rows; ++row) expect(group, row);
      // Of the next group of parity a part may have been made.
      if (group > transfer.record.parity_groups) continue;
      for (std::uint32_t j = 0; j < plan.parity(); ++j) {
        expect(group, attachment::kGroupDataMax + j);
      }
    }
  }
  std::vector<wire::EnvelopeId> ids;
  if (made.empty()) return ids;
  context_.store.envelopes().for_each(
      [&](mesh_router::StoreKey, const mesh_router::EnvelopeRecord& record) {
        const auto found = made.find(record.tag);
        if (found == made.end()) return;
        const auto& [out, chunk] = found->second;
        hold(record.id, {.file = out->transfer.record.number,
                         .chunk = chunk,
                         .size = record.size,
                         .taken = true});
        ids.push_back(record.id);
        made.erase(found);
      });
  for (const auto& [tag, lost] : made) {
    FileRecord& record = lost.out->transfer.record;
    const auto place = lost.out->transfer.plan().place_of(lost.chunk);
    if (place.row < attachment::kGroupDataMax) {
      lost.out->again.push_back(lost.chunk);
    } else {
      record.parity_groups = std::min(record.parity_groups, place.group);
    }
  }
  take_ends(ended);
  return ids;
}

void FileSender::take_ends(const EndedUnseen& ended) {
  if (ended.empty()) return;
  for (auto& [number, out] : files_) {
    for (const ChunkIndex chunk : std::vector(out.again)) {
      base::Bytes bytes(out.transfer.plan().chunk_size());
      if (!read(out, chunk, bytes)) continue;  // found again, and told, when it is made
      const base::Bytes envelope = attachment::seal_chunk(out.transfer.manifest, chunk, bytes);
      const auto id = wire::envelope_id(envelope);
      if (ended.find(id) == MessageState::delivered) done(out, chunk);
    }
  }
}

}  // namespace chaski::node
