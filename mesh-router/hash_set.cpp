// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/hash_set.hpp"

namespace chaski::mesh_router {

bool HashSet::insert(std::uint64_t hash) {
  const std::uint64_t key = key_of(hash);
  if (find(key) != nullptr) return false;
  table_.insert({key});
  return true;
}

bool HashSet::erase(std::uint64_t hash) {
  const Entry* entry = find(key_of(hash));
  if (entry == nullptr) return false;
  table_.erase(entry);
  return true;
}

}  // namespace chaski::mesh_router
