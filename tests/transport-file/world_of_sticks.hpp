// SPDX-License-Identifier: Apache-2.0
// Stations without any link, and the sticks that runners carry between them.
#pragma once

#include <map>
#include <string>

#include "node/carry_out.hpp"
#include "station.hpp"

namespace chaski::transport_file::test {

using mesh_router::StickTake;
using mesh_router::test::Station;

/// What lies on one: names and bytes of whole files.
using Stick = std::map<std::string, base::Bytes>;

/// A station whose bundles it knows again, as a node does.
struct Village {
  explicit Village(std::uint64_t seed, const mesh_router::RouterLimits& limits = {},
                   std::uint64_t store_bytes = 64u << 20)
      : station(seed, limits, store_bytes), random(seed * 7919), secret(32) {
    random.fill(secret);
  }

  bool wrote(base::ByteView file) const;
  /// The bytes of a bundle for this stick. `counts` of it when wanted.
  base::Bytes bundle_for(const Stick& stick, base::Time now, node::CarryCounts* counts = nullptr,
                         std::uint64_t size_max = bundle::kBundleSizeMax);
  /// `chaski carry out`: the new bundle is there, then those that it wrote before go.
  node::CarryCounts carry_out(Stick& stick, base::Time now);
  /// `chaski carry in`, every block committed by itself.
  StickTake carry_in(const Stick& stick, base::Time now);

  Station station;
  base::SeededRandom random;
  base::Bytes secret;
};

/// The opened blocks of a file; nothing when it is not whole.
std::optional<std::vector<std::pair<bundle::BlockKind, base::Bytes>>> open_file(
    base::ByteView file);
/// The envelopes in it, in order.
std::vector<std::pair<wire::EnvelopeId, wire::CarryState>> envelopes_in(base::ByteView file);

}  // namespace chaski::transport_file::test
