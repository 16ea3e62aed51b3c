// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/partial_book.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace chaski::mesh_router {

void PartialBook::put(const wire::EnvelopeId& id, std::uint32_t size, std::uint64_t depositor,
                      base::Bytes bytes, base::Time now) {
  if (!on() || bytes.empty() || bytes.size() > bytes_max_) return;
  if (const auto known = place_of(id); known != partials_.end()) {
    if (known->bytes.size() >= bytes.size()) return;
    erase_at(known);
  }
  bytes.shrink_to_fit();
  bytes_ += bytes.size();
  partials_.push_back({id, size, depositor, now + kKept, std::move(bytes)});
  while (bytes_ > bytes_max_ || partials_.size() > kPartialsMax) erase_at(worst());
}

base::ByteView PartialBook::find(const wire::EnvelopeId& id, std::uint32_t size) const {
  if (!on()) return {};
  const auto found = std::find_if(partials_.begin(), partials_.end(), [&](const Partial& partial) {
    return partial.id == id && partial.size == size;
  });
  return found == partials_.end() ? base::ByteView{} : base::ByteView(found->bytes);
}

void PartialBook::erase(const wire::EnvelopeId& id) {
  if (!on()) return;
  if (const auto found = place_of(id); found != partials_.end()) erase_at(found);
}

void PartialBook::expire(base::Time now) {
  if (!on()) return;
  while (!partials_.empty() && partials_.front().until <= now) erase_at(partials_.begin());
}

std::optional<base::Time> PartialBook::next_expiry() const {
  if (!on() || partials_.empty()) return std::nullopt;
  return partials_.front().until;
}

PartialBook::Place PartialBook::place_of(const wire::EnvelopeId& id) {
  return std::find_if(partials_.begin(), partials_.end(),
                      [&](const Partial& partial) { return partial.id == id; });
}

/// The oldest one of the depositor that has most bytes here.
PartialBook::Place PartialBook::worst() {
  std::map<std::uint64_t, std::size_t> bytes_of;
  for (const Partial& partial : partials_) bytes_of[partial.depositor] += partial.bytes.size();
  const auto most =
      std::max_element(bytes_of.begin(), bytes_of.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return std::find_if(partials_.begin(), partials_.end(), [&](const Partial& partial) {
    return partial.depositor == most->first;
  });
}

void PartialBook::erase_at(Place place) {
  bytes_ -= place->bytes.size();
  partials_.erase(place);
}

}  // namespace chaski::mesh_router
