// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/stick_listing.hpp"

#include <algorithm>

namespace chaski::mesh_router {

StickListing::StickListing(const ShortIdSalt& salt, std::vector<PlaceSummary> places)
    : salt_(salt), places_(std::move(places)) {
  if (places_.size() > kPlacesMax) places_.clear();
}

bool StickListing::all_places_have(const wire::EnvelopeId& id) const {
  return !places_.empty() &&
         std::all_of(places_.begin(), places_.end(), [&id](const PlaceSummary& place) {
           return std::binary_search(place.ids.begin(), place.ids.end(), short_id(place.salt, id));
         });
}

bool StickListing::work(const EnvelopeTable& table, const ForwardingGate& gate, base::Time now) {
  const Slot end = std::min<Slot>(table.slot_end(), scan_ + kScanMax);
  for (; scan_ < end; ++scan_) {
    const HeldEnvelope& held = table.at(scan_);
    if (!held.live || !held.committed) continue;
    const std::uint64_t name = short_id(salt_, held.id);
    summary_.push_back(name);
    if (gate.why_not_on_a_stick(scan_, now)) continue;
    if (all_places_have(held.id)) {
      ++known_;
      continue;
    }
    lanes_[static_cast<std::size_t>(held.lane())].push_back({name, table.ref(scan_)});
    ++left_;
  }
  if (scan_ < table.slot_end()) return true;
  sort();
  return false;
}

void StickListing::sort() {
  std::sort(summary_.begin(), summary_.end());
  summary_.erase(std::unique(summary_.begin(), summary_.end()), summary_.end());
  for (auto& lane : lanes_) {
    std::sort(lane.begin(), lane.end(),
              [](const Entry& a, const Entry& b) { return a.short_id < b.short_id; });
  }
}

std::optional<SlotRef> StickListing::front() const {
  for (std::size_t lane = lane_, at = at_; lane < kLanes; ++lane, at = 0) {
    if (at < lanes_[lane].size()) return lanes_[lane][at].ref;
  }
  return std::nullopt;
}

void StickListing::pop(Became became) {
  while (lane_ < kLanes && at_ >= lanes_[lane_].size()) {
    ++lane_;
    at_ = 0;
  }
  if (lane_ == kLanes) return;
  ++at_;
  --left_;
  if (became == Became::written) ++written_;
  if (became == Became::too_long) ++too_long_;
}

}  // namespace chaski::mesh_router
