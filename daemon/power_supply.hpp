// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chaski::daemon {

/// Whether the machine runs on its battery: it has one that discharges, and no mains that are on.
///
/// `folder` is the kernel's, of which each entry is a supply (Linux, sysfs-class-power).
bool runs_on_battery(const std::string& folder = "/sys/class/power_supply");

}  // namespace chaski::daemon
