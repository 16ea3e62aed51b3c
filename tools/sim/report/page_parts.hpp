// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace chaski::tools {

/// page.html, page.css and the scripts in the order in which they run, as they were when built.
std::string_view report_page();
std::string_view report_style();
std::span<const std::string_view> report_scripts();

}  // namespace chaski::tools
