// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/neighbour_table.hpp"

#include <bit>

#include "base/assert.hpp"

namespace chaski::mesh_router {

std::optional<unsigned> NeighbourTable::join(const NeighbourId& id) {
  for (unsigned bit = 0; bit < kMax; ++bit) {
    if ((used_ & mask(bit)) == 0 || ids_[bit] != id) continue;
    ++links_[bit];
    return bit;
  }
  if ((used_ | stale_) == kAll) sweep();
  if (used_ == kAll) return std::nullopt;
  const auto bit = static_cast<unsigned>(std::countr_one(used_ | stale_));
  used_ |= mask(bit);
  ids_[bit] = id;
  links_[bit] = 1;
  return bit;
}

void NeighbourTable::leave(unsigned bit) {
  CHASKI_ASSERT((used_ & mask(bit)) != 0 && links_[bit] > 0);
  if (--links_[bit] > 0) return;
  used_ &= ~mask(bit);
  stale_ |= mask(bit);
}

void NeighbourTable::mark(Slot slot, unsigned bit) { table_.at(slot).known_by |= mask(bit); }

void NeighbourTable::unmark(Slot slot, unsigned bit) { table_.at(slot).known_by &= ~mask(bit); }

void NeighbourTable::sweep() {
  for (Slot slot = 0; slot < table_.slot_end(); ++slot) table_.at(slot).known_by &= ~stale_;
  stale_ = 0;
}

}  // namespace chaski::mesh_router
