// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "mesh-router/types.hpp"

namespace chaski::mesh_router {

/// Maps ids to 64 bits under a key that no neighbour knows, so that nobody can grind ids that
/// collide in our tables (SipHash-2-4, Aumasson and Bernstein 2012).
class IdHasher {
 public:
  explicit IdHasher(base::Random& random);

  std::uint64_t operator()(base::ByteView bytes) const;
  std::uint64_t operator()(const wire::EnvelopeId& id) const { return (*this)(id.view()); }
  std::uint64_t operator()(const wire::DeliveryTag& tag) const { return (*this)(tag.view()); }
  /// Names a depositor: never 0, which stands for this node.
  std::uint64_t depositor(const NeighbourId& neighbour) const;
  /// The same for an origin (LinkParameters), which is another depositor than any neighbour.
  std::uint64_t depositor(std::uint64_t origin) const;

 private:
  std::array<std::uint8_t, 16> key_{};
};

}  // namespace chaski::mesh_router
