// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace chaski::embedded {

// What lies in flash, little-endian. A page: a header, then records, of which one may go on in the
// next page. docs/decisions/0017-flash.md has the layout and the reasons.

/// The CRC-32 of base/crc32.hpp of `bytes`, going on from the value `before` (0: begins).
std::uint32_t flash_crc(base::ByteView bytes, std::uint32_t before = 0);

/// Pages and commits are counted below this; what says more is not ours.
inline constexpr std::uint32_t kFlashCountEnd = 1u << 31;
/// Node times in flash are below this: 142 years of microseconds.
inline constexpr std::int64_t kFlashTimeEnd_us = std::int64_t{1} << 52;
/// Largest payload of a record.
inline constexpr std::uint32_t kFlashPayloadMax = 1u << 17;

/// Says which part of the log a page is.
struct FlashPageHeader {
  static constexpr std::size_t kSize = 64;
  static constexpr std::size_t kBadMax = 8;
  static constexpr std::uint16_t kNoPage = 0xffff;
  std::uint32_t sequence = 0;  ///< pages are numbered as they are begun, from 1
  std::uint32_t tail = 0;      ///< pages with smaller numbers are no part of the log
  std::uint32_t first = 0;     ///< bytes from the header to where the first record begins
  std::uint64_t next_key = 0;
  std::int64_t time_us = 0;  ///< node time when the page was begun
  /// Pages that failed, in the order in which they did; then kNoPage.
  std::array<std::uint16_t, kBadMax> bad = {kNoPage, kNoPage, kNoPage, kNoPage,
                                            kNoPage, kNoPage, kNoPage, kNoPage};
};
using FlashPageHeaderBytes = std::array<std::uint8_t, FlashPageHeader::kSize>;

FlashPageHeaderBytes encode_page_header(const FlashPageHeader& header, std::uint32_t page_size,
                                        std::uint32_t word_size);
/// Nothing when it is no header that encode_page_header() makes for this geometry.
std::optional<FlashPageHeader> decode_page_header(const FlashPageHeaderBytes& bytes,
                                                  std::uint32_t page_size, std::uint32_t word_size);

enum class FlashRecordKind : std::uint8_t {
  put = 1,    ///< value: its key; payload: the packed record and the envelope
  tombstone,  ///< value: its key; payload: id and until
  erase,      ///< value: the key
  commit,     ///< value: node time
  trim,       ///< value: pages with smaller numbers are no part of the log
  time,       ///< value: node time
};

/// What a record begins with. A payload and its CRC follow, each part filled up to whole words.
struct FlashRecordHeader {
  static constexpr std::size_t kSize = 24;
  FlashRecordKind kind = FlashRecordKind::time;
  std::uint32_t size = 0;  ///< of the payload
  std::uint64_t value = 0;
  std::uint32_t batch = 0;  ///< holds once this batch is committed; 0: as soon as it is written
};
using FlashRecordHeaderBytes = std::array<std::uint8_t, FlashRecordHeader::kSize>;

/// `sequence` is of the page that the record begins in.
FlashRecordHeaderBytes encode_record_header(const FlashRecordHeader& header,
                                            std::uint32_t sequence);
std::optional<FlashRecordHeader> decode_record_header(const FlashRecordHeaderBytes& bytes,
                                                      std::uint32_t sequence);

/// Fixed-width numbers in a buffer.
template <class Number>
void put_number(std::uint8_t* at, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<std::uint8_t>(value >> 8 * i);
}
template <class Number>
Number get_number(const std::uint8_t* at) {
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;) value = value << 8 | at[i];
  return static_cast<Number>(value);
}

}  // namespace chaski::embedded
