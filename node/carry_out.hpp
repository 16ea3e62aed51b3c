// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/expected.hpp"
#include "bundle/writer.hpp"
#include "mesh-router/stick_listing.hpp"

namespace chaski::node {

enum class CarryError : std::uint8_t {
  not_a_bundle,
  newer_version,
  damaged,       ///< what was handed over is no part of a bundle, or too much of it
  another_mesh,  ///< a block does not open: another network key, or somebody changed it
  busy,          ///< every place for a neighbour is in use
};
const char* to_string(CarryError error);

/// What a bundle became of.
struct CarryCounts {
  std::uint64_t envelopes = 0;  ///< in it
  std::uint64_t known = 0;      ///< left out: every place that the stick tells of has them
  std::uint64_t no_room = 0;    ///< left out: the bundle would be larger than it may be
  std::uint64_t places = 0;     ///< that the stick told of, and were made use of
};

/// A bundle that is being written for a stick: Node::carry_out() begins it and carry_on() gives
/// its bytes. A value by itself: the node behind it may be built anew meanwhile.
class CarryOut {
 public:
  CarryOut(const bundle::Header& header, const bundle::BlockKey& key, std::uint64_t size_max,
           std::vector<mesh_router::PlaceSummary> places);

  bool done() const { return stage_ == Stage::done; }
  const CarryCounts& counts() const { return counts_; }
  /// Does a bounded piece of work: some slots, or one block; gives the bytes that are ready then,
  /// which may be none before done().
  base::Bytes work(const mesh_router::Router& router, base::Time now);

 private:
  enum class Stage : std::uint8_t { listing, summary, envelopes, done };
  void write_summary();
  void write_envelopes(const mesh_router::Router& router, base::Time now);
  void end();

  Stage stage_ = Stage::listing;
  bundle::Writer writer_;
  mesh_router::StickListing listing_;
  std::uint64_t size_max_;
  std::size_t summarised_ = 0;
  CarryCounts counts_;
};

}  // namespace chaski::node
