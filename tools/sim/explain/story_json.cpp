// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/explain/story_json.hpp"

namespace chaski::tools {
namespace {

using nlohmann::json;

double seconds(base::Time time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}
json seconds(const std::optional<base::Time>& time) {
  return time ? json(seconds(*time)) : json();
}

json hops_json(const std::vector<sim::PathHop>& path) {
  json hops = json::array();
  for (const sim::PathHop& hop : path) {
    hops.push_back({{"from", hop.from}, {"to", hop.to}, {"at_s", seconds(hop.at)}});
  }
  return hops;
}

json copies_json(const sim::Trail& trail) {
  json copies = json::array();
  for (const sim::TrailCopy& copy : trail.copies) {
    copies.push_back({{"node", copy.node},
                      {"from", copy.from ? json(trail.copies[*copy.from].node) : json()},
                      {"since_s", seconds(copy.since)},
                      {"until_s", seconds(copy.until)},
                      {"end", to_string(copy.end)}});
  }
  return copies;
}

json contacts_json(const sim::Trail& trail) {
  json contacts = json::array();
  for (const sim::TrailContact& contact : trail.contacts) {
    contacts.push_back(
        {{"from", contact.from},
         {"to", contact.to},
         {"begin_s", seconds(contact.begin)},
         {"end_s", seconds(contact.end)},
         {"linked_s", seconds(contact.linked)},
         {"off_s", seconds(contact.off)},
         {"withheld",
          contact.withheld ? json(mesh_router::to_string(*contact.withheld)) : json()}});
  }
  return contacts;
}

}  // namespace

json story_json(const sim::Stage& stage, const sim::MessageStory& story) {
  const sim::PlannedMessage& planned = stage.plan[story.message];
  const sim::Trail& trail = story.run.result.trail;
  std::vector<sim::PathHop> way;
  if (trail.first) {
    for (const std::size_t copy : way_of(trail, *trail.first)) {
      const sim::TrailCopy& one = trail.copies[copy];
      if (one.from) way.push_back({trail.copies[*one.from].node, one.node, one.since});
    }
  }
  json lifetime;
  if (planned.lifetime != base::Duration::max()) {
    lifetime = std::chrono::duration<double>(planned.lifetime).count();
  }
  return {{"format", 1},
          {"message",
           {{"number", story.message},
            {"name", planned.name},
            {"from", planned.from},
            {"to", planned.to},
            {"at_s", seconds(planned.at)},
            {"size_bytes", planned.size_bytes},
            {"lifetime_s", std::move(lifetime)}}},
          {"strategy", story.run.strategy},
          {"best", hops_json(story.best)},
          {"delivered_s", seconds(story.run.result.outcomes[story.message].delivered)},
          {"not_written", trail.not_written.empty() ? json() : json(trail.not_written)},
          {"way", hops_json(way)},
          {"copies", copies_json(trail)},
          {"contacts", contacts_json(trail)}};
}

}  // namespace chaski::tools
