// SPDX-License-Identifier: Apache-2.0
#include "daemon/power_supply.hpp"

#include <filesystem>
#include <fstream>

namespace chaski::daemon {
namespace {

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

bool runs_on_battery(const std::string& folder) {
  std::error_code error;
  bool discharges = false;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto& path = entry.path();
    // The battery of a mouse says nothing about the machine.
    if (first_line(path / "scope") == "Device") continue;
    const std::string type = first_line(path / "type");
    if (type != "Battery" && first_line(path / "online") == "1") return false;
    if (type == "Battery" && first_line(path / "status") == "Discharging") discharges = true;
  }
  return discharges;
}

}  // namespace chaski::daemon
