// SPDX-License-Identifier: Apache-2.0
#include "attachment/chunk_book.hpp"

#include "base/assert.hpp"

namespace chaski::attachment {

ChunkBook::ChunkBook(const ChunkPlan& plan)
    : plan_(plan), here_(plan.chunks()), counts_(plan.groups()) {}

ChunkBook::Added ChunkBook::add(ChunkIndex chunk) {
  CHASKI_ASSERT(chunk < here_.size());
  if (here_[chunk]) return Added::duplicate;
  const std::uint32_t group = plan_.place_of(chunk).group;
  if (group_complete(group)) return Added::surplus;
  here_[chunk] = true;
  ++counts_[group];
  ++useful_;
  return Added::useful;
}

std::vector<std::uint32_t> ChunkBook::rows_here(std::uint32_t group) const {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < plan_.group_data(group); ++row) {
    if (here_[plan_.chunk_at({group, row})]) rows.push_back(row);
  }
  for (std::uint32_t row = kGroupDataMax; row < kGroupDataMax + plan_.parity(); ++row) {
    if (here_[plan_.chunk_at({group, row})]) rows.push_back(row);
  }
  return rows;
}

std::vector<std::uint32_t> ChunkBook::data_missing(std::uint32_t group) const {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < plan_.group_data(group); ++row) {
    if (!here_[plan_.chunk_at({group, row})]) rows.push_back(row);
  }
  return rows;
}

}  // namespace chaski::attachment
