// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/contacts/contact_trace.hpp"
#include "sim/radio/signal_field.hpp"
#include "sim/scenario/scenario.hpp"

namespace chaski::sim {

/// Where everybody is, for a map.
struct MapFrames {
  double width_m = 0;
  double height_m = 0;
  base::Duration interval{};
  std::vector<std::vector<Point>> frames;  ///< by time, then by node
};

/// A scenario with all that it is about made ready: every strategy sees the same.
struct Stage {
  ContactTrace contacts;
  MessagePlan plan;
  MapFrames map;  ///< empty when nothing is known of places, or it was not asked for
  /// Where the scenario has a [radio]: the signals of which the contacts are, for one run.
  std::function<std::unique_ptr<SignalField>()> signals;
};

/// How a stage is set.
struct StageOptions {
  /// The content of a file that the scenario names, or why there is none.
  std::function<base::Expected<std::string, std::string>(const std::string& file)> read;
  std::size_t map_frames_max = 0;           ///< 0: no map
  std::uint64_t changes_max = 100'000'000;  ///< of contact: 24 bytes each
};

/// Errors: one line with file, line, what is wrong and the mend.
base::Expected<Stage, std::string> set_stage(const Scenario& scenario, const StageOptions& options);

}  // namespace chaski::sim
