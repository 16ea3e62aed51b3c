// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "reconcile/shared_rows.hpp"
#include "reconcile/short_id_set.hpp"

namespace chaski::reconcile {

/// How a partition is told next.
struct Plan {
  enum class Way : std::uint8_t { list, sketch, split };
  Way way = Way::list;
  std::uint32_t parts = 1;       ///< split: how many
  std::size_t capacity = 0;      ///< sketch: syndromes in all; split: of each part, when not 0
  std::uint32_t difference = 0;  ///< split: in all parts, which are told in groups, when not 0
};

/// Bytes of a list of so many ids in a range of this width, about.
std::size_t list_size(std::size_t count, std::uint64_t width);

/// Everything in lists: for a set of `count` ids.
Plan plan_lists(std::size_t count);

/// The whole set of `count` ids, with `known` syndromes told, when about `difference` ids differ.
Plan plan_whole(std::size_t count, std::size_t known, std::uint32_t difference);

/// A group of `parts` parts of a split into `all_parts`, in which together about `difference` ids
/// differ: as many syndromes for the part with the most of them, the next one and so on as these
/// are expected to have, and a little more.
Shares plan_shares(std::size_t parts, std::size_t all_parts, std::uint32_t difference);

/// More of it when `unsolved` parts were left.
Shares plan_more(Shares shares, std::size_t unsolved);

/// A partition of `count` ids whose sketch of `known` syndromes was not solved; `depth` splits lead
/// to it. Always another step towards its end: sketches end at kCapacityMax, splits at depth
/// kDepthMax, lists are answered.
Plan plan_unsolved(std::size_t count, std::size_t known, const IdRange& range, unsigned depth);

}  // namespace chaski::reconcile
