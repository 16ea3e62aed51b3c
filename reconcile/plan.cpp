// SPDX-License-Identifier: Apache-2.0
#include "reconcile/plan.hpp"

#include <algorithm>
#include <cmath>

#include "reconcile/gap_code.hpp"
#include "reconcile/items.hpp"

namespace chaski::reconcile {

namespace {

constexpr std::size_t kListAim = 512;   // ids in a list, so that hardly any exceeds kListMax
constexpr double kPartAim = 84;         // differences in a part
constexpr double kWholeMargin = 1.05;   // a whole set is sketched for so much more than estimated
constexpr std::size_t kHalfCapacity = 96;

/// Parts hold a Poisson number of differences. So many standard deviations of room that, when the
/// estimate is right, all of them are solved at once a little more often than not.
double room(double parts) { return 0.45 + 0.37 * std::log2(parts); }

Plan split_into_lists(std::size_t count) {
  return {Plan::Way::split,
          static_cast<std::uint32_t>(std::clamp<std::size_t>(count / kListAim, 2, kPartsMax)), 0};
}

Plan sketch_parts(double difference) {
  Plan plan{Plan::Way::split, 2, kCapacityMax};
  const double parts = std::clamp(std::round(difference / kPartAim), 2.0, double{kPartsMax});
  const double each = difference / parts;
  plan.parts = static_cast<std::uint32_t>(parts);
  const double wanted = std::ceil(each + room(parts) * std::sqrt(each));
  plan.capacity = static_cast<std::size_t>(std::clamp(wanted, 36.0, double{kCapacityMax}));
  return plan;
}

}  // namespace

std::size_t list_size(std::size_t count, std::uint64_t width) {
  return 3 + count * (2 * gap_bits(count, width) + 3) / 16;
}

Plan plan_lists(std::size_t count) {
  return count <= kListAim ? Plan{} : split_into_lists(count);
}

Plan plan_whole(std::size_t count, std::size_t known, double difference) {
  const double whole = std::ceil(difference * kWholeMargin);
  Plan plan = sketch_parts(difference);
  std::size_t syndromes = plan.parts * plan.capacity - std::min(known, plan.capacity);
  if (whole <= double{kCapacityMax}) {
    const std::size_t least = std::min(known + kExtensionMin, kCapacityMax);
    plan = {Plan::Way::sketch, 1, std::max(least, static_cast<std::size_t>(whole))};
    syndromes = plan.capacity - known;
  }
  const bool listed = list_size(count, IdRange{}.high) <= syndromes * kSyndromeSize;
  return listed ? plan_lists(count) : plan;
}

Plan plan_unsolved(std::size_t count, std::size_t known, const IdRange& range, unsigned depth) {
  const std::size_t more = std::clamp(known / 4, kExtensionMin, kCapacityMax);
  const std::size_t listed = list_size(count, range.high - range.low);
  if (count <= kListMax && listed <= 2 * more * kSyndromeSize) return {};
  if (known < kCapacityMax) {
    return {Plan::Way::sketch, 1, std::min(known + more, kCapacityMax)};
  }
  if (depth + 1 < kDepthMax) return {Plan::Way::split, 2, kHalfCapacity};
  return count <= kListMax ? Plan{} : split_into_lists(count);
}

}  // namespace chaski::reconcile
