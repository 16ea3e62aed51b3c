// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/flood_memory.hpp"

namespace chaski::mesh_router {

std::uint8_t& Usefulness::cell(unsigned from, unsigned to) {
  if (cells_.empty()) cells_.assign((kBits + 1) * kBits, kUnknown);
  return cells_[from * kBits + to];
}

unsigned Usefulness::of(unsigned from, unsigned to) const {
  return cells_.empty() ? kUnknown : cells_[from * kBits + to];
}

void Usefulness::was_told(unsigned from, unsigned to) {
  std::uint8_t& value = cell(from, to);
  value = static_cast<std::uint8_t>(value + (255u - value) * kStep / 256);
}

void Usefulness::had_it(unsigned from, unsigned to) {
  std::uint8_t& value = cell(from, to);
  value = static_cast<std::uint8_t>(value > kStep ? value - kStep : 0);
}

void Usefulness::forget(unsigned bit) {
  if (cells_.empty()) return;
  for (unsigned other = 0; other < kBits; ++other) cell(bit, other) = kUnknown;
  for (unsigned other = 0; other <= kBits; ++other) cell(other, bit) = kUnknown;
}

RunningFloods::Flood& RunningFloods::begin(SlotRef envelope) {
  if (floods_.empty()) floods_.resize(kMax);
  Flood& flood = floods_[envelope.slot % kMax];
  flood = {};
  flood.envelope = envelope;
  return flood;
}

RunningFloods::Flood* RunningFloods::find(SlotRef envelope) {
  if (floods_.empty()) return nullptr;
  Flood& flood = floods_[envelope.slot % kMax];
  return flood.envelope == envelope ? &flood : nullptr;
}

}  // namespace chaski::mesh_router
