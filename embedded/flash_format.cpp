// SPDX-License-Identifier: Apache-2.0
#include "embedded/flash_format.hpp"

#include "base/crc32.hpp"
#include "mesh-router/envelope_store.hpp"

namespace chaski::embedded {
namespace {

constexpr std::uint32_t kPageMagic = 0x314c'4643;  // "CFL1"
constexpr std::uint8_t kRecordMark = 0xc5;

/// So that a region that was written with another geometry is not taken for ours.
std::uint32_t geometry_crc(std::uint32_t page_size, std::uint32_t word_size) {
  std::array<std::uint8_t, 8> bytes{};
  put_number(bytes.data(), page_size);
  put_number(bytes.data() + 4, word_size);
  return flash_crc(bytes);
}

bool plausible(const FlashRecordHeader& header) {
  if (header.size > kFlashPayloadMax || header.batch >= kFlashCountEnd) return false;
  switch (header.kind) {
    case FlashRecordKind::put:
    case FlashRecordKind::tombstone:
      return header.size > 0 && header.value < mesh_router::kStoreKeyEnd;
    case FlashRecordKind::erase:
      return header.size == 0 && header.batch != 0 && header.value < mesh_router::kStoreKeyEnd;
    case FlashRecordKind::commit:
      return header.size == 0 && header.batch != 0 &&
             header.value < static_cast<std::uint64_t>(kFlashTimeEnd_us);
    case FlashRecordKind::trim:
      return header.size == 0 && header.value < kFlashCountEnd;
    case FlashRecordKind::time:
      return header.size == 0 && header.value < static_cast<std::uint64_t>(kFlashTimeEnd_us);
  }
  return false;
}

}  // namespace

std::uint32_t flash_crc(base::ByteView bytes, std::uint32_t before) {
  return base::crc32_value(base::crc32_update(~before, bytes));
}

FlashPageHeaderBytes encode_page_header(const FlashPageHeader& header, std::uint32_t page_size,
                                        std::uint32_t word_size) {
  FlashPageHeaderBytes bytes{};
  put_number(&bytes[0], kPageMagic);
  put_number(&bytes[4], header.sequence);
  put_number(&bytes[8], header.tail);
  put_number(&bytes[12], header.first);
  put_number(&bytes[16], header.next_key);
  put_number(&bytes[24], static_cast<std::uint64_t>(header.time_us));
  for (std::size_t i = 0; i < header.bad.size(); ++i) put_number(&bytes[32 + 2 * i], header.bad[i]);
  const std::uint32_t crc =
      flash_crc(base::ByteView(bytes).first(60), geometry_crc(page_size, word_size));
  put_number(&bytes[60], crc);
  return bytes;
}

std::optional<FlashPageHeader> decode_page_header(const FlashPageHeaderBytes& bytes,
                                                  std::uint32_t page_size,
                                                  std::uint32_t word_size) {
  const std::uint32_t crc =
      flash_crc(base::ByteView(bytes).first(60), geometry_crc(page_size, word_size));
  if (get_number<std::uint32_t>(&bytes[0]) != kPageMagic) return std::nullopt;
  if (get_number<std::uint32_t>(&bytes[60]) != crc) return std::nullopt;
  FlashPageHeader header;
  header.sequence = get_number<std::uint32_t>(&bytes[4]);
  header.tail = get_number<std::uint32_t>(&bytes[8]);
  header.first = get_number<std::uint32_t>(&bytes[12]);
  header.next_key = get_number<std::uint64_t>(&bytes[16]);
  const auto time_us = get_number<std::uint64_t>(&bytes[24]);
  if (header.sequence == 0 || header.sequence >= kFlashCountEnd) return std::nullopt;
  if (header.tail > header.sequence || header.first % word_size != 0) return std::nullopt;
  if (header.first > page_size - FlashPageHeader::kSize) return std::nullopt;
  if (header.next_key > mesh_router::kStoreKeyEnd) return std::nullopt;
  if (time_us >= static_cast<std::uint64_t>(kFlashTimeEnd_us)) return std::nullopt;
  header.time_us = static_cast<std::int64_t>(time_us);
  for (std::size_t i = 0; i < header.bad.size(); ++i) {
    header.bad[i] = get_number<std::uint16_t>(&bytes[32 + 2 * i]);
  }
  return header;
}

FlashRecordHeaderBytes encode_record_header(const FlashRecordHeader& header,
                                            std::uint32_t sequence) {
  FlashRecordHeaderBytes bytes{};
  bytes[0] = static_cast<std::uint8_t>(header.kind);
  bytes[1] = kRecordMark;
  put_number(&bytes[4], header.size);
  put_number(&bytes[8], header.value);
  put_number(&bytes[16], header.batch);
  std::array<std::uint8_t, 4> seed{};
  put_number(seed.data(), sequence);
  put_number(&bytes[20], flash_crc(base::ByteView(bytes).first(20), flash_crc(seed)));
  return bytes;
}

std::optional<FlashRecordHeader> decode_record_header(const FlashRecordHeaderBytes& bytes,
                                                      std::uint32_t sequence) {
  if (bytes[1] != kRecordMark || bytes[2] != 0 || bytes[3] != 0) return std::nullopt;
  std::array<std::uint8_t, 4> seed{};
  put_number(seed.data(), sequence);
  const std::uint32_t crc = flash_crc(base::ByteView(bytes).first(20), flash_crc(seed));
  if (get_number<std::uint32_t>(&bytes[20]) != crc) return std::nullopt;
  FlashRecordHeader header;
  header.kind = static_cast<FlashRecordKind>(bytes[0]);
  header.size = get_number<std::uint32_t>(&bytes[4]);
  header.value = get_number<std::uint64_t>(&bytes[8]);
  header.batch = get_number<std::uint32_t>(&bytes[16]);
  if (!plausible(header)) return std::nullopt;
  return header;
}

}  // namespace chaski::embedded
