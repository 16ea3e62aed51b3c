// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "embedded/flash_format.hpp"
#include "embedded/port.h"

namespace chaski::embedded {

/// What a record's payload is taken from while it is written.
class FlashPayload {
 public:
  virtual ~FlashPayload() = default;
  /// Fills `out` with the bytes from `offset` on; asked in rising order. False: it cannot be had.
  virtual bool read(std::size_t offset, base::MutableByteView out) = 0;
};

/// A record that was found, and where: its address names it as long as its page is in the log.
struct FlashRecord {
  FlashRecordHeader header;
  std::uint32_t at = 0;
  std::uint32_t sequence = 0;
};

/// Where a walk over the log stands.
struct FlashWalk {
  std::uint32_t sequence = 0;
  std::uint32_t offset = 0;  ///< in the page; 0: not entered yet
};

/// A row of records over the pages of a flash, used in turn: written at the head, dropped at the
/// tail, each word programmed once between two erases.
///
/// What is written is read back; a page that fails is left, and the pages that are begun after it
/// say so. Nothing here knows what records mean, but for the trim, which says where the tail is:
/// so a page that was half erased when power went is no part of the log whatever is left of it.
class FlashLog {
 public:
  /// Pages in which one record is tried.
  static constexpr int kAttempts = 4;
  static constexpr std::uint32_t kPageSizeMin = 256;
  static constexpr std::uint32_t kPageSizeMax = 1u << 17;

  /// `page_table` has an element for each page; it and `flash` outlive the log.
  FlashLog(const chaski_flash& flash, std::span<std::uint16_t> page_table);

  /// Whether a log can be kept in such a flash at all; otherwise nothing else may be called.
  bool possible() const { return possible_; }
  /// Finds the log. Writes nothing.
  void mount();

  FlashWalk begin() const { return {tail_, 0}; }
  std::optional<FlashRecord> next(FlashWalk& walk) const;
  /// Whether the payload is what was written.
  bool intact(const FlashRecord& record) const;
  bool read(std::uint32_t at, std::size_t offset, base::MutableByteView out) const;

  /// Writes a record and gives its address; nothing when there is no page left or too many failed.
  std::optional<std::uint32_t> append(const FlashRecordHeader& header, FlashPayload* payload);
  /// The oldest page is no longer in the log. False when that could not be written, or when it is
  /// the only page.
  bool drop_tail();

  std::uint32_t tail() const { return tail_; }
  /// The number of the page that this address is in; 0 when it cannot be read.
  std::uint32_t sequence_at(std::uint32_t at) const;
  std::uint32_t bad_pages() const;
  std::uint32_t pages_in_use() const { return next_sequence_ - tail_; }
  std::uint32_t usable_pages() const;
  /// Bytes that append() could still take, headers of records included.
  std::uint64_t free_bytes() const;
  /// Bytes of records in one page.
  std::uint32_t page_room() const {
    return flash_.page_size - static_cast<std::uint32_t>(FlashPageHeader::kSize);
  }
  /// Bytes that a record takes.
  std::uint32_t record_bytes(std::uint32_t payload_size) const;

  /// What the next page that is begun says beside its place.
  std::uint64_t next_key = 1;
  std::int64_t time_us = 0;

 private:
  static constexpr std::uint16_t kNoPage = FlashPageHeader::kNoPage;

  struct Writing;
  enum class Wrote : std::uint8_t { all, page_failed, impossible };
  Wrote write(Writing& writing);
  bool fill(Writing& writing, base::MutableByteView chunk) const;
  bool program(base::ByteView words);
  bool open_page(std::uint32_t first);
  bool begin_page(std::uint32_t page, std::uint32_t first);
  bool is_free(std::uint32_t page) const;
  bool is_bad(std::uint32_t page) const;
  void set_bad(std::uint32_t page);
  void find_pages();
  void find_tail();
  void find_end();
  std::optional<FlashPageHeader> page_header(std::uint32_t page) const;
  std::optional<FlashRecordHeader> record_header(std::uint32_t at, std::uint32_t sequence) const;
  std::uint16_t& slot(std::uint32_t sequence) { return table_[sequence % flash_.pages]; }
  std::uint16_t page_of(std::uint32_t sequence) const;
  std::uint32_t following(std::uint32_t sequence) const;
  bool get(std::uint32_t at, base::MutableByteView out) const;
  bool blank(std::uint32_t from, std::uint32_t to) const;
  std::uint32_t words(std::uint32_t size) const {
    return (size + flash_.word_size - 1) & ~(flash_.word_size - 1);
  }
  std::uint32_t header_bytes() const { return words(FlashRecordHeader::kSize); }

  const chaski_flash& flash_;
  std::span<std::uint16_t> table_;  // page of each sequence in the log, by its remainder
  bool possible_ = false;
  std::uint32_t tail_ = 1;
  std::uint32_t next_sequence_ = 1;
  std::uint32_t free_pages_ = 0;
  std::uint32_t page_ = 0;    // that is written to
  std::uint32_t offset_ = 0;  // in it, of what is written next
  std::array<std::uint16_t, FlashPageHeader::kBadMax> bad_ = FlashPageHeader{}.bad;
};

}  // namespace chaski::embedded
