// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "mesh-router/ring.hpp"
#include "mesh-router/split_table.hpp"
#include "wire/types.hpp"

namespace chaski::mesh_router {

/// What neighbours announced and is not here: whom to ask for it, and when.
///
/// Rules: (1) an announced envelope is waited for, kPatience long, since it mostly comes unasked
/// from somebody else. (2) then one neighbour that announced it is asked, the first one first; if
/// it does not come within kRetry, the next. (3) with nobody left to ask it is forgotten; the next
/// reconciliation finds it. (4) bounded in all and for each neighbour that announced first; what
/// is above that is not kept, and the caller asks at once. (5) what expired and may come back is
/// asked for after kLater, when those who were as wrong about its age have lost it too. Ids are
/// named by keyed hashes.
class PullTable {
 public:
  static constexpr std::size_t kMax = 4'096;
  static constexpr std::size_t kPerNeighbourMax = 1'024;
  static constexpr base::Duration kPatience = std::chrono::milliseconds(100);
  static constexpr base::Duration kRetry = std::chrono::seconds(3);
  static constexpr base::Duration kLater = std::chrono::seconds(30);

  /// False when there is no room.
  bool announced(std::uint64_t hash, const wire::EnvelopeId& id, unsigned bit, base::Time now);
  /// It expired here, and those with these bits may have it still.
  void expired(std::uint64_t hash, const wire::EnvelopeId& id, std::uint64_t bits, base::Time now);
  /// It came: gives the bits of all who announced it, so that they are not told in turn.
  std::uint64_t came(std::uint64_t hash);
  /// Nobody is asked through this bit any more.
  void left(unsigned bit);

  struct Ask {
    wire::EnvelopeId id;
    unsigned bit = 0;
  };
  /// The next question that is due, or nothing.
  std::optional<Ask> next_due(base::Time now);
  std::optional<base::Time> next_time() const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    wire::EnvelopeId id;
    std::uint64_t announcers = 0;
    std::uint64_t perhaps = 0;     // may have it and did not say so
    std::uint64_t asked = 0;
    base::Time due{};
    std::uint8_t first = 0;        // whose count it is on
    bool there = false;
    bool used() const { return there; }
    std::uint32_t mark() const { return static_cast<std::uint32_t>(hash); }
  };
  struct Due {
    base::Time at{};
    std::uint64_t hash = 0;
  };
  Entry* find(std::uint64_t hash);
  bool add(const Entry& entry, Ring<Due>& dues);
  void erase(const Entry* entry);
  std::optional<Ask> take(Ring<Due>& dues, base::Time now);

  SplitTable<Entry> entries_;
  Ring<Due> first_dues_;  // each in order of time
  Ring<Due> later_dues_;
  Ring<Due> retries_;
  std::array<std::uint16_t, 64> counts_{};
};

}  // namespace chaski::mesh_router
