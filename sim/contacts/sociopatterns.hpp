// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/expected.hpp"
#include "sim/contacts/contact_trace.hpp"
#include "sim/text/parse_error.hpp"

namespace chaski::sim {

/// How a file of sightings becomes a trace.
struct SociopatternsOptions {
  base::Duration resolution = std::chrono::seconds(20);  ///< above 0
  TraceLimits limits;
};

/// Reads the data of SocioPatterns: `t i j`, more columns if need be, in the order of t.
///
/// A line says that i and j were in contact in [t - resolution, t): "the interval during which this
/// contact was active is [t - 20s, t]" (sociopatterns.org, with each data set). Sightings of a pair
/// whose intervals touch or overlap are one contact. Time 0 of the trace is the begin of the first
/// contact, its end the last t; `origin` says where in the file that is. Nodes are those that
/// occur, in the order of their numbers. Errors are a wrong word, t before that of the line above,
/// somebody in contact with themselves, no line at all, and the limits.
base::Expected<ContactTrace, ParseError> parse_sociopatterns(
    std::string_view text, std::string_view file, const SociopatternsOptions& options = {});

}  // namespace chaski::sim
