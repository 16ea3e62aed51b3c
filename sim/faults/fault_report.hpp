// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/faults/attack.hpp"

namespace chaski::sim {

/// One kind of fault: how many had it, and what came of it, in figures with names.
struct FaultKind {
  std::string name;          ///< as its section of [faults] is called
  std::uint64_t number = 0;  ///< of people
  std::vector<std::pair<std::string, double>> did;
};

/// What went wrong in a run of people.
struct FaultReport {
  std::vector<FaultKind> kinds;        ///< those that there were
  std::optional<AttackReport> attack;  ///< of colluders
};

}  // namespace chaski::sim
