// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/contacts/contact_trace.hpp"
#include "sim/faults/cast.hpp"
#include "sim/people/people.hpp"
#include "sim/traffic/generators.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim::test_faults {

using namespace std::chrono_literals;

constexpr base::Time at(base::Duration since) {
  return base::Time{} + since;
}

/// Pairs that meet at random, for a minute or so.
inline ContactTrace random_meetings(std::uint64_t seed, std::uint32_t nodes, int contacts,
                                    base::Duration end) {
  base::SeededRandom random(seed);
  std::vector<Contact> out;
  const auto span = static_cast<std::uint64_t>(end / 1s);
  for (int i = 0; i < contacts; ++i) {
    const auto a = static_cast<NodeIndex>(random.below(nodes));
    const auto b = static_cast<NodeIndex>(random.below(nodes));
    const base::Time begin = at(std::chrono::seconds(random.below(span)));
    const base::Duration lasts = std::chrono::seconds(30 + random.below(60));
    if (a != b) out.push_back({begin, begin + lasts, std::min(a, b), std::max(a, b)});
  }
  return trace_of(merged(out), nodes, at(end));
}

/// One message every 20 s for as long as `until`, between people of the cast.
inline MessagePlan plan_of(const PeopleFaults& faults, std::uint64_t seed, std::uint32_t nodes,
                           base::Duration until) {
  base::SeededRandom random(seed + 1);
  Rhythm rhythm;
  rhythm.until = at(until);
  rhythm.interval_min = rhythm.interval_max = 20s;
  rhythm.size_min_bytes = 30;
  rhythm.size_max_bytes = 400;
  MessagePlan plan = one_to_one(random, rhythm, nodes);
  const Cast cast = draw_cast(faults, seed, nodes);
  std::erase_if(plan, [&](const PlannedMessage& message) {
    return !cast.is_person(message.from) || !cast.is_person(message.to);
  });
  return plan;
}

inline PeopleRules rules_of(const PeopleFaults& faults, std::uint64_t seed, bool bluetooth) {
  PeopleRules rules;
  rules.seed = seed;
  rules.faults = faults;
  if (bluetooth) {
    rules.links = BleParameters{};
  } else {
    ContactLinkParameters links;
    links.model.bytes_per_s = 250'000;
    rules.links = links;
  }
  return rules;
}

inline PeopleResult run(const ContactTrace& met, const MessagePlan& plan,
                        const PeopleRules& rules) {
  TraceSource source(met);
  return run_people(source, plan, rules);
}

inline std::uint64_t delivered(const PeopleResult& result) {
  std::uint64_t sum = 0;
  for (const Outcome& outcome : result.run.outcomes) sum += outcome.delivered ? 1u : 0u;
  return sum;
}

/// What a kind of fault did: a figure of the report, or -1.
inline double did(const PeopleResult& result, std::string_view name, std::string_view what) {
  for (const FaultKind& kind : result.faults.kinds) {
    if (kind.name != name) continue;
    for (const auto& [key, value] : kind.did) {
      if (key == what) return value;
    }
  }
  return -1;
}

}  // namespace chaski::sim::test_faults
