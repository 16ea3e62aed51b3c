// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/attack.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "node/origin.hpp"

namespace chaski::sim {
namespace {

/// Who hears half a minute later than the first colluder says half as much about the author.
constexpr double kHalves_s = 30;
/// With so many left it has crossed one link, from its author.
constexpr std::uint8_t kHopsAfterOne = node::kInitialHopsMax - 1;

const Sighting& first_of(const SeenEnvelope& seen) {
  return *std::min_element(seen.first.begin(), seen.first.end(),
                           [](const Sighting& a, const Sighting& b) { return a.at < b.at; });
}

/// The bearer with the largest weight; the smaller number among equals.
NodeIndex weighed_bearer(const SeenEnvelope& seen) {
  const base::Time began = first_of(seen).at;
  std::map<NodeIndex, double> weights;
  for (const Sighting& sighting : seen.first) {
    const double late_s = std::chrono::duration<double>(sighting.at - began).count();
    weights[sighting.bearer] += std::exp2(-late_s / kHalves_s);
  }
  const auto best =
      std::max_element(weights.begin(), weights.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return best->first;
}

void name(Guesses& guesses, NodeIndex named, NodeIndex truth) {
  ++guesses.named;
  if (named == truth) ++guesses.right;
}

/// One envelope, whose origin is `truth`.
void judge(const Notebook& notebook, const SeenEnvelope& seen, NodeIndex truth,
           NamingReport& report) {
  ++report.seen;
  const Sighting& first = first_of(seen);
  name(report.first, first.bearer, truth);
  name(report.weighed, weighed_bearer(seen), truth);
  if (first.state && first.state->age_ms < node::kInitialAgeMax_ms) {
    name(report.young, first.bearer, truth);
  }
  if (first.state && first.state->hops_left >= kHopsAfterOne) {
    name(report.far, first.bearer, truth);
  }
  if (std::binary_search(seen.bearers.begin(), seen.bearers.end(), truth)) ++report.bound;
  // Anybody of those met until then.
  const auto& met = notebook.first_met();
  const auto known = std::count_if(met.begin(), met.end(),
                                   [&](const auto& one) { return one.second <= first.at; });
  const auto own = met.find(truth);
  const bool could_be = own != met.end() && own->second <= first.at;
  if (could_be && known > 0) report.chance += 1.0 / static_cast<double>(known);
}

std::uint64_t pairs_of(std::uint64_t number) {
  return number * (number - std::min<std::uint64_t>(number, 1)) / 2;
}

std::uint64_t pairs_in(const std::map<NodeIndex, std::uint64_t>& groups) {
  std::uint64_t sum = 0;
  for (const auto& [who, number] : groups) sum += pairs_of(number);
  return sum;
}

LinkingReport link_messages(const Notebook& notebook, const std::vector<WrittenMessage>& messages) {
  LinkingReport report;
  std::map<wire::DeliveryTag, std::uint64_t> tags;
  for (const auto& [id, seen] : notebook.seen()) {
    if (seen.kind == wire::EnvelopeKind::sealed) report.equal_tags += tags[seen.tag]++;
  }
  std::map<NodeIndex, std::uint64_t> by_author;
  std::map<NodeIndex, std::uint64_t> by_bearer;
  std::map<std::pair<NodeIndex, NodeIndex>, std::uint64_t> by_both;
  std::uint64_t number = 0;
  for (const WrittenMessage& message : messages) {
    const auto found = notebook.seen().find(message.envelope);
    if (found == notebook.seen().end()) continue;
    const NodeIndex bearer = first_of(found->second).bearer;
    ++number;
    ++by_author[message.author];
    ++by_bearer[bearer];
    ++by_both[{bearer, message.author}];
  }
  report.same_author = pairs_in(by_author);
  report.pairs.named = pairs_in(by_bearer);
  for (const auto& [both, together] : by_both) report.pairs.right += pairs_of(together);
  if (pairs_of(number) > 0) {
    report.chance = static_cast<double>(report.same_author) / static_cast<double>(pairs_of(number));
  }
  return report;
}

}  // namespace

AttackReport attack(const Notebook& notebook, const std::vector<WrittenMessage>& messages) {
  AttackReport report;
  report.met = notebook.first_met().size();
  std::map<wire::EnvelopeId, const SeenEnvelope*> receipts;  // by what they name
  for (const auto& [id, seen] : notebook.seen()) {
    if (seen.kind == wire::EnvelopeKind::receipt) receipts.emplace(seen.about, &seen);
  }
  for (const WrittenMessage& message : messages) {
    ++report.authors.all;
    const auto found = notebook.seen().find(message.envelope);
    if (found != notebook.seen().end()) {
      judge(notebook, found->second, message.author, report.authors);
    }
    if (!message.read) continue;
    ++report.readers.all;
    const auto receipt = receipts.find(message.envelope);
    if (receipt != receipts.end()) {
      judge(notebook, *receipt->second, message.reader, report.readers);
    }
  }
  for (NamingReport* naming : {&report.authors, &report.readers}) {
    if (naming->seen > 0) naming->chance /= static_cast<double>(naming->seen);
  }
  report.linking = link_messages(notebook, messages);
  return report;
}

}  // namespace chaski::sim
