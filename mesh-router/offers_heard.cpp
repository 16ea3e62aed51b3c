// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/offers_heard.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chaski::mesh_router {

bool OffersHeard::expect(const wire::Offer& offer, base::ByteView beginning, base::Time now) {
  if (answers_.size() == kMax || find(offer.transfer) != nullptr) return false;
  const auto free = std::find(heard_.begin(), heard_.end(), std::nullopt);
  if (free == heard_.end()) return false;
  free->emplace(Heard{offer, base::Bytes(beginning.begin(), beginning.end()), now});
  answers_.push_back({offer.transfer, static_cast<std::uint32_t>(beginning.size())});
  return true;
}

bool OffersHeard::decline(const wire::Offer& offer) {
  if (answers_.size() == kMax || find(offer.transfer) != nullptr) return false;
  answers_.push_back({offer.transfer, offer.size});
  return true;
}

const OffersHeard::Heard* OffersHeard::find(std::uint32_t transfer) const {
  for (const auto& heard : heard_) {
    if (heard && heard->offer.transfer == transfer) return &*heard;
  }
  return nullptr;
}

std::optional<OffersHeard::Heard> OffersHeard::take(std::uint32_t transfer) {
  for (auto& heard : heard_) {
    if (heard && heard->offer.transfer == transfer) return std::exchange(heard, std::nullopt);
  }
  return std::nullopt;
}

void OffersHeard::write(wire::RecordWriter& frame) {
  while (!answers_.empty()) {
    std::array<std::uint8_t, wire::kResumeSizeMax> buffer{};
    const std::size_t size = wire::encode_resume(answers_.front(), buffer);
    if (!frame.add(wire::RecordType::resume, base::ByteView(buffer).first(size))) return;
    answers_.pop_front();
  }
}

}  // namespace chaski::mesh_router
