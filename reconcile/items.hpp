// SPDX-License-Identifier: Apache-2.0
// What speaker and answerer must agree on beside the bytes; docs/protocol/reconciliation.md.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reconcile/sketch.hpp"

namespace chaski::reconcile {

/// First byte of an item; 16 to kCapacityMax is a sketch of that capacity.
enum ItemCode : std::uint8_t {
  kItemList = 0,
  kItemSplit = 129,
  kItemOldest = 130,  ///< what follows is about the oldest unsolved partition
  kItemGroup = 131,   ///< sketches of several parts of a split that share syndromes
  kItemMore = 132,    ///< more of the rows of the oldest group that was not solved as a whole
};

/// Smallest sketch of a partition: one that decodes to a wrong set is as rare as 1 in 16!.
inline constexpr std::size_t kCapacityMin = 16;
/// Least number of syndromes that are added to an unsolved sketch, unless it gets kCapacityMax.
inline constexpr std::size_t kExtensionMin = 8;
/// Most ids in one list.
inline constexpr std::size_t kListMax = 1'024;
/// Most parts of a split.
inline constexpr std::uint32_t kPartsMax = 65'535;
/// Most parts of a split whose sketches share syndromes.
inline constexpr std::size_t kGroupMax = 64;
/// Least number of syndromes that the unsolved parts of a group get, unless it is kCapacityMax.
inline constexpr std::size_t kMoreMin = 4;
/// Groups at once that were not solved as a whole.
inline constexpr std::size_t kGroupsOpenMax = 16;
/// How often a part of a part may be split again.
inline constexpr unsigned kDepthMax = 5;
/// Bytes of items that may be on the way to answers, beyond one item.
inline constexpr std::size_t kWindow = std::size_t{256} * 1024;
/// Largest item: a group in which no part is told more than kCapacityMax syndromes. A list whose
/// ids are as far apart as can be has 7 KiB.
inline constexpr std::size_t kItemSizeMax =
    kGroupMax * kCapacityMax * kSyndromeSize + std::size_t{1} * 1024;
/// Unsolved partitions at once.
inline constexpr std::size_t kOpenMax = 1'024;

}  // namespace chaski::reconcile
