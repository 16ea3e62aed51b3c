// SPDX-License-Identifier: Apache-2.0
// How the log is written: records, pages that are begun and dropped, and pages that fail.
#include <algorithm>

#include "embedded/flash_log.hpp"

namespace chaski::embedded {
namespace {

constexpr std::uint32_t kPageStart = FlashPageHeader::kSize;
constexpr std::size_t kChunk = 64;

}  // namespace

/// A record on its way into flash: a stream of header, payload and CRC.
struct FlashLog::Writing {
  FlashRecordHeaderBytes header{};
  FlashPayload* payload = nullptr;
  std::uint32_t size = 0;  // of the payload
  std::uint32_t total = 0;
  std::uint32_t position = 0;  // in the stream
  std::uint32_t crc = 0;
};

std::optional<std::uint32_t> FlashLog::append(const FlashRecordHeader& header,
                                              FlashPayload* payload) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (offset_ + header_bytes() > flash_.page_size && !open_page(0)) return std::nullopt;
    const std::uint32_t at = page_ * flash_.page_size + offset_;
    Writing writing;
    writing.header = encode_record_header(header, next_sequence_ - 1);
    writing.payload = payload;
    writing.size = header.size;
    writing.total = record_bytes(header.size);
    writing.crc = get_number<std::uint32_t>(&writing.header[20]);
    const Wrote wrote = write(writing);
    if (wrote == Wrote::all) return at;
    // Nothing may follow half a record. What the page holds already stays until the tail comes by.
    offset_ = flash_.page_size;
    if (wrote == Wrote::impossible) break;
    set_bad(page_);
  }
  return std::nullopt;
}

FlashLog::Wrote FlashLog::write(Writing& writing) {
  while (writing.position < writing.total) {
    const std::uint32_t left = writing.total - writing.position;
    if (offset_ == flash_.page_size && !open_page(std::min(left, page_room()))) {
      return Wrote::impossible;
    }
    const std::size_t size =
        std::min({std::size_t{left}, kChunk, std::size_t{flash_.page_size - offset_}});
    std::array<std::uint8_t, kChunk> chunk{};
    const base::MutableByteView part = base::MutableByteView(chunk).first(size);
    if (!fill(writing, part)) return Wrote::impossible;
    if (!program(part)) return Wrote::page_failed;
    offset_ += static_cast<std::uint32_t>(size);
  }
  return Wrote::all;
}

/// Puts the next bytes of the stream into `chunk`, which is zero.
bool FlashLog::fill(Writing& writing, base::MutableByteView chunk) const {
  const std::uint32_t payload_at = header_bytes();
  const std::uint32_t crc_at = payload_at + writing.size;
  while (!chunk.empty()) {
    const std::uint32_t position = writing.position;
    std::size_t size = chunk.size();
    if (position < FlashRecordHeader::kSize) {
      size = std::min<std::size_t>(size, FlashRecordHeader::kSize - position);
      std::copy_n(writing.header.begin() + position, size, chunk.begin());
    } else if (position < payload_at) {
      size = std::min<std::size_t>(size, payload_at - position);
    } else if (position < crc_at) {
      size = std::min<std::size_t>(size, crc_at - position);
      if (!writing.payload->read(position - payload_at, chunk.first(size))) return false;
      writing.crc = flash_crc(chunk.first(size), writing.crc);
    } else if (position < crc_at + 4) {
      std::array<std::uint8_t, 4> crc{};
      put_number(crc.data(), writing.crc);
      size = std::min<std::size_t>(size, crc_at + 4 - position);
      std::copy_n(crc.begin() + (position - crc_at), size, chunk.begin());
    }
    writing.position += static_cast<std::uint32_t>(size);
    chunk = chunk.subspan(size);
  }
  return true;
}

/// Programs at the place where writing stands, and looks whether it took.
bool FlashLog::program(base::ByteView words) {
  const std::uint32_t at = page_ * flash_.page_size + offset_;
  const auto size = static_cast<std::uint32_t>(words.size());
  if (flash_.program(flash_.context, at, words.data(), size) == 0) return false;
  std::array<std::uint8_t, kChunk> found{};
  const base::MutableByteView part = base::MutableByteView(found).first(words.size());
  return get(at, part) && base::equal(part, words);
}

bool FlashLog::open_page(std::uint32_t first) {
  std::uint32_t page = page_;
  for (std::uint32_t tried = 0; tried < flash_.pages; ++tried) {
    page = (page + 1) % flash_.pages;
    if (pages_in_use() >= flash_.pages || next_sequence_ >= kFlashCountEnd) return false;
    if (!is_free(page)) continue;
    const std::uint32_t start = page * flash_.page_size;
    const bool erased = flash_.erase(flash_.context, page) != 0;
    if (erased && blank(start, start + flash_.page_size) && begin_page(page, first)) return true;
    set_bad(page);
  }
  return false;
}

/// A number is given to one page only, whether its header took or not.
bool FlashLog::begin_page(std::uint32_t page, std::uint32_t first) {
  const std::uint32_t before = page_;
  const FlashPageHeader header{next_sequence_, tail_, first, next_key, time_us, bad_};
  page_ = page;
  offset_ = 0;
  slot(next_sequence_) = kNoPage;
  bool took = program(encode_page_header(header, flash_.page_size, flash_.word_size));
  if (!took) {
    // What will be taken for a page when mounting is one now.
    const auto found = page_header(page);
    took = found && found->sequence == next_sequence_;
  }
  if (took) {
    slot(next_sequence_) = static_cast<std::uint16_t>(page);
    --free_pages_;
  }
  ++next_sequence_;
  offset_ = took ? kPageStart : flash_.page_size;
  if (!took) page_ = before;
  return took;
}

bool FlashLog::drop_tail() {
  if (pages_in_use() <= 1) return false;
  const std::uint16_t page = page_of(tail_);
  if (page != kNoPage) {
    const FlashRecordHeader trim{FlashRecordKind::trim, 0, tail_ + 1, 0};
    if (!append(trim, nullptr)) return false;
  }
  slot(tail_++) = kNoPage;
  if (page != kNoPage && !is_bad(page)) ++free_pages_;
  return true;
}

bool FlashLog::is_free(std::uint32_t page) const {
  return !is_bad(page) && std::find(table_.begin(), table_.end(), page) == table_.end();
}

bool FlashLog::is_bad(std::uint32_t page) const {
  return std::find(bad_.begin(), bad_.end(), page) != bad_.end();
}

/// When there are too many, the one that failed first is tried again: perhaps its power was low.
void FlashLog::set_bad(std::uint32_t page) {
  if (is_bad(page)) return;
  if (is_free(page)) --free_pages_;
  const std::uint16_t forgiven = bad_.front();
  auto free = std::find(bad_.begin(), bad_.end(), kNoPage);
  if (free == bad_.end()) {
    std::rotate(bad_.begin(), bad_.begin() + 1, bad_.end());
    free = bad_.end() - 1;
  }
  *free = static_cast<std::uint16_t>(page);
  if (forgiven != kNoPage && is_free(forgiven)) ++free_pages_;
}

std::uint64_t FlashLog::free_bytes() const {
  const std::uint32_t pages = std::min(free_pages_, flash_.pages - pages_in_use());
  const std::uint32_t here =
      offset_ + header_bytes() <= flash_.page_size ? flash_.page_size - offset_ : 0;
  return here + std::uint64_t{pages} * page_room();
}

}  // namespace chaski::embedded
