// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace chaski::attachment {

/// Which chunk of a file: data chunks come first, then those of parity.
using ChunkIndex = std::uint32_t;

/// Sealed bodies of chunks: the padding classes 8, 16, 32, 64, 128 and 305 of wire/padding.hpp.
inline constexpr std::array<std::uint32_t, 6> kChunkBodySizes = {1'672,  3'400,  6'856,
                                                                 13'768, 27'592, 65'824};
/// A file is cut into at least so many chunks where the classes allow it, so that it can come in
/// parts over short meetings and from several neighbours.
inline constexpr std::uint64_t kChunksWanted = 48;
/// Most data chunks of one group.
inline constexpr std::uint32_t kGroupDataMax = 128;
/// Most parity chunks of one group: together they are numbered in one byte.
inline constexpr std::uint32_t kGroupParityMax = 127;
/// Most data chunks of a file, so that what is here of it is known by at most 4 MiB of bits.
inline constexpr std::uint64_t kDataChunksMax = std::uint64_t{1} << 24;
/// Largest file: 1 TiB, in chunks of the largest class.
inline constexpr std::uint64_t kFileSizeMax = std::uint64_t{1} << 40;

/// How a file is cut: what size, class and parity give, and nothing else.
///
/// The file is D data chunks of S bytes, the last one filled up with zeros; an empty file is one of
/// zeros. They form G = ceil(D / 128) groups: chunk i belongs to group i mod G, so that neighbours
/// in the file are lost by different groups. Each group has P parity chunks; that with number
/// D + j G + g is the j-th of group g. Any as many chunks of a group as it has data chunks rebuild
/// it.
class ChunkPlan {
 public:
  /// Where a chunk stands in its group: rows below kGroupDataMax are data, those from there parity.
  struct Place {
    std::uint32_t group = 0;
    std::uint32_t row = 0;
  };

  /// Nothing when the file is larger than kFileSizeMax or has more than kDataChunksMax chunks, the
  /// class is none, or parity is above kGroupParityMax.
  static std::optional<ChunkPlan> make(std::uint64_t file_size, std::uint8_t chunk_class,
                                       std::uint32_t parity);
  /// What a sender chooses: the smallest class with at most 2 x kChunksWanted chunks, and a parity
  /// chunk for each four of data, so that a fifth of all may be lost.
  static std::optional<ChunkPlan> choose(std::uint64_t file_size);

  std::uint64_t file_size() const { return file_size_; }
  std::uint8_t chunk_class() const { return chunk_class_; }
  std::uint32_t parity() const { return parity_; }

  /// Bytes of the file in one chunk.
  std::uint32_t chunk_size() const;
  std::uint32_t data_chunks() const { return data_chunks_; }
  std::uint32_t groups() const { return groups_; }
  std::uint32_t chunks() const { return data_chunks_ + parity_ * groups_; }
  bool is_data(ChunkIndex chunk) const { return chunk < data_chunks_; }

  /// `chunk` must be below chunks().
  Place place_of(ChunkIndex chunk) const;
  ChunkIndex chunk_at(Place place) const;
  /// Data chunks of this group.
  std::uint32_t group_data(std::uint32_t group) const;
  /// Where a data chunk begins in the file, and how many bytes of the file it has.
  std::uint64_t offset_of(ChunkIndex chunk) const;
  std::uint32_t size_of(ChunkIndex chunk) const;

  bool operator==(const ChunkPlan&) const = default;

 private:
  ChunkPlan() = default;

  std::uint64_t file_size_ = 0;
  std::uint32_t data_chunks_ = 1;
  std::uint32_t groups_ = 1;
  std::uint32_t parity_ = 0;
  std::uint8_t chunk_class_ = 0;
};

}  // namespace chaski::attachment
