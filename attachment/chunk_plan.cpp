// SPDX-License-Identifier: Apache-2.0
#include "attachment/chunk_plan.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "e2ee/sealing.hpp"

namespace chaski::attachment {
namespace {

constexpr std::uint32_t kParityShare = 4;  // a chunk of parity for so many of data

std::uint64_t ceil_divide(std::uint64_t a, std::uint64_t b) {
  return a / b + (a % b == 0 ? 0 : 1);
}

std::uint32_t data_size(std::uint8_t chunk_class) {
  return kChunkBodySizes[chunk_class] - static_cast<std::uint32_t>(e2ee::kAeadTagSize);
}

}  // namespace

std::optional<ChunkPlan> ChunkPlan::make(std::uint64_t file_size, std::uint8_t chunk_class,
                                         std::uint32_t parity) {
  if (file_size > kFileSizeMax || chunk_class >= kChunkBodySizes.size() ||
      parity > kGroupParityMax) {
    return std::nullopt;
  }
  const std::uint64_t chunks =
      std::max<std::uint64_t>(1, ceil_divide(file_size, data_size(chunk_class)));
  if (chunks > kDataChunksMax) return std::nullopt;
  const std::uint64_t groups = ceil_divide(chunks, kGroupDataMax);
  ChunkPlan plan;
  plan.file_size_ = file_size;
  plan.chunk_class_ = chunk_class;
  plan.parity_ = parity;
  plan.data_chunks_ = static_cast<std::uint32_t>(chunks);
  plan.groups_ = static_cast<std::uint32_t>(groups);
  return plan;
}

std::optional<ChunkPlan> ChunkPlan::choose(std::uint64_t file_size) {
  std::uint8_t chunk_class = 0;
  while (chunk_class + 1U < kChunkBodySizes.size() &&
         ceil_divide(file_size, data_size(chunk_class)) > 2 * kChunksWanted) {
    ++chunk_class;
  }
  const auto bare = make(file_size, chunk_class, 0);
  // A file of one chunk needs none: many carry each envelope.
  if (!bare || bare->data_chunks() == 1) return bare;
  const auto parity = ceil_divide(bare->group_data(0), kParityShare);
  return make(file_size, chunk_class, static_cast<std::uint32_t>(parity));
}

std::uint32_t ChunkPlan::chunk_size() const { return data_size(chunk_class_); }

ChunkPlan::Place ChunkPlan::place_of(ChunkIndex chunk) const {
  CHASKI_ASSERT(chunk < chunks());
  if (is_data(chunk)) return {chunk % groups_, chunk / groups_};
  const std::uint32_t parity = chunk - data_chunks_;
  return {parity % groups_, kGroupDataMax + parity / groups_};
}

ChunkIndex ChunkPlan::chunk_at(Place place) const {
  const bool data = place.row < kGroupDataMax;
  const std::uint32_t row = data ? place.row : place.row - kGroupDataMax;
  const ChunkIndex chunk = (data ? 0 : data_chunks_) + row * groups_ + place.group;
  CHASKI_ASSERT(place.group < groups_ && (data ? chunk < data_chunks_ : row < parity_));
  return chunk;
}

std::uint32_t ChunkPlan::group_data(std::uint32_t group) const {
  CHASKI_ASSERT(group < groups_);
  return data_chunks_ / groups_ + (group < data_chunks_ % groups_ ? 1 : 0);
}

std::uint64_t ChunkPlan::offset_of(ChunkIndex chunk) const {
  CHASKI_ASSERT(is_data(chunk));
  return std::uint64_t{chunk} * chunk_size();
}

std::uint32_t ChunkPlan::size_of(ChunkIndex chunk) const {
  const std::uint64_t offset = offset_of(chunk);
  const std::uint64_t left = file_size_ - std::min(offset, file_size_);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(left, chunk_size()));
}

}  // namespace chaski::attachment
