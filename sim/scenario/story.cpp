// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/story.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::sim {
namespace {

/// The contacts in which these hops were made.
std::vector<TrailContact> contacts_along(const ContactTrace& trace,
                                         const std::vector<PathHop>& path) {
  std::vector<TrailContact> along(path.size());
  for (const Contact& contact : contacts_of(trace)) {
    for (std::size_t i = 0; i < path.size(); ++i) {
      const PathHop& hop = path[i];
      const auto [a, b] = std::minmax(hop.from, hop.to);
      if (contact.a != a || contact.b != b || contact.begin > hop.at) continue;
      // One that does not last passes on what there is when it begins.
      if (contact.end <= hop.at && contact.begin != hop.at) continue;
      along[i] = {.from = hop.from,
                  .to = hop.to,
                  .begin = contact.begin,
                  .end = std::min(contact.end, trace.end),
                  .linked = {},
                  .withheld = {},
                  .off = {}};
    }
  }
  return along;
}

}  // namespace

MessageStory story_of(const Scenario& scenario, const Stage& stage, std::size_t message,
                      std::string_view strategy,
                      const std::function<void(base::Time, std::uint64_t)>& progress) {
  CHASKI_ASSERT(message < stage.plan.size());
  MessageStory story;
  story.message = message;
  TraceSource contacts(stage.contacts);
  story.best = earliest_path(contacts, stage.plan[message]);
  Recording record;
  record.follow = TrailRequest{message, contacts_along(stage.contacts, story.best)};
  record.progress = progress;
  story.run = run_strategy(scenario, stage, strategy, record);
  return story;
}

}  // namespace chaski::sim
