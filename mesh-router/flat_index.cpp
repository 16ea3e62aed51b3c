// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/flat_index.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

void FlatIndex::insert(std::uint64_t hash, std::uint32_t value) {
  CHASKI_ASSERT(value != kNone);
  table_.insert({mark_of(hash), value});
}

bool FlatIndex::erase(std::uint64_t hash, std::uint32_t value) {
  const Entry* entry =
      table_.find(mark_of(hash), [value](const Entry& one) { return one.value == value; });
  if (entry == nullptr) return false;
  table_.erase(entry);
  return true;
}

}  // namespace chaski::mesh_router
