// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/jammed_contacts.hpp"

#include <algorithm>
#include <utility>

namespace chaski::sim {
namespace {

double seconds_between(base::Time from, base::Time to) {
  // Who reads contacts one ahead has seen some that have not begun.
  return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

}  // namespace

JammedContacts::JammedContacts(ContactSource& source, const std::vector<NodeIndex>& jammers,
                               const Jamming& rules, std::uint64_t seed)
    : source_(source),
      rules_(rules),
      random_(seed),
      coming_(source.next()),
      pressure_(source.nodes()),
      near_(source.nodes()) {
  const bool always = rules.cycle.off <= base::Duration{};
  for (const NodeIndex node : jammers) {
    Jammer& jammer = jammers_[node];
    if (always) continue;
    const base::Duration round = rules.cycle.on + rules.cycle.off;
    const base::Duration phase(
        static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(round.count()))));
    jammer.on = phase < rules.cycle.on;
    toggles_.emplace(base::Time{} + ((jammer.on ? rules.cycle.on : round) - phase), node);
  }
}

std::optional<ContactChange> JammedContacts::next() {
  while (out_.empty()) {
    const base::Time toggles = toggles_.empty() ? base::Time::max() : toggles_.begin()->first;
    const base::Time changes = coming_ ? coming_->at : base::Time::max();
    const base::Time at = std::min(toggles, changes);
    if (at > end()) return std::nullopt;
    // All of one moment together: what is cut comes before what begins.
    while (coming_ && coming_->at == at) take(*std::exchange(coming_, source_.next()));
    while (!toggles_.empty() && toggles_.begin()->first == at) {
      const NodeIndex jammer = toggles_.begin()->second;
      toggles_.erase(toggles_.begin());
      toggle(at, jammer);
    }
    tell(at);
  }
  const ContactChange change = out_.front();
  out_.pop_front();
  return change;
}

void JammedContacts::take(const ContactChange& change) {
  const bool jams_a = jammers_.contains(change.a);
  const bool jams_b = jammers_.contains(change.b);
  if (jams_a && jams_b) return;
  if (jams_a) return contact_of_jammer(change.a, change.b, change.up);
  if (jams_b) return contact_of_jammer(change.b, change.a, change.up);
  const Pair pair{change.a, change.b};
  if (change.up) {
    near_[change.a].insert(change.b);
    near_[change.b].insert(change.a);
    const auto [met, fresh] = met_.try_emplace(pair);
    if (fresh) met->second.since = change.at;
    met->second.there = true;
  } else {
    near_[change.a].erase(change.b);
    near_[change.b].erase(change.a);
    const auto met = met_.find(pair);
    if (met == met_.end()) return;
    met->second.there = false;
  }
  touched_.insert(pair);
}

void JammedContacts::contact_of_jammer(NodeIndex jammer, NodeIndex other, bool up) {
  Jammer& one = jammers_.at(jammer);
  if (up) {
    if (random_.unit() >= rules_.reach) return;
    one.reached.insert(other);
  } else if (one.reached.erase(other) == 0) {
    return;
  }
  if (one.on) press(other, up ? 1 : -1);
}

void JammedContacts::toggle(base::Time at, NodeIndex jammer) {
  Jammer& one = jammers_.at(jammer);
  one.on = !one.on;
  for (const NodeIndex node : one.reached) press(node, one.on ? 1 : -1);
  toggles_.emplace(at + (one.on ? rules_.cycle.on : rules_.cycle.off), jammer);
}

void JammedContacts::press(NodeIndex node, int by) {
  pressure_[node] += by;
  for (const NodeIndex other : near_[node]) touched_.insert(std::minmax(node, other));
}

/// What the moment has made of the pairs that it touched.
void JammedContacts::tell(base::Time at) {
  std::vector<Pair> begin;
  for (const Pair& pair : std::exchange(touched_, {})) {
    const auto found = met_.find(pair);
    Met& met = found->second;
    const bool lost = jammed(pair.first) || jammed(pair.second);
    if (met.there && lost && !met.lost) {
      met.lost_since = at;
      ++over_.interruptions;
    }
    if (met.there && !lost && met.lost) met.lost_s += seconds_between(met.lost_since, at);
    if (met.there) met.lost = lost;
    const bool up = met.there && !lost;
    if (met.told && !up) out_.push_back({at, pair.first, pair.second, false});
    if (!met.told && up) begin.push_back(pair);
    met.told = up;
    if (met.there) continue;
    settle(met, at, over_);
    met_.erase(found);
  }
  for (const auto& [a, b] : begin) out_.push_back({at, a, b, true});
}

void JammedContacts::settle(const Met& met, base::Time now, Toll& toll) {
  toll.contact_s += seconds_between(met.since, now);
  toll.lost_s += met.lost_s;
  if (met.lost) toll.lost_s += seconds_between(met.lost_since, now);
}

JammedContacts::Toll JammedContacts::toll(base::Time now) const {
  Toll toll = over_;
  for (const auto& [pair, met] : met_) settle(met, now, toll);
  return toll;
}

}  // namespace chaski::sim
