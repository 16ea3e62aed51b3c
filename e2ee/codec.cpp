// SPDX-License-Identifier: Apache-2.0
#include "e2ee/codec.hpp"

#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/reveal.hpp"

namespace chaski::e2ee {

bool is_all_zero(base::ByteView bytes) {
  std::uint8_t any = 0;
  for (const std::uint8_t byte : bytes) any |= byte;
  return revealed(any) == 0;
}

void finish_record(base::MutableByteView record) {
  CHASKI_ASSERT(record.size() >= kSaveChecksumSize);
  const std::size_t size = record.size() - kSaveChecksumSize;
  hash(record.subspan(size), label::kSaveChecksum, {}, {record.first(size)});
}

std::optional<base::ByteView> open_record(base::ByteView record) {
  if (record.size() < kSaveChecksumSize) return std::nullopt;
  const base::ByteView content = record.first(record.size() - kSaveChecksumSize);
  const auto sum = public_hash<kSaveChecksumSize>(label::kSaveChecksum, {content});
  if (!equal_constant_time(sum, record.last(kSaveChecksumSize))) return std::nullopt;
  return content;
}

}  // namespace chaski::e2ee
