// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "reconcile/estimator.hpp"
#include "reconcile/exchange.hpp"
#include "reconcile/gap_code.hpp"
#include "reconcile/sketch.hpp"

namespace chaski::reconcile {

/// Sets of at most so many ids are listed by their opener.
inline constexpr std::size_t kOpenerListMax = 36;
/// Syndromes in the opener of a larger set. The teller's settles more; the solver's leaves room for
/// its counters. Both fit a Bluetooth LE packet of 244 bytes with the headers of record and link.
inline constexpr std::size_t kTellerSyndromes = 36;
inline constexpr std::size_t kSolverSyndromes = 5;

inline constexpr std::size_t opener_syndromes(Role role) {
  return role == Role::teller ? kTellerSyndromes : kSolverSyndromes;
}
/// Differences that the opener of this side settles. The last of few syndromes is for certainty: 5
/// would be those of some 5 ids once in 120 times, and are those of some 4 once in 2^48.
inline constexpr std::size_t opener_settles(Role role) {
  return role == Role::teller ? kTellerSyndromes : kSolverSyndromes - 1;
}

/// The first thing that each side says: how many ids it has, and either all of them or a sketch
/// and, from the solver, counters.
struct Opener {
  std::uint32_t count = 0;
  std::vector<ShortId> ids;
  std::vector<Element> syndromes;
  base::Bytes counters;

  bool lists() const { return count <= kOpenerListMax; }
};

void write_opener(Role role, const Opener& opener, base::Bytes& out);
/// Reads the opener of the side with this role from the front of `in`. bad: a list whose ids are
/// not ascending or not short ids.
Read read_opener(Role role, base::ByteView in, Opener& opener, std::size_t& used);

}  // namespace chaski::reconcile
