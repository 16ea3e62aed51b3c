// SPDX-License-Identifier: Apache-2.0
#include "embedded/flash_log.hpp"

#include <algorithm>

namespace chaski::embedded {
namespace {

constexpr std::uint32_t kPageStart = FlashPageHeader::kSize;
/// Bytes that are programmed or looked at at once; whole words of any flash.
constexpr std::size_t kChunk = 64;
static_assert(kPageStart % 16 == 0 && kChunk % 16 == 0);

bool power_of_two(std::uint32_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

}  // namespace

FlashLog::FlashLog(const chaski_flash& flash, std::span<std::uint16_t> page_table)
    : flash_(flash), table_(page_table) {
  possible_ = power_of_two(flash.page_size) && flash.page_size >= kPageSizeMin &&
              flash.page_size <= kPageSizeMax && power_of_two(flash.word_size) &&
              flash.word_size <= 16 && flash.pages >= 2 && flash.pages < kNoPage &&
              flash.pages <= page_table.size() && flash.pages <= UINT32_MAX / flash.page_size;
}

std::uint32_t FlashLog::record_bytes(std::uint32_t payload_size) const {
  return header_bytes() + (payload_size == 0 ? 0 : words(payload_size + 4));
}

std::uint32_t FlashLog::usable_pages() const {
  return flash_.pages - bad_pages();
}

std::uint32_t FlashLog::bad_pages() const {
  return static_cast<std::uint32_t>(
      std::count_if(bad_.begin(), bad_.end(), [](std::uint16_t page) { return page != kNoPage; }));
}

bool FlashLog::get(std::uint32_t at, base::MutableByteView out) const {
  return flash_.read(flash_.context, at, out.data(), static_cast<std::uint32_t>(out.size())) != 0;
}

std::optional<FlashPageHeader> FlashLog::page_header(std::uint32_t page) const {
  FlashPageHeaderBytes bytes{};
  if (!get(page * flash_.page_size, bytes)) return std::nullopt;
  return decode_page_header(bytes, flash_.page_size, flash_.word_size);
}

std::optional<FlashRecordHeader> FlashLog::record_header(std::uint32_t at,
                                                         std::uint32_t sequence) const {
  FlashRecordHeaderBytes bytes{};
  if (!get(at, bytes)) return std::nullopt;
  return decode_record_header(bytes, sequence);
}

std::uint16_t FlashLog::page_of(std::uint32_t sequence) const {
  if (sequence < tail_ || sequence >= next_sequence_) return kNoPage;
  return table_[sequence % flash_.pages];
}

bool FlashLog::blank(std::uint32_t from, std::uint32_t to) const {
  std::array<std::uint8_t, kChunk> chunk{};
  while (from < to) {
    const auto size = std::min<std::uint32_t>(kChunk, to - from);
    const base::MutableByteView part = base::MutableByteView(chunk).first(size);
    if (!get(from, part)) return false;
    if (std::any_of(part.begin(), part.end(), [](std::uint8_t b) { return b != 0xff; })) {
      return false;
    }
    from += size;
  }
  return true;
}

void FlashLog::mount() {
  tail_ = next_sequence_ = 1;
  bad_ = FlashPageHeader{}.bad;
  page_ = flash_.pages - 1;
  offset_ = flash_.page_size;
  find_pages();
  find_tail();
  find_end();
  free_pages_ = 0;
  for (std::uint32_t page = 0; page < flash_.pages; ++page) free_pages_ += is_free(page) ? 1u : 0u;
}

void FlashLog::find_pages() {
  std::uint32_t head = 0;
  for (std::uint32_t page = 0; page < flash_.pages; ++page) {
    const auto header = page_header(page);
    if (!header) continue;
    if (header->sequence > head) bad_ = header->bad;
    head = std::max(head, header->sequence);
    tail_ = std::max(tail_, header->tail);
    next_key = std::max(next_key, header->next_key);
    time_us = std::max(time_us, header->time_us);
  }
  for (std::uint16_t& page : bad_) page = page < flash_.pages ? page : kNoPage;
  if (head >= flash_.pages) tail_ = std::max(tail_, head - flash_.pages + 1);
  next_sequence_ = head + 1;
  std::fill(table_.begin(), table_.end(), kNoPage);
  for (std::uint32_t page = 0; page < flash_.pages; ++page) {
    const auto header = page_header(page);
    if (!header || header->sequence < tail_ || slot(header->sequence) != kNoPage) continue;
    slot(header->sequence) = static_cast<std::uint16_t>(page);
  }
}

/// The last trim that was written says more than the pages' headers.
void FlashLog::find_tail() {
  FlashWalk walk = begin();
  std::uint32_t tail = tail_;
  while (const auto record = next(walk)) {
    if (record->header.kind != FlashRecordKind::trim || record->header.value > record->sequence) {
      continue;
    }
    tail = std::max(tail, static_cast<std::uint32_t>(record->header.value));
  }
  while (tail_ < tail) slot(tail_++) = kNoPage;
}

/// Writing goes on where the newest page is blank; when something was torn there, in a new one.
void FlashLog::find_end() {
  const std::uint32_t head = next_sequence_ - 1;
  const std::uint16_t page = page_of(head);
  if (page == kNoPage) return;
  page_ = page;
  const std::uint32_t start = page_ * flash_.page_size;
  std::uint32_t offset = kPageStart + page_header(page_)->first;
  while (offset + header_bytes() <= flash_.page_size) {
    const auto header = record_header(start + offset, head);
    if (!header) break;
    offset += record_bytes(header->size);
  }
  if (offset < flash_.page_size && blank(start + offset, start + flash_.page_size)) {
    offset_ = offset;
  }
}

std::optional<FlashRecord> FlashLog::next(FlashWalk& walk) const {
  for (; walk.sequence < next_sequence_; ++walk.sequence, walk.offset = 0) {
    const std::uint16_t page = page_of(walk.sequence);
    if (page == kNoPage) continue;
    if (walk.offset == 0) {
      const auto header = page_header(page);
      if (!header) continue;
      walk.offset = kPageStart + header->first;
    }
    if (walk.offset + header_bytes() > flash_.page_size) continue;
    const std::uint32_t at = page * flash_.page_size + walk.offset;
    const auto header = record_header(at, walk.sequence);
    if (!header) continue;
    walk.offset += record_bytes(header->size);
    return FlashRecord{*header, at, walk.sequence};
  }
  return std::nullopt;
}

std::uint32_t FlashLog::sequence_at(std::uint32_t at) const {
  std::array<std::uint8_t, 4> number{};
  if (!get(at - at % flash_.page_size + 4, number)) return 0;
  return get_number<std::uint32_t>(number.data());
}

/// The number of the page that was begun after this one: where a page could not be begun, its
/// number is missing.
std::uint32_t FlashLog::following(std::uint32_t sequence) const {
  if (sequence < tail_ || sequence >= next_sequence_) return next_sequence_;
  do {
    ++sequence;
  } while (sequence < next_sequence_ && page_of(sequence) == kNoPage);
  return sequence;
}

bool FlashLog::read(std::uint32_t at, std::size_t offset, base::MutableByteView out) const {
  std::uint32_t page = at / flash_.page_size;
  std::uint32_t sequence = sequence_at(at);
  auto in_page = static_cast<std::uint32_t>(at % flash_.page_size + header_bytes() + offset);
  while (!out.empty()) {
    for (; in_page >= flash_.page_size; in_page -= page_room()) {
      sequence = following(sequence);
      if (sequence == next_sequence_) return false;
      page = page_of(sequence);
    }
    const auto here =
        static_cast<std::uint32_t>(std::min<std::size_t>(out.size(), flash_.page_size - in_page));
    const std::uint32_t from = page * flash_.page_size + in_page;
    if (!get(from, out.first(here))) return false;
    out = out.subspan(here);
    in_page += here;
  }
  return true;
}

bool FlashLog::intact(const FlashRecord& record) const {
  const std::uint32_t size = record.header.size;
  if (size == 0) return true;
  // Each page that it goes on in must have been begun for it: what was torn is followed by others.
  std::uint32_t left = record_bytes(size);
  std::uint32_t room = flash_.page_size - record.at % flash_.page_size;
  for (std::uint32_t sequence = record.sequence; left > room; room = page_room()) {
    left -= room;
    sequence = following(sequence);
    if (sequence == next_sequence_) return false;
    const auto header = page_header(page_of(sequence));
    if (!header || header->first != std::min(left, page_room())) return false;
  }
  std::array<std::uint8_t, kChunk> chunk{};
  if (!get(record.at + 20, base::MutableByteView(chunk).first(4))) return false;
  std::uint32_t crc = get_number<std::uint32_t>(chunk.data());
  for (std::uint32_t offset = 0; offset < size;) {
    const auto part = std::min<std::uint32_t>(kChunk, size - offset);
    if (!read(record.at, offset, base::MutableByteView(chunk).first(part))) return false;
    crc = flash_crc(base::ByteView(chunk).first(part), crc);
    offset += part;
  }
  if (!read(record.at, size, base::MutableByteView(chunk).first(4))) return false;
  return get_number<std::uint32_t>(chunk.data()) == crc;
}

}  // namespace chaski::embedded
