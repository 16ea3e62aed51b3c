// SPDX-License-Identifier: Apache-2.0
#include "reconcile/plan.hpp"

#include <algorithm>
#include <iterator>

#include "reconcile/gap_code.hpp"
#include "reconcile/items.hpp"
#include "reconcile/opener.hpp"

namespace chaski::reconcile {

namespace {

constexpr std::size_t kListAim = 512;     // ids in a list, so that hardly any exceeds kListMax
constexpr std::uint32_t kPartAim = 90;    // differences in a part
constexpr std::size_t kHalfCapacity = 96;
constexpr std::size_t kMoreOfAll = 10;    // syndromes for each part of a group, if all are unsolved

/// Syndromes that each part gets beyond what is expected, with 8 bits of fraction: few parts
/// compensate each other less, but there are also fewer of which one may need more.
constexpr std::uint32_t margin(std::size_t parts) {
  return 1'536 - 1'280 / static_cast<std::uint32_t>(parts);
}

/// The normal distribution at 0, 1/4 … 3 standard deviations, in parts of 2^16.
constexpr std::uint32_t kNormal[] = {32'768, 39'236, 45'316, 50'681, 55'138, 58'613, 61'158,
                                     62'911, 64'046, 64'735, 65'129, 65'341, 65'448};

/// How many standard deviations above the mean so many parts of 2^16 lie below, from 1/2 on; with 8
/// bits of fraction.
std::uint32_t normal_quantile(std::uint32_t share) {
  std::size_t i = 0;
  while (i + 2 < std::size(kNormal) && kNormal[i + 1] <= share) ++i;
  const std::uint32_t part = (share - kNormal[i]) * 64 / (kNormal[i + 1] - kNormal[i]);
  return static_cast<std::uint32_t>(i) * 64 + part;
}

std::uint32_t square_root(std::uint64_t number) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root | bit) * (root | bit) <= number) root |= bit;
  }
  return static_cast<std::uint32_t>(root);
}

Plan split_into_lists(std::size_t count) {
  return {Plan::Way::split,
          static_cast<std::uint32_t>(std::clamp<std::size_t>(count / kListAim, 2, kPartsMax))};
}

Plan split_into_groups(std::uint32_t difference) {
  const std::uint32_t parts = (difference + kPartAim / 2) / kPartAim;
  return {Plan::Way::split, std::clamp<std::uint32_t>(parts, 2, kPartsMax), 0, difference};
}

}  // namespace

std::size_t list_size(std::size_t count, std::uint64_t width) {
  return 3 + count * (2 * gap_bits(count, width) + 3) / 16;
}

Plan plan_lists(std::size_t count) {
  return count <= kListAim ? Plan{} : split_into_lists(count);
}

Plan plan_whole(std::size_t count, std::size_t known, std::uint32_t difference) {
  const std::size_t whole = difference + difference / 32 + 1;
  Plan plan = split_into_groups(difference);
  std::size_t syndromes = whole + std::size_t{2} * plan.parts;
  if (whole <= kCapacityMax || known > kTellerSyndromes) {
    const std::size_t least = std::min(known + kExtensionMin, kCapacityMax);
    plan = {Plan::Way::sketch, 1, std::clamp(whole, least, kCapacityMax)};
    syndromes = plan.capacity;
  }
  const bool listed = list_size(count, IdRange{}.high) <= (syndromes - known) * kSyndromeSize;
  return listed ? plan_lists(count) : plan;
}

/// The parts hold numbers that are nearly normal, and what is expected of the r-th largest of n of
/// them is the quantile (n - r + 5/8) / (n + 1/4) (Blom, "Statistical estimates and transformed
/// beta-variables", 1958).
Shares plan_shares(std::size_t parts, std::size_t all_parts, std::uint32_t difference) {
  const std::uint64_t mean = (std::uint64_t{difference} << 8) / all_parts;
  const std::uint64_t deviation = square_root((mean << 8) * (all_parts - 1) / all_parts);
  const auto capacity = [&](std::size_t rank) {  // from 0, the largest
    const std::size_t above = 8 * rank + 5;
    const std::size_t below = 8 * parts + 2 - above;
    const auto share = static_cast<std::uint32_t>((std::max(above, below) << 16) / (8 * parts + 2));
    const std::uint64_t off = deviation * normal_quantile(share) >> 8;
    const std::uint64_t wanted = below > above ? mean + off : mean - std::min(mean, off);
    const auto syndromes = static_cast<std::size_t>((wanted + margin(parts) + 255) >> 8);
    return std::clamp(syndromes, kTellerSyndromes, kCapacityMax);
  };
  Shares shares{parts, capacity(parts - 1), {}};
  for (std::size_t rank = 0; rank + 1 < parts; ++rank) {
    const std::size_t length = capacity(rank) - shares.base;
    if (length > 0) shares.lengths.push_back(static_cast<std::uint8_t>(length));
  }
  return shares;
}

/// Where many parts are left the estimate was too low, for all of them alike.
Shares plan_more(Shares shares, std::size_t unsolved) {
  const std::size_t more = kMoreMin + kMoreOfAll * unsolved / shares.parts;
  const std::size_t most = kCapacityMax - shares.base;
  shares.lengths.resize(std::max(shares.lengths.size(), unsolved));
  for (std::size_t r = 0; r < unsolved; ++r) {
    shares.lengths[r] = static_cast<std::uint8_t>(std::min(shares.lengths[r] + more, most));
  }
  return shares;
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
