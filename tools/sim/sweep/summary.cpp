// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sweep/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace chaski::tools {
namespace {

using nlohmann::json;

/// When a run has no such figure, and 0 stands in its place.
enum class Absent : std::uint8_t {
  never,
  nothing_arrived,
  nothing_could_arrive,  ///< the oracle delivered nothing
  zero,
};
struct Figure {
  const char* name;
  const char* place;  ///< in the record of a run
  Absent absent;
};
constexpr std::array kFigures{
    Figure{"delivery", "/delivery", Absent::never},
    Figure{"delivery_of_best", "/to_oracle/delivery", Absent::nothing_could_arrive},
    Figure{"delay_mean_s", "/delay_s/mean", Absent::nothing_arrived},
    Figure{"delay_median_s", "/delay_s/median", Absent::nothing_arrived},
    Figure{"delay_p90_s", "/delay_s/p90", Absent::nothing_arrived},
    Figure{"delay_p99_s", "/delay_s/p99", Absent::nothing_arrived},
    Figure{"delay_of_best", "/to_oracle/delay", Absent::zero},
    Figure{"bytes_per_delivered_byte", "/bytes_per_delivered_byte", Absent::nothing_arrived},
    Figure{"air_bytes", "/air_bytes", Absent::never},
    Figure{"energy_mean_j", "/energy_j/mean", Absent::never},  // null without Bluetooth
};

/// As RFC 4180 quotes.
std::string quoted(const std::string& word) {
  if (word.find_first_of(",\"\r\n") == std::string::npos) return word;
  std::string out = "\"";
  for (const char c : word) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

json spread_json(const Spread& spread) {
  if (spread.count == 0) return nullptr;
  return {{"count", spread.count},
          {"mean", spread.mean},
          {"median", spread.median},
          {"ci95", spread.ci95 ? json(*spread.ci95) : json()}};
}

std::optional<double> figure_of(const Figure& figure, const json& run, const json& best) {
  const json::json_pointer place(figure.place);
  if (!run.contains(place) || !run.at(place).is_number()) return {};
  const double value = run.at(place).get<double>();
  const bool absent =
      (figure.absent == Absent::nothing_arrived && run.at("delivered") == 0) ||
      (figure.absent == Absent::nothing_could_arrive && best.at("delivered") == 0) ||
      (figure.absent == Absent::zero && value == 0);
  return absent ? std::nullopt : std::optional(value);
}

/// A strategy in all records of a combination.
json strategy_json(std::size_t strategy, const std::vector<const json*>& records) {
  json figures = json::object();
  for (const Figure& figure : kFigures) {
    std::vector<double> values;
    for (const json* record : records) {
      const json& runs = record->at("runs");
      if (const auto value = figure_of(figure, runs.at(strategy), runs.at(0))) {
        values.push_back(*value);
      }
    }
    figures[figure.name] = spread_json(spread_of(std::move(values)));
  }
  return {{"strategy", records.front()->at("runs").at(strategy).at("strategy")},
          {"figures", std::move(figures)}};
}

std::string set_words(const json& set) {
  std::string words;
  for (const auto& [key, value] : set.items()) {
    words += (words.empty() ? "" : ", ") + key + " = " +
             (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return words;
}

/// "93.1 ± 1.2 %", or without what is not known; a `±` is two bytes and one column.
std::string column(const json& spread, double scale, const char* unit, std::size_t width) {
  if (spread.is_null()) return std::string(width - 1, ' ') + "-";
  const double mean = scale * spread.at("mean").get<double>();
  const int digits = std::abs(mean) >= 100 ? 0 : std::abs(mean) >= 10 ? 1 : 2;
  const json& ci95 = spread.at("ci95");
  if (ci95.is_null())
    return fmt::format("{:>{}}", fmt::format("{:.{}f}{}", mean, digits, unit), width);
  const std::string text =
      fmt::format("{:.{}f} ± {:.{}f}{}", mean, digits, scale * ci95.get<double>(), digits, unit);
  return fmt::format("{:>{}}", text, width);
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  Spread spread;
  spread.count = values.size();
  if (values.empty()) return spread;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) spread.mean += value / count;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  spread.median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  if (values.size() < 2) return spread;
  const boost::math::students_t_distribution<double> student(count - 1);
  const double deviation = std::sqrt(squares / (count - 1));
  spread.ci95 = boost::math::quantile(student, .975) * deviation / std::sqrt(count);
  return spread;
}

json sweep_json(const SweepPlan& plan, const SweepRecords& records) {
  json combinations = json::array();
  json missing = json::array();
  for (std::size_t combination = 0; combination < plan.combinations(); ++combination) {
    std::vector<const json*> here;
    for (std::size_t i = 0; i < plan.seeds().size(); ++i) {
      const auto record = records.find(combination * plan.seeds().size() + i);
      if (record != records.end()) {
        here.push_back(&record->second);
      } else {
        missing.push_back({{"set", plan.set_of(combination)}, {"seed", plan.seeds()[i]}});
      }
    }
    json runs = json::array();
    for (std::size_t i = 0; !here.empty() && i < here.front()->at("runs").size(); ++i) {
      runs.push_back(strategy_json(i, here));
    }
    combinations.push_back(
        {{"set", plan.set_of(combination)}, {"seeds", here.size()}, {"runs", std::move(runs)}});
  }
  return {{"format", 1},
          {"scenario", {{"name", plan.file().name}, {"title", plan.title()}}},
          {"seeds", plan.seeds()},
          {"combinations", std::move(combinations)},
          {"missing", std::move(missing)}};
}

std::string sweep_csv(const SweepPlan& plan, const json& sweep) {
  std::string out;
  for (const sim::ScenarioChoices& choices : plan.choices()) out += quoted(choices.key) + ",";
  out += "strategy,seeds";
  for (const Figure& figure : kFigures) {
    out += fmt::format(",{0}_mean,{0}_median,{0}_ci95", figure.name);
  }
  out += "\n";
  for (std::size_t combination = 0; combination < plan.combinations(); ++combination) {
    const json& here = sweep.at("combinations").at(combination);
    for (const json& run : here.at("runs")) {
      for (const sim::ScenarioChange& change : plan.changes_of(combination)) {
        out += quoted(change.value) + ",";
      }
      out += run.at("strategy").get<std::string>() + "," + here.at("seeds").dump();
      for (const Figure& figure : kFigures) {
        const json& spread = run.at("figures").at(figure.name);
        for (const char* key : {"mean", "median", "ci95"}) {
          const json value = spread.is_null() ? json() : spread.at(key);
          out += "," + (value.is_null() ? std::string() : value.dump());
        }
      }
      out += "\n";
    }
  }
  return out;
}

std::string sweep_table(const SweepPlan& plan, const json& sweep) {
  std::string out = fmt::format("{}; {} {}, mean ± 95 % confidence\n", plan.title(),
                                plan.seeds().size(), plan.seeds().size() == 1 ? "seed" : "seeds");
  for (const json& here : sweep.at("combinations")) {
    const std::string set = set_words(here.at("set"));
    out += fmt::format(
        "\n{}{}\n", set.empty() ? "" : set + ": ",
        fmt::format("{} of {} points", here.at("seeds").get<std::size_t>(), plan.seeds().size()));
    if (here.at("runs").empty()) continue;
    out += fmt::format("{:<18}{:>16}{:>16}{:>20}{:>16}{:>16}\n", "", "arrived", "of best",
                       "median delay", "of best", "bytes/byte");
    for (const json& run : here.at("runs")) {
      const json& figures = run.at("figures");
      const bool nothing_sent = figures.at("air_bytes").at("mean") == 0;
      out += fmt::format("{:<18}", run.at("strategy").get<std::string>()) +
             column(figures.at("delivery"), 100, " %", 16) +
             column(figures.at("delivery_of_best"), 100, " %", 16) +
             column(figures.at("delay_median_s"), 1, " s", 20) +
             column(figures.at("delay_of_best"), 1, " x", 16) +
             column(nothing_sent ? json() : figures.at("bytes_per_delivered_byte"), 1, "", 16) +
             "\n";
    }
  }
  return out;
}

}  // namespace chaski::tools
