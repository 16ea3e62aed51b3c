// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

namespace chaski::tools {

/// How much of it there is.
struct SampleSize {
  std::size_t people = 100;
  std::size_t messages = 50;
  std::size_t frames = 12;
  std::size_t spread = 2;  ///< messages of which it is known whom they reached
};

/// Results as chaski-sim writes them, of six strategies, made up but plausible: a message spreads
/// outwards from its author. The same size gives the same results.
nlohmann::json sample_results(const SampleSize& size);

}  // namespace chaski::tools
