// SPDX-License-Identifier: Apache-2.0
#include "node/memory_node_store.hpp"

namespace chaski::node {

MemoryNodeStore::MemoryNodeStore(std::uint64_t bytes_max, std::shared_ptr<BodyPool> pool)
    : envelopes_(bytes_max, pool ? std::move(pool) : std::make_shared<BodyPool>()) {}

base::Expected<void, mesh_router::StoreError> MemoryNodeStore::commit() {
  if (commit_error_) {
    crash();
    return base::unexpected(*commit_error_);
  }
  envelopes_.commit();
  people_.commit();
  files_.commit();
  relay_.commit();
  ++commits_;
  return {};
}

void MemoryNodeStore::crash() {
  envelopes_.roll_back();
  people_.roll_back();
  files_.roll_back();
  relay_.roll_back();
}

}  // namespace chaski::node
