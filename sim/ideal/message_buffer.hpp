// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace chaski::sim {

/// A message as one node holds it.
struct HeldCopy {
  std::uint32_t message = 0;
  std::uint32_t hash = 0;  ///< of its name, as java.util.HashMap spreads it
  std::uint32_t size_bytes = 0;
  std::uint16_t copies = 0;  ///< of spraying
  std::uint16_t hops = 0;
  double received_s = 0;
  std::uint64_t order = 0;  ///< of insertion; the buffer sets it
};

/// What java.util.HashMap makes of a string's hash.
inline std::uint32_t spread_hash(std::int32_t hash) {
  const auto bits = static_cast<std::uint32_t>(hash);
  return bits ^ (bits >> 16);
}

/// The messages of one node, in the order in which a java.util.HashMap of them is walked through.
///
/// That order is what The ONE shuffles. It is by bucket and then by insertion; buckets are doubled
/// when they are three quarters full and are never made fewer. (A bucket of more than eight, which
/// Java makes a tree, keeps its order too but for the root; names that count up never fill one.)
class MessageBuffer {
 public:
  std::span<const HeldCopy> all() const { return copies_; }
  std::size_t size() const { return copies_.size(); }
  std::uint64_t bytes() const { return bytes_; }
  /// Null when it is not held; until the next change.
  HeldCopy* find(std::uint32_t message, std::uint32_t hash);
  /// One of the same message is replaced in its place.
  void put(HeldCopy copy);
  void erase(std::uint32_t message, std::uint32_t hash);

 private:
  std::uint32_t bucket(const HeldCopy& copy) const { return copy.hash & (buckets_ - 1); }
  std::size_t position(std::uint32_t message, std::uint32_t hash) const;

  std::vector<HeldCopy> copies_;
  std::uint32_t buckets_ = 16;
  std::uint64_t bytes_ = 0;
  std::uint64_t next_order_ = 0;
};

}  // namespace chaski::sim
