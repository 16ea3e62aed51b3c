// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>

#include "mesh-router/envelope_store.hpp"

namespace chaski::mesh_router {

/// Envelopes in memory, for the simulator and tests: bounded by bytes.
class MemoryEnvelopeStore final : public EnvelopeStore {
 public:
  explicit MemoryEnvelopeStore(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  base::Expected<StoreKey, StoreError> put(const EnvelopeRecord& record,
                                           base::ByteView envelope) override;
  base::ByteView read(StoreKey key) override;
  void erase(StoreKey key) override;
  void put_tombstone(const wire::EnvelopeId& id, base::Time until) override;
  void expire_tombstones(base::Time now) override;
  void for_each(const std::function<void(StoreKey, const EnvelopeRecord&)>& visit) override;
  void for_each_tombstone(
      const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) override;
  StoreUsage usage() const override;
  bool accepts() const override { return accepts_; }
  /// A disk that is full, for tests.
  void set_accepts(bool accepts) { accepts_ = accepts; }

 private:
  struct Entry {
    EnvelopeRecord record;
    base::Bytes bytes;
  };
  struct IdHash {
    std::size_t operator()(const wire::EnvelopeId& id) const noexcept;
  };
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  StoreKey next_key_ = 1;
  bool accepts_ = true;
  std::unordered_map<StoreKey, Entry> entries_;
  std::unordered_map<wire::EnvelopeId, base::Time, IdHash> tombstones_;
};

}  // namespace chaski::mesh_router
