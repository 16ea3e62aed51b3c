// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/results_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/results/group_figures.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/sim/faults_words.hpp"

namespace chaski::tools {
namespace {

using nlohmann::json;

double seconds(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
double seconds(base::Time time) {
  return seconds(time.time_since_epoch());
}

json energy_json(std::vector<double> energy_mj) {
  if (energy_mj.empty()) return nullptr;
  std::sort(energy_mj.begin(), energy_mj.end());
  double sum = 0;
  for (const double mj : energy_mj) sum += mj;
  const auto count = static_cast<double>(energy_mj.size());
  const auto p90 = static_cast<std::size_t>(std::ceil(.9 * count)) - 1;
  return {{"mean", sum / count / 1'000},
          {"p90", energy_mj[p90] / 1'000},
          {"max", energy_mj.back() / 1'000}};
}

json radio_json(const sim::BleUse& use) {
  return {{"scan_s", use.scan_s},
          {"dial_s", use.dial_s},
          {"advertisements", use.advertisements},
          {"connected_s", use.connected_s},
          {"bytes", use.bytes},
          {"heard", use.heard},
          {"dials", use.dials},
          {"dials_failed", use.dials_failed},
          {"links", use.links}};
}

/// "0.4 s", "12 s", "3 min 20 s".
std::string delay_words(double s) {
  return s < 10 ? fmt::format("{:.1f} s", s) : duration_words(std::llround(s));
}

json delays_json(const sim::RunFigures& figures) {
  return {{"mean", figures.delay_mean_s},
          {"median", figures.delay_median_s},
          {"p90", figures.delay_p90_s},
          {"p99", figures.delay_p99_s}};
}

json oracle_json(const sim::RunFigures& figures) {
  return {{"delivery", figures.delivery_to_oracle}, {"delay", figures.delay_to_oracle}};
}

bool has_files(const sim::MessagePlan& plan) {
  return std::any_of(plan.begin(), plan.end(), sim::goes_as_file);
}

/// Of the files, or the texts, of a plan that has files.
json part_json(const sim::RunFigures& figures) {
  return {{"written", figures.written},
          {"delivered", figures.delivered},
          {"delivery", figures.delivery},
          {"delay_s", delays_json(figures)},
          {"to_oracle", oracle_json(figures)}};
}

/// Of messages to several; null when there are none.
json groups_json(const sim::RunResult& run, const sim::MessagePlan& plan) {
  const auto outcomes = sim::group_outcomes(run, plan);
  if (outcomes.empty()) return nullptr;
  const sim::GroupFigures figures = sim::group_figures(outcomes);
  json all = json::array();
  for (const sim::GroupOutcome& outcome : outcomes) {
    json one = {{"group", outcome.group},
                {"members", outcome.members},
                {"reached", outcome.reached},
                {"half_after_s", nullptr},
                {"all_after_s", nullptr}};
    if (outcome.half_after) one["half_after_s"] = seconds(*outcome.half_after);
    if (outcome.all_after) one["all_after_s"] = seconds(*outcome.all_after);
    all.push_back(std::move(one));
  }
  return {{"written", figures.groups},
          {"reached", figures.reached},
          {"half", figures.half},
          {"whole", figures.whole},
          {"half_median_s", figures.half_median_s},
          {"all_median_s", figures.all_median_s},
          {"outcomes", std::move(all)}};
}

json run_json(const sim::StrategyRun& run, const sim::RunFigures& figures) {
  json outcomes = json::array();
  for (const sim::Outcome& outcome : run.result.outcomes) {
    json one = {{"delivered_s", nullptr}, {"hops", outcome.hops}, {"carriers", outcome.carriers}};
    if (outcome.delivered) one["delivered_s"] = seconds(*outcome.delivered);
    outcomes.push_back(std::move(one));
  }
  json out = run_figures_json(run, figures);
  if (run.production) out["faults"] = faults_json(run.people.faults);
  out["outcomes"] = std::move(outcomes);
  out["series"] = json::array();
  for (const sim::RunMoment& moment : run.result.series) {
    out["series"].push_back({{"at_s", seconds(moment.at)},
                             {"delivered", moment.delivered},
                             {"air_bytes", moment.air_bytes},
                             {"copies", moment.copies},
                             {"carried_bytes", moment.carried_bytes}});
  }
  return out;
}

json map_json(const sim::MapFrames& map) {
  if (map.frames.empty()) return nullptr;
  json positions = json::array();
  const auto rounded = [](double metres) { return std::round(metres * 10) / 10; };
  for (const auto& frame : map.frames) {
    json row = json::array();
    for (const sim::Point& point : frame) {
      row.push_back(rounded(point.x));
      row.push_back(rounded(point.y));
    }
    positions.push_back(std::move(row));
  }
  return {{"width_m", map.width_m},
          {"height_m", map.height_m},
          {"interval_s", seconds(map.interval)},
          {"positions", std::move(positions)}};
}

std::string name_of(const sim::Stage& stage, std::size_t message) {
  const std::string& name = stage.plan[message].name;
  return name.empty() ? std::to_string(message) : name;
}

/// Files and texts apart; nothing when there are no files.
std::string files_table(const sim::Stage& stage, const std::vector<sim::StrategyRun>& runs) {
  if (!has_files(stage.plan)) return "";
  std::string out;
  for (const auto& [name, part] :
       {std::pair("texts", sim::PlanPart::texts), std::pair("files", sim::PlanPart::files)}) {
    out += fmt::format("\n{:<18}{:>9}{:>9}{:>13}{:>13}\n", name, "arrived", "of best", "median",
                       "p90");
    for (const sim::StrategyRun& run : runs) {
      const auto figures = figures_of(run.result, stage.plan, runs.front().result, part);
      const bool any = figures.delivered > 0;
      out += fmt::format("{:<18}{:>8.1f}%{:>8.1f}%{:>13}{:>13}\n", run.strategy,
                         100 * figures.delivery, 100 * figures.delivery_to_oracle,
                         any ? delay_words(figures.delay_median_s) : "-",
                         any ? delay_words(figures.delay_p90_s) : "-");
    }
  }
  return out;
}

/// Messages to several; nothing when there are none.
std::string groups_table(const sim::Stage& stage, const std::vector<sim::StrategyRun>& runs) {
  const auto grouped = [](const sim::PlannedMessage& message) { return message.group.has_value(); };
  if (std::none_of(stage.plan.begin(), stage.plan.end(), grouped)) return "";
  std::string out = fmt::format("\n{:<18}{:>9}{:>9}{:>13}{:>13}\n", "groups", "reached", "whole",
                                "half have it", "all have it");
  for (const sim::StrategyRun& run : runs) {
    const auto figures = group_figures(group_outcomes(run.result, stage.plan));
    const double whole = figures.groups == 0 ? 0
                                             : static_cast<double>(figures.whole) /
                                                   static_cast<double>(figures.groups);
    out += fmt::format("{:<18}{:>8.1f}%{:>8.1f}%{:>13}{:>13}\n", run.strategy,
                       100 * figures.reached, 100 * whole,
                       figures.half > 0 ? delay_words(figures.half_median_s) : "-",
                       figures.whole > 0 ? delay_words(figures.all_median_s) : "-");
  }
  return out;
}

/// As RFC 4180 quotes.
std::string csv_word(const std::string& word) {
  if (word.find_first_of(",\"\r\n") == std::string::npos) return word;
  std::string out = "\"";
  for (const char c : word) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

json run_figures_json(const sim::StrategyRun& run, const sim::RunFigures& figures) {
  const sim::Totals& totals = run.result.totals;
  json out = {
      {"strategy", run.strategy},
      {"production", run.production},
      {"written", figures.written},
      {"delivered", figures.delivered},
      {"delivery", figures.delivery},
      {"delay_s", delays_json(figures)},
      {"to_oracle", oracle_json(figures)},
      {"bytes_per_delivered_byte", figures.bytes_per_delivered_byte},
      {"air_bytes", totals.air_bytes},
      {"message_bytes", totals.message_bytes},
      {"transfers", totals.transfers_ended},
      {"aborted", totals.transfers_aborted},
      {"duplicates", totals.duplicates},
      {"dropped", totals.copies_dropped},
      {"expired", totals.copies_expired},
      {"energy_j", energy_json(run.people.energy_mj)},
      {"radio", run.people.energy_mj.empty() ? json() : radio_json(run.people.radio)},
      {"event_hash", fmt::format("{:016x}", run.result.event_hash)},
  };
  if (run.production) {
    out["crashes"] = run.people.crashes;
    out["frames"] = run.people.frames;
    out["not_written"] = run.people.not_written;
    out["seen_twice"] = run.people.seen_twice;
    out["files_wrong"] = run.people.files_wrong;
    out["world_hash"] = fmt::format("{:016x}", run.people.world_hash);
  }
  return out;
}

json results_json(const std::string& name, const sim::Scenario& scenario, const sim::Stage& stage,
                  const std::vector<sim::StrategyRun>& runs) {
  json messages = json::array();
  for (std::size_t i = 0; i < stage.plan.size(); ++i) {
    const sim::PlannedMessage& planned = stage.plan[i];
    json one = {
        {"name", name_of(stage, i)}, {"at_s", seconds(planned.at)},      {"from", planned.from},
        {"to", planned.to},          {"size_bytes", planned.size_bytes}, {"lifetime_s", nullptr}};
    one["kind"] = sim::goes_as_file(planned) ? "file" : "text";
    one["group"] = planned.group ? json(*planned.group) : json();
    if (planned.lifetime != base::Duration::max()) one["lifetime_s"] = seconds(planned.lifetime);
    messages.push_back(std::move(one));
  }
  json all = json::array();
  const sim::RunResult& best = runs.front().result;
  for (const sim::StrategyRun& run : runs) {
    json one = run_json(run, figures_of(run.result, stage.plan, best));
    one["texts"] = one["files"] = nullptr;
    if (has_files(stage.plan)) {
      one["texts"] = part_json(figures_of(run.result, stage.plan, best, sim::PlanPart::texts));
      one["files"] = part_json(figures_of(run.result, stage.plan, best, sim::PlanPart::files));
    }
    one["groups"] = groups_json(run.result, stage.plan);
    all.push_back(std::move(one));
  }
  json spread = json::array();
  bool production = false;
  for (const sim::StrategyRun& run : runs) {
    production = production || run.production;
    for (const sim::MessageSpread& one : run.result.spread) {
      json seen = json::array();
      for (const auto& [node, at] : one.seen) seen.push_back({node, seconds(at)});
      spread.push_back(
          {{"strategy", run.strategy}, {"message", one.message}, {"seen", std::move(seen)}});
    }
  }
  const bool ble = std::holds_alternative<sim::BleParameters>(scenario.links);
  const std::string links = !production ? "ideal" : ble ? "ble" : "wifi";
  const auto began = std::count_if(stage.contacts.changes.begin(), stage.contacts.changes.end(),
                                   [](const auto& change) { return change.up; });
  return {{"format", 1},
          {"scenario",
           {{"name", name},
            {"title", scenario.title},
            {"about", scenario.about},
            {"seed", scenario.seed},
            {"nodes", stage.contacts.nodes},
            {"duration_s", seconds(stage.contacts.end)},
            {"contacts", began},
            {"links", links}}},
          {"messages", std::move(messages)},
          {"runs", std::move(all)},
          {"map", map_json(stage.map)},
          {"spread", std::move(spread)}};
}

std::string results_csv(const sim::Stage& stage, const std::vector<sim::StrategyRun>& runs) {
  std::string out = "strategy,message,from,to,at_s,delivered_s,hops,carriers,kind,group\n";
  for (const sim::StrategyRun& run : runs) {
    for (std::size_t i = 0; i < stage.plan.size(); ++i) {
      const sim::PlannedMessage& planned = stage.plan[i];
      const sim::Outcome& outcome = run.result.outcomes[i];
      out += fmt::format("{},{},{},{},{:.6f},", run.strategy, csv_word(name_of(stage, i)),
                         planned.from, planned.to, seconds(planned.at));
      if (outcome.delivered) out += fmt::format("{:.6f}", seconds(*outcome.delivered));
      out += fmt::format(",{},{}", outcome.hops, outcome.carriers);
      out += sim::goes_as_file(planned) ? ",file," : ",text,";
      if (planned.group) out += std::to_string(*planned.group);
      out += '\n';
    }
  }
  return out;
}

std::string results_table(const sim::Stage& stage, const std::vector<sim::StrategyRun>& runs) {
  std::string out = fmt::format("{:<18}{:>9}{:>9}{:>13}{:>13}{:>9}{:>12}{:>9}\n", "", "arrived",
                                "of best", "median", "p90", "of best", "bytes/byte", "energy");
  for (const sim::StrategyRun& run : runs) {
    const sim::RunFigures figures = figures_of(run.result, stage.plan, runs.front().result);
    const auto span = [&](double s) {
      return figures.delivered == 0 ? std::string("-") : delay_words(s);
    };
    const auto times = [&](double ratio) {
      return figures.delivered == 0 ? std::string("-") : fmt::format("{:.2f} x", ratio);
    };
    const auto energy = energy_json(run.people.energy_mj);
    out += fmt::format(
        "{:<18}{:>8.1f}%{:>8.1f}%{:>13}{:>13}{:>9}{:>12}{:>9}\n", run.strategy,
        100 * figures.delivery, 100 * figures.delivery_to_oracle, span(figures.delay_median_s),
        span(figures.delay_p90_s), times(figures.delay_to_oracle),
        figures.bytes_per_delivered_byte == 0
            ? "-"
            : fmt::format("{:.1f}", figures.bytes_per_delivered_byte),
        energy.is_null() ? "-" : fmt::format("{:.0f} J", energy["mean"].get<double>()));
  }
  out += files_table(stage, runs) + groups_table(stage, runs);
  for (const sim::StrategyRun& run : runs) {
    if (run.people.not_written == 0) continue;
    out += fmt::format("{}: {} messages were not written, their authors being off or full\n",
                       run.strategy, run.people.not_written);
  }
  for (const sim::StrategyRun& run : runs) out += faults_text(run.people.faults);
  return out;
}

}  // namespace chaski::tools
