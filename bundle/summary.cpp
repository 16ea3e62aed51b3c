// SPDX-License-Identifier: Apache-2.0
#include "bundle/summary.hpp"

#include "base/assert.hpp"
#include "reconcile/gap_code.hpp"

namespace chaski::bundle {

namespace {

using reconcile::ShortId;

constexpr std::size_t kIdSize = 6;
constexpr std::size_t kCountSize = 2;

void append_number(std::uint64_t value, std::size_t size, base::Bytes& out) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

std::uint64_t read_number(base::ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << 8 * i;
  return value;
}

}  // namespace

base::Bytes encode_summary(std::span<const ShortId> ids) {
  CHASKI_ASSERT(ids.size() <= kSummaryBlockIds);
  base::Bytes out;
  append_number(ids.size(), kCountSize, out);
  if (ids.empty()) return out;
  append_number(ids.front(), kIdSize, out);
  append_number(ids.back(), kIdSize, out);
  std::vector<std::uint64_t> offsets;
  offsets.reserve(ids.size());
  for (const ShortId id : ids) offsets.push_back(id - ids.front());
  reconcile::write_gaps(offsets, offsets.back() + 1, out);
  return out;
}

base::Expected<std::vector<ShortId>, BundleError> decode_summary(base::ByteView text) {
  const auto malformed = base::unexpected(BundleError::malformed);
  if (text.size() < kCountSize) return malformed;
  const auto count = static_cast<std::size_t>(read_number(text.first(kCountSize)));
  text = text.subspan(kCountSize);
  std::vector<std::uint64_t> ids;
  if (count == 0) {
    if (!text.empty()) return malformed;
    return ids;
  }
  if (count > kSummaryBlockIds || text.size() < 2 * kIdSize) return malformed;
  const std::uint64_t first = read_number(text.first(kIdSize));
  const std::uint64_t last = read_number(text.subspan(kIdSize, kIdSize));
  text = text.subspan(2 * kIdSize);
  if (first == 0 || last < first) return malformed;
  std::size_t used = 0;
  const auto read = reconcile::read_gaps(text, count, last - first + 1, ids, used);
  if (read != reconcile::Read::ok || used != text.size()) return malformed;
  if (ids.front() != 0 || ids.back() != last - first) return malformed;
  for (std::uint64_t& id : ids) id += first;
  return ids;
}

}  // namespace chaski::bundle
