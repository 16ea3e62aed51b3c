// SPDX-License-Identifier: Apache-2.0
#include "node/carry_out.hpp"

#include <algorithm>

#include "bundle/summary.hpp"
#include "mesh-router/router.hpp"

namespace chaski::node {

namespace {

mesh_router::ShortIdSalt salt_of(const bundle::Header& header) {
  mesh_router::ShortIdSalt salt;
  salt.bytes = header.salt.bytes;
  return salt;
}

}  // namespace

const char* to_string(CarryError error) {
  switch (error) {
    case CarryError::not_a_bundle:
      return "not_a_bundle";
    case CarryError::newer_version:
      return "newer_bundle";
    case CarryError::damaged:
      return "damaged_bundle";
    case CarryError::another_mesh:
      return "another_mesh";
    case CarryError::busy:
      return "too_many_neighbours";
  }
  return "?";
}

CarryOut::CarryOut(const bundle::Header& header, const bundle::BlockKey& key,
                   std::uint64_t size_max, std::vector<mesh_router::PlaceSummary> places)
    : writer_(header, key),
      listing_(salt_of(header), places),
      size_max_(std::min(size_max, bundle::kBundleSizeMax)) {
  const bool used = places.size() <= mesh_router::StickListing::kPlacesMax;
  counts_.places = used ? places.size() : 0;
}

base::Bytes CarryOut::work(const mesh_router::Router& router, base::Time now) {
  switch (stage_) {
    case Stage::listing:
      if (!router.list_for_stick(listing_, now)) stage_ = Stage::summary;
      break;
    case Stage::summary:
      write_summary();
      break;
    case Stage::envelopes:
      write_envelopes(router, now);
      break;
    case Stage::done:
      break;
  }
  return writer_.take();
}

/// One block at least: a place that holds nothing says so.
void CarryOut::write_summary() {
  const auto& ids = listing_.summary();
  const std::size_t count = std::min(bundle::kSummaryBlockIds, ids.size() - summarised_);
  const base::Bytes text = bundle::encode_summary(std::span(ids).subspan(summarised_, count));
  summarised_ += count;
  if (writer_.size_with(text.size()) <= size_max_) {
    writer_.add(bundle::BlockKind::summary, text);
  }
  if (summarised_ == ids.size()) stage_ = Stage::envelopes;
}

void CarryOut::write_envelopes(const mesh_router::Router& router, base::Time now) {
  const std::uint64_t used = writer_.size_with(0);
  const std::uint64_t room = used < size_max_ ? size_max_ - used : 0;
  base::Bytes text(static_cast<std::size_t>(std::min<std::uint64_t>(room, bundle::kBlockTextMax)));
  const std::size_t size = router.next_for_stick(listing_, text, now);
  if (size == 0) return end();
  writer_.add(bundle::BlockKind::envelopes, base::ByteView(text).first(size));
}

void CarryOut::end() {
  writer_.end();
  counts_.envelopes = listing_.written();
  counts_.known = listing_.known();
  counts_.no_room = listing_.without_room();
  stage_ = Stage::done;
}

}  // namespace chaski::node
