// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/small.hpp"
#include "base/time.hpp"
#include "mesh-router/types.hpp"

namespace chaski::mesh_router {

/// What came of large envelopes whose links broke, until somebody sends the rest.
///
/// Nothing in here was checked: only a whole envelope can be. So one that turns out wrong is
/// forgotten, and costs nobody more than these bytes. Rules: (1) one for an envelope, the longer
/// one stays. (2) at most kPartialsMax, and `bytes_max` bytes in all: who has most in here loses
/// its oldest one first, so that a flooder pushes out its own. (3) each is kept for kKept.
class PartialBook {
 public:
  static constexpr std::size_t kPartialsMax = 64;
  static constexpr base::Duration kKept = std::chrono::hours(1);
  explicit PartialBook(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// `size` is that of the whole envelope, as `depositor` said.
  void put(const wire::EnvelopeId& id, std::uint32_t size, std::uint64_t depositor,
           base::Bytes bytes, base::Time now);
  /// What came of an envelope of that size; empty when nothing did.
  base::ByteView find(const wire::EnvelopeId& id, std::uint32_t size) const;
  void erase(const wire::EnvelopeId& id);
  void expire(base::Time now);
  std::optional<base::Time> next_expiry() const;

  /// Whether anything is ever kept.
  bool on() const { return !base::kSmall && bytes_max_ > 0; }
  std::size_t count() const { return partials_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Partial {
    wire::EnvelopeId id;
    std::uint32_t size = 0;
    std::uint64_t depositor = 0;
    base::Time until{};
    base::Bytes bytes;
  };
  using Place = std::vector<Partial>::iterator;
  Place place_of(const wire::EnvelopeId& id);
  Place worst();
  void erase_at(Place place);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::vector<Partial> partials_;  // the oldest first
};

}  // namespace chaski::mesh_router
