// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tools/bench/bench.hpp"

namespace chaski::bench {

namespace {

/// Three significant digits and a thousands mark, so that a column is read at a glance.
std::string readable(double value) {
  if (std::abs(value) < 1'000) return fmt::format("{:.3g}", value);
  std::string digits = fmt::format("{:.0f}", value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0);
       at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, '\'');
  }
  return digits;
}

}  // namespace

std::string Report::table() const {
  std::size_t width = 0;
  for (const Row& row : rows_) width = std::max(width, row.name.size());
  std::string text;
  for (const Row& row : rows_) {
    text += fmt::format("{:<{}}  {:>14} {:<6}{}{}\n", row.name, width, readable(row.value),
                        row.unit, row.note.empty() ? "" : "  ", row.note);
  }
  return text;
}

std::string Report::json(std::string_view command) const {
  nlohmann::json results = nlohmann::json::array();
  for (const Row& row : rows_) {
    nlohmann::json entry = {{"name", row.name}, {"value", row.value}, {"unit", row.unit}};
    if (!row.note.empty()) entry["note"] = row.note;
    results.push_back(std::move(entry));
  }
  return nlohmann::json{{"command", command}, {"results", std::move(results)}}.dump(2) + "\n";
}

}  // namespace chaski::bench
