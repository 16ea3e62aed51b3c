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
};

/// Smallest sketch of a partition: one that decodes to a wrong set is as rare as 1 in 16!.
inline constexpr std::size_t kCapacityMin = 16;
/// Least number of syndromes that are added to an unsolved sketch, unless it gets kCapacityMax.
inline constexpr std::size_t kExtensionMin = 8;
/// Most ids in one list.
inline constexpr std::size_t kListMax = 1'024;
/// Most parts of a split.
inline constexpr std::uint32_t kPartsMax = 65'535;
/// How often a part of a part may be split again.
inline constexpr unsigned kDepthMax = 5;
/// Bytes of items that may be on the way to answers, beyond one item.
inline constexpr std::size_t kWindow = std::size_t{256} * 1024;
/// Largest item: a list whose ids are as far apart as can be.
inline constexpr std::size_t kItemSizeMax = std::size_t{8} * 1024;
/// Unsolved partitions at once.
inline constexpr std::size_t kOpenMax = 1'024;

}  // namespace chaski::reconcile
