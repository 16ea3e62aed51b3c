// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/faults_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace chaski::tools {
namespace {

using nlohmann::json;

json guesses_json(const sim::Guesses& guesses, std::uint64_t of) {
  return {{"named", guesses.named},
          {"right", guesses.right},
          {"precision", guesses.precision()},
          {"recall", guesses.recall(of)}};
}

json naming_json(const sim::NamingReport& report) {
  return {{"all", report.all},
          {"seen", report.seen},
          {"first", guesses_json(report.first, report.all)},
          {"weighed", guesses_json(report.weighed, report.all)},
          {"young", guesses_json(report.young, report.all)},
          {"far", guesses_json(report.far, report.all)},
          {"chance", report.chance},
          {"bound", report.bound}};
}

/// "black holes"
std::string words_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

double percent(double part, double of) {
  return of > 0 ? 100 * part / of : 0;
}

std::string naming_text(const char* whom, const char* what, const sim::NamingReport& report) {
  if (report.all == 0) return "";
  const auto all = static_cast<double>(report.all);
  const auto seen = static_cast<double>(report.seen);
  const auto& right = report.first.right;
  return fmt::format(
      "  named the {} of {:.1f} % of {} {} ({} of {} seen); guessing {:.1f} %, at best {:.1f} %\n"
      "  by age {} of {} named, by hops {} of {}, by all neighbours {} of {}\n",
      whom, percent(static_cast<double>(right), all), report.all, what, right, report.seen,
      percent(report.chance * seen, all), percent(static_cast<double>(report.bound), all),
      report.young.right, report.young.named, report.far.right, report.far.named,
      report.weighed.right, report.weighed.named);
}

}  // namespace

json faults_json(const sim::FaultReport& report) {
  json kinds = json::array();
  for (const sim::FaultKind& kind : report.kinds) {
    json one = {{"name", kind.name}, {"number", kind.number}};
    for (const auto& [what, value] : kind.did) one["did"][what] = value;
    kinds.push_back(std::move(one));
  }
  json out = {{"kinds", std::move(kinds)}, {"colluders", nullptr}};
  if (!report.attack) return out;
  const sim::AttackReport& attack = *report.attack;
  const sim::LinkingReport& linking = attack.linking;
  out["colluders"] = {{"met", attack.met},
                      {"authors", naming_json(attack.authors)},
                      {"readers", naming_json(attack.readers)},
                      {"linking",
                       {{"equal_tags", linking.equal_tags},
                        {"pairs", guesses_json(linking.pairs, linking.same_author)},
                        {"same_author", linking.same_author},
                        {"chance", linking.chance}}}};
  return out;
}

std::string faults_text(const sim::FaultReport& report) {
  std::string out;
  for (const sim::FaultKind& kind : report.kinds) {
    out += fmt::format("{}: {}", words_of(kind.name), kind.number);
    for (const auto& [what, value] : kind.did) {
      out += fmt::format(", {} {:.0f}", words_of(what), value);
    }
    out += "\n";
  }
  if (!report.attack) return out;
  const sim::AttackReport& attack = *report.attack;
  out += naming_text("author", "messages", attack.authors);
  out += naming_text("reader", "receipts", attack.readers);
  const sim::LinkingReport& linking = attack.linking;
  out += fmt::format(
      "  two messages as of one author: {} pairs named, {:.1f} % right; guessing {:.1f} %; equal "
      "tags {}\n",
      linking.pairs.named, 100 * linking.pairs.precision(), 100 * linking.chance,
      linking.equal_tags);
  return out;
}

}  // namespace chaski::tools
