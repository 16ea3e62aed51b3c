// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace chaski::tools {

/// Coordinates of people's places in one page (two a person and frame), about 6 bytes each.
inline constexpr std::size_t kReportCoordinatesMax = 4'000'000;

/// One HTML file that shows the results of a simulation: words, tables, plots and a map that plays.
///
/// `results` is what docs/simulator/report.md describes; it is in the page, and what is missing in
/// it, null or of another type is not shown. The page needs no other file and no network, and
/// its policy lets the browser run and load nothing else, whatever the texts in `results` say.
/// Places are rounded to .1 m; with more than `kReportCoordinatesMax` coordinates only each second,
/// third... frame is in the page. Text that is not UTF-8 is replaced. Deterministic.
std::string report_html(const nlohmann::json& results);

}  // namespace chaski::tools
