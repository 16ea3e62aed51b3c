// SPDX-License-Identifier: Apache-2.0
#include "attachment/chunk_book.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::attachment {
namespace {
constexpr std::size_t kPageRowBytes = 32;  ///< a bit for each of 256 rows
}  // namespace

ChunkBook::ChunkBook(const ChunkPlan& plan) : plan_(plan) {
  static_assert(kGroupDataMax + kGroupParityMax <= kRows);
}

ChunkBook::Page& ChunkBook::page_for(std::uint32_t group) {
  const std::uint32_t page = group / kPageGroups;
  if (page >= pages_.size()) pages_.resize(page + 1);
  if (!pages_[page]) pages_[page] = std::make_unique<Page>();
  return *pages_[page];
}

std::size_t ChunkBook::pages_held() const {
  return static_cast<std::size_t>(
      std::count_if(pages_.begin(), pages_.end(), [](const auto& page) { return page != nullptr; }));
}

ChunkBook::Added ChunkBook::add(ChunkIndex chunk) {
  CHASKI_ASSERT(chunk < plan_.chunks());
  const ChunkPlan::Place place = plan_.place_of(chunk);
  if (has(place)) return Added::duplicate;
  if (group_complete(place.group)) return Added::surplus;
  Page& page = page_for(place.group);
  page.here[place.group % kPageGroups].set(place.row);
  ++page.counts[place.group % kPageGroups];
  ++useful_;
  return Added::useful;
}

std::vector<std::uint32_t> ChunkBook::rows_here(std::uint32_t group) const {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < plan_.group_data(group); ++row) {
    if (has({group, row})) rows.push_back(row);
  }
  for (std::uint32_t row = kGroupDataMax; row < kGroupDataMax + plan_.parity(); ++row) {
    if (has({group, row})) rows.push_back(row);
  }
  return rows;
}

std::vector<std::uint32_t> ChunkBook::data_missing(std::uint32_t group) const {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < plan_.group_data(group); ++row) {
    if (!has({group, row})) rows.push_back(row);
  }
  return rows;
}

void ChunkBook::rebuilt(std::uint32_t group) {
  CHASKI_ASSERT(group_complete(group));
  std::bitset<kRows>& here = page_for(group).here[group % kPageGroups];
  here.reset();
  for (std::uint32_t row = 0; row < plan_.group_data(group); ++row) here.set(row);
}

base::Bytes ChunkBook::save_page(std::uint32_t page) const {
  const std::uint32_t first = page * kPageGroups;
  const std::uint32_t end = std::min(first + kPageGroups, plan_.groups());
  CHASKI_ASSERT(first < end);
  base::Bytes out(std::size_t{end - first} * kPageRowBytes);
  for (std::uint32_t group = first; group < end; ++group) {
    for (const std::uint32_t row : rows_here(group)) {
      out[(group - first) * kPageRowBytes + row / 8] |= static_cast<std::uint8_t>(1u << (row % 8));
    }
  }
  return out;
}

bool ChunkBook::load_page(std::uint32_t page, base::ByteView bytes) {
  if (page >= pages()) return false;
  const std::uint32_t first = page * kPageGroups;
  const std::uint32_t end = std::min(first + kPageGroups, plan_.groups());
  if (bytes.size() != std::size_t{end - first} * kPageRowBytes) return false;
  for (std::uint32_t group = first; group < end; ++group) {
    const base::ByteView bits = bytes.subspan((group - first) * kPageRowBytes, kPageRowBytes);
    for (std::uint32_t row = 0; row < kPageRowBytes * 8; ++row) {
      if (((bits[row / 8] >> (row % 8)) & 1) == 0) continue;
      const bool is_row = row < kGroupDataMax ? row < plan_.group_data(group)
                                              : row < kGroupDataMax + plan_.parity();
      if (!is_row || add(plan_.chunk_at({group, row})) != Added::useful) return false;
    }
  }
  return true;
}

}  // namespace chaski::attachment
