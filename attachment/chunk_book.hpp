// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

#include "attachment/chunk_plan.hpp"
#include "base/bytes.hpp"

namespace chaski::attachment {

/// Which chunks of a file are here, and what that is good for: a bit for each chunk, in pages of
/// 2 KiB that take memory once one of their chunks is here. Whoever announces a terabyte costs a few
/// kilobytes until it comes.
class ChunkBook {
 public:
  enum class Added : std::uint8_t {
    useful,     ///< it brings the file nearer
    surplus,    ///< its group has enough without it
    duplicate,  ///< it was here
  };

  static constexpr std::uint32_t kPageGroups = 64;

  explicit ChunkBook(const ChunkPlan& plan);

  const ChunkPlan& plan() const { return plan_; }
  /// `chunk` must be below plan().chunks(). A surplus chunk is not noted as here.
  Added add(ChunkIndex chunk);
  bool has(ChunkIndex chunk) const { return has(plan_.place_of(chunk)); }

  /// Useful chunks that are here, of plan().data_chunks() that are needed.
  std::uint32_t useful() const { return useful_; }
  /// Whether the whole file can be rebuilt.
  bool complete() const { return useful_ == plan_.data_chunks(); }
  /// Whether this group can be rebuilt.
  bool group_complete(std::uint32_t group) const {
    const Page* page = page_of(group);
    return page != nullptr && page->counts[group % kPageGroups] == plan_.group_data(group);
  }
  /// The rows of this group that are here, in ascending order: data, then parity.
  std::vector<std::uint32_t> rows_here(std::uint32_t group) const;
  /// The data rows of this group that are not here, in ascending order.
  std::vector<std::uint32_t> data_missing(std::uint32_t group) const;
  /// The data rows of a complete group were rebuilt: they are here, and its parity is not needed.
  void rebuilt(std::uint32_t group);

  /// What is here of kPageGroups groups, to be kept: 32 bytes a group, bit r of which (lowest of
  /// byte r / 8 first) says that row r is here.
  base::Bytes save_page(std::uint32_t page) const;
  /// Adds what such a page names. False when it is not of this plan; some may be added then.
  bool load_page(std::uint32_t page, base::ByteView bytes);
  std::uint32_t pages() const { return (plan_.groups() + kPageGroups - 1) / kPageGroups; }

  /// The chunks are gone, and nothing is here any more; useful() stays.
  void let_go() { pages_.clear(); }
  /// Pages that take memory.
  std::size_t pages_held() const;

 private:
  static constexpr std::uint32_t kRows = 256;
  struct Page {
    std::array<std::bitset<kRows>, kPageGroups> here;
    std::array<std::uint8_t, kPageGroups> counts{};
  };

  const Page* page_of(std::uint32_t group) const {
    const std::uint32_t page = group / kPageGroups;
    return page < pages_.size() ? pages_[page].get() : nullptr;
  }
  bool has(ChunkPlan::Place place) const {
    const Page* page = page_of(place.group);
    return page != nullptr && page->here[place.group % kPageGroups][place.row];
  }
  /// Makes it.
  Page& page_for(std::uint32_t group);

  ChunkPlan plan_;
  std::vector<std::unique_ptr<Page>> pages_;  ///< up to the last that was ever needed
  std::uint32_t useful_ = 0;
};

}  // namespace chaski::attachment
