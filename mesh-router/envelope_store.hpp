// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "mesh-router/types.hpp"

namespace chaski::mesh_router {

enum class StoreError : std::uint8_t { full, quota, read_only, broken };
const char* to_string(StoreError error);

/// Names a stored envelope within one store; stable over restarts, and later ones are larger.
using StoreKey = std::uint64_t;
/// Keys are below this: a store that counts gets there after 14 years of 300,000 a second.
inline constexpr StoreKey kStoreKeyEnd = StoreKey{1} << 47;

struct StoreUsage {
  std::uint64_t envelopes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_max = 0;
};

/// Where envelopes lie: injected into the router, synchronous, bounded.
///
/// Contract: put() and erase() take effect at once for read(), but are durable only after commit()
/// (of the store that owns this one; the router never commits, its owner does and then calls
/// Router::committed()). put() refuses rather than evicts: the router decides what goes.
/// Implementations: MemoryEnvelopeStore, daemon/SqliteStore, later flash.
class EnvelopeStore {
 public:
  virtual ~EnvelopeStore() = default;

  virtual base::Expected<StoreKey, StoreError> put(const EnvelopeRecord& record,
                                                   base::ByteView envelope) = 0;
  /// The immutable bytes; the view is valid until the next call. Empty when they cannot be read.
  virtual base::ByteView read(StoreKey key) = 0;
  virtual void erase(StoreKey key) = 0;

  /// Remembers that this id must not be taken again until `until` (delivered to a person here).
  virtual void put_tombstone(const wire::EnvelopeId& id, base::Time until) = 0;
  /// Forgets tombstones whose time is over.
  virtual void expire_tombstones(base::Time now) = 0;

  /// Everything held, oldest first, for loading at start.
  virtual void for_each(
      const std::function<void(StoreKey, const EnvelopeRecord&)>& visit) = 0;
  virtual void for_each_tombstone(
      const std::function<void(const wire::EnvelopeId&, base::Time until)>& visit) = 0;

  virtual StoreUsage usage() const = 0;
  /// Whether put() would be refused now whatever the envelope (disk full, read-only).
  virtual bool accepts() const = 0;
};

}  // namespace chaski::mesh_router
