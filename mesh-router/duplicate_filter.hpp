// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "mesh-router/hash_set.hpp"
#include "mesh-router/seen_set.hpp"

namespace chaski::mesh_router {

/// Remembers ids that must not be taken again: tombstones, and what was held lately.
///
/// Rules: (1) a tombstone stays until its time; when there are more than tombstones_max the one
/// that ends first goes. (2) seen ids rotate in two generations of seen_max / 2 each: at least the
/// last seen_max / 2 are known, at most seen_max are kept. (3) what is held is not in here. (4)
/// what merely grew old is remembered with the time when it first came, as its age may have been a
/// lie. Ids are given as keyed hashes (IdHasher).
class DuplicateFilter {
 public:
  DuplicateFilter(std::size_t seen_max, std::size_t tombstones_max);

  bool contains(std::uint64_t hash) const;
  bool tombstoned(std::uint64_t hash) const { return tombstones_.contains(hash); }

  void add_seen(std::uint64_t hash);
  /// It grew old, as far as was known.
  void add_expired(std::uint64_t hash, base::Time came_first);
  /// When it first came, at most 32 s too early, if it was given to add_expired() last and is no
  /// tombstone.
  std::optional<base::Time> came_first(std::uint64_t hash, base::Time now) const;
  /// It is held again.
  void forget_seen(std::uint64_t hash);
  void add_tombstone(std::uint64_t hash, base::Time until);
  /// Tombstones become ids like others that were seen lately.
  void forget_tombstones();
  /// Forgets at most `at_most` tombstones whose time is over; returns how many.
  std::size_t expire(base::Time now, std::size_t at_most);
  std::optional<base::Time> next_expiry() const;

  std::size_t tombstones() const { return tombstones_.size(); }
  std::size_t memory_used() const;

 private:
  struct Ending {
    base::Time until;
    std::uint64_t hash;
    bool operator<(const Ending& other) const { return until > other.until; }  // earliest on top
  };
  void drop_earliest();
  void put_seen(std::uint64_t hash, std::optional<base::Time> came_first);

  std::size_t generation_max_;
  std::size_t tombstones_max_;
  SeenSet seen_;
  SeenSet seen_before_;
  HashSet tombstones_;
  std::vector<Ending> endings_;  // a heap
};

}  // namespace chaski::mesh_router
