// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mesh-router/held_envelope.hpp"

namespace chaski::mesh_router {

/// Which neighbours are worth sending to at once, learned from what they say.
///
/// For each neighbour that an envelope came from (or this node itself) and each other neighbour:
/// how often the other did not have it yet when we did. Whoever has it already tells us so, pushing
/// or announcing it, before it can have heard us; silence means that our news was news. So every
/// envelope teaches about every neighbour, sent to or not. 4 KiB once in use.
class Usefulness {
 public:
  static constexpr unsigned kOwn = kNeighboursMax;  ///< in place of the neighbour that it came from
  static constexpr unsigned kStep = 64; ///< of 256: a quarter of the way for each observation

  /// For choosing; 0 to 255.
  unsigned of(unsigned from, unsigned to) const;
  /// We told it, or will: news until it says otherwise.
  void was_told(unsigned from, unsigned to);
  /// It had it already.
  void had_it(unsigned from, unsigned to);
  /// The bit is another neighbour's now.
  void forget(unsigned bit);

 private:
  static constexpr std::uint8_t kUnknown = 128;
  static constexpr std::size_t kBits = kNeighboursMax;
  std::uint8_t& cell(unsigned from, unsigned to);
  std::vector<std::uint8_t> cells_;
};

/// The floods that run: for each, who is sent the envelope at once. A table of a fixed size in
/// which a new flood takes the place of an old one.
class RunningFloods {
 public:
  static constexpr std::size_t kMax = 256;
  struct Flood {
    SlotRef envelope;
    std::uint64_t eager = 0;  ///< bits of the neighbours that it is pushed to
    std::uint64_t told = 0;   ///< of those that learn of it from us, and said nothing yet
    unsigned from = Usefulness::kOwn;
  };
  Flood& begin(SlotRef envelope);
  /// nullptr: it was long ago.
  Flood* find(SlotRef envelope);

 private:
  std::vector<Flood> floods_;
};

}  // namespace chaski::mesh_router
