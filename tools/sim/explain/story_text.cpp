// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/explain/story_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tools/chaski/quantities.hpp"

namespace chaski::tools {
namespace {

using mesh_router::Withheld;

/// Nodes that are named before the rest is counted.
constexpr std::size_t kNamedMax = 20;

/// "1:02:03.4": hours, minutes, seconds of the world.
std::string clock(base::Time time) {
  const std::int64_t tenths = base::to_us(time) / 100'000;
  return fmt::format("{}:{:02}:{:02}.{}", tenths / 36'000, tenths / 600 % 60, tenths / 10 % 60,
                     tenths % 10);
}

std::string span(base::Duration duration) {
  const double s = std::chrono::duration<double>(duration).count();
  return s < 10 ? fmt::format("{:.1f} s", s) : duration_words(std::llround(s));
}

std::string why_words(Withheld why) {
  switch (why) {
    case Withheld::told:
      return "it was announced, and the other had not asked for it yet";
    case Withheld::paced:
      return "it was to be announced, but enough was announced for that second";
    case Withheld::has_it:
      return "the other was known to have it, or to want it never";
    case Withheld::had_it:
      return "both were taken to have it when the link came up";
    case Withheld::on_its_way:
      return "it was on its way, and the link ended before it was there";
    case Withheld::not_durable:
      return "it was not saved yet";
    case Withheld::expired:
      return "its lifetime was over";
    case Withheld::no_hops:
      return "it may travel no farther: its hops were used up";
    case Withheld::policy:
      return "the strategy kept it from this neighbour";
    case Withheld::shown:
      return "it was offered once on this link, for its recipient alone";
    case Withheld::comparing:
      return "the two were still finding out what each lacks";
    case Withheld::refused:
      return "the other had refused it: it had no room";
    case Withheld::probing:
      return "the other had refused before, and one goes at a time then";
    case Withheld::window_full:
      return "as much was unanswered as may be";
    case Withheld::transfer_place:
      return "it is too large for a frame, and the places for such were taken";
    case Withheld::queued:
      return "others went before it";
    case Withheld::kCount:
      break;
  }
  return "nobody knows";
}

class StoryWriter {
 public:
  StoryWriter(const sim::Stage& stage, const sim::MessageStory& story)
      : stage_(stage),
        story_(story),
        planned_(stage.plan[story.message]),
        trail_(story.run.result.trail),
        delivered_(story.run.result.outcomes[story.message].delivered) {}

  std::string write(bool copies) {
    heading();
    best();
    run();
    contacts();
    if (copies) every_copy();
    return std::move(out_);
  }

 private:
  std::string name(sim::NodeIndex node) const { return stage_.contacts.name(node); }
  std::string since_written(base::Time at) const { return span(at - planned_.at); }

  void heading() {
    const std::string number = fmt::format("Message {}", story_.message);
    out_ +=
        fmt::format("{}{}: from {} to {}, {} bytes, at {}", number,
                    planned_.name.empty() ? "" : " (" + planned_.name + ")", name(planned_.from),
                    name(planned_.to), planned_.size_bytes, clock(planned_.at));
    if (planned_.lifetime != base::Duration::max()) {
      out_ += ", for " + span(planned_.lifetime);
    }
    out_ += "\n\n";
  }

  void best() {
    if (story_.best.empty()) {
      out_ += "At best: never. No row of contacts leads there in time.\n\n";
      return;
    }
    out_ += fmt::format("At best: {} after it was written, over {}\n",
                        since_written(story_.best.back().at), links(story_.best.size()));
    for (const sim::PathHop& hop : story_.best) {
      out_ += fmt::format("  {}  {} -> {}\n", clock(hop.at), name(hop.from), name(hop.to));
    }
    out_ += "\n";
  }

  static std::string links(std::size_t count) {
    return count == 1 ? "1 link" : fmt::format("{} links", count);
  }

  void run() {
    out_ += story_.run.strategy + ": ";
    if (!trail_.not_written.empty()) {
      out_ += "never written: " + trail_.not_written + ".\n\n";
      return;
    }
    if (trail_.copies.empty()) {
      out_ += "never written: the world ended before.\n\n";
      return;
    }
    if (trail_.first && delivered_) {
      way();
    } else {
      out_ += "did not arrive.\n";
    }
    spread();
    out_ += "\n";
  }

  void way() {
    const auto way = way_of(trail_, *trail_.first);
    out_ += fmt::format("{} after it was written, over {}", since_written(*delivered_),
                        links(way.size() - 1));
    if (!story_.best.empty()) {
      out_ += fmt::format(", {} later than the best", span(*delivered_ - story_.best.back().at));
    }
    out_ += "\n";
    for (std::size_t i = 1; i < way.size(); ++i) {
      const sim::TrailCopy& before = trail_.copies[way[i - 1]];
      const sim::TrailCopy& copy = trail_.copies[way[i]];
      out_ +=
          fmt::format("  {}  {} -> {}, after {} with {}\n", clock(copy.since), name(before.node),
                      name(copy.node), span(copy.since - before.since), name(before.node));
    }
  }

  void spread() {
    std::set<sim::NodeIndex> nodes;
    std::map<sim::CopyEnd, std::vector<sim::NodeIndex>> ends;
    for (const sim::TrailCopy& copy : trail_.copies) {
      nodes.insert(copy.node);
      ends[copy.end].push_back(copy.node);
    }
    const std::string again =
        trail_.copies.size() == nodes.size()
            ? ""
            : fmt::format(", some of them again: {} copies", trail_.copies.size());
    const std::string had = nodes.size() == 1 ? "1 node" : fmt::format("{} nodes", nodes.size());
    out_ += fmt::format("{} ever had it{}.\n", had, again);
    for (const auto& [end, words] :
         {std::pair(sim::CopyEnd::held, "held to the end"),
          std::pair(sim::CopyEnd::delivered, "let go of when they heard that it had arrived"),
          std::pair(sim::CopyEnd::expired, "let go of as too old"),
          std::pair(sim::CopyEnd::displaced, story_.run.production
                                                 ? "gave way to others, others having it"
                                                 : "dropped for want of room"),
          std::pair(sim::CopyEnd::crashed, "lost in a crash before it was saved")}) {
      const auto found = ends.find(end);
      if (found == ends.end()) continue;
      const std::string many =
          again.empty() ? "" : fmt::format(" ({} copies)", found->second.size());
      out_ += fmt::format("  {}{}: {}\n", words, many, names(each_once(found->second)));
    }
  }

  static std::vector<sim::NodeIndex> each_once(const std::vector<sim::NodeIndex>& nodes) {
    std::vector<sim::NodeIndex> kept;
    std::set<sim::NodeIndex> seen;
    for (const sim::NodeIndex node : nodes) {
      if (seen.insert(node).second) kept.push_back(node);
    }
    return kept;
  }

  std::string names(const std::vector<sim::NodeIndex>& nodes) const {
    std::string words;
    for (std::size_t i = 0; i < std::min(nodes.size(), kNamedMax); ++i) {
      words += (i == 0 ? "" : ", ") + name(nodes[i]);
    }
    if (nodes.size() > kNamedMax) words += fmt::format(" and {} more", nodes.size() - kNamedMax);
    return words;
  }

  void contacts() {
    if (trail_.contacts.empty() || trail_.copies.empty()) return;
    out_ += "The contacts of the best path, with " +
            (story_.run.production ? "chaski's nodes" : story_.run.strategy) + ":\n";
    for (std::size_t i = 0; i < trail_.contacts.size(); ++i) {
      const sim::TrailContact& contact = trail_.contacts[i];
      out_ += fmt::format("  {} to {}  {} -> {}: {}\n", clock(contact.begin), clock(contact.end),
                          name(contact.from), name(contact.to), became(contact));
    }
  }

  void every_copy() {
    if (trail_.copies.empty()) return;
    out_ += "\nEvery copy:\n";
    for (const sim::TrailCopy& copy : trail_.copies) {
      const std::string giver = copy.from ? name(trail_.copies[*copy.from].node) + " -> " : "";
      out_ += fmt::format("  {}  {}{}{}: {}\n", clock(copy.since), giver, name(copy.node),
                          copy.from ? "" : " wrote it", end(copy));
    }
  }

  std::string end(const sim::TrailCopy& copy) const {
    if (copy.end == sim::CopyEnd::read) return "read it";
    if (!copy.until) return "held it to the end";
    const std::string until = "until " + clock(*copy.until);
    switch (copy.end) {
      case sim::CopyEnd::delivered:
        return until + ", when it heard that it had arrived";
      case sim::CopyEnd::expired:
        return until + ", when it was too old";
      case sim::CopyEnd::displaced:
        return until + ", for want of room";
      case sim::CopyEnd::crashed:
        return until + ", in a crash before it was saved";
      case sim::CopyEnd::held:
      case sim::CopyEnd::read:
        break;
    }
    return until;
  }

  /// The first copy of a node.
  const sim::TrailCopy* first_of(sim::NodeIndex node) const {
    for (const sim::TrailCopy& copy : trail_.copies) {
      if (copy.node == node) return &copy;
    }
    return nullptr;
  }

  std::string became(const sim::TrailContact& contact) const {
    const sim::TrailCopy* giver = first_of(contact.from);
    const sim::TrailCopy* taker = first_of(contact.to);
    const bool from_giver =
        taker != nullptr && taker->from && trail_.copies[*taker->from].node == contact.from;
    if (from_giver && contact.begin <= taker->since && taker->since <= contact.end) {
      return "crossed at " + clock(taker->since);
    }
    if (taker != nullptr && taker->since < contact.end) {
      return fmt::format("{} had it by then, at {}", name(contact.to), clock(taker->since));
    }
    if (giver == nullptr) return name(contact.from) + " never had it";
    if (giver->since >= contact.end) {
      return fmt::format("{} did not have it yet, but at {}", name(contact.from),
                         clock(giver->since));
    }
    if (!contact.linked && contact.off) return "one of them was off";
    if (!contact.linked) {
      return fmt::format("no link was made in {}", span(contact.end - contact.begin));
    }
    // Over ideal links contact is a link.
    if (!story_.run.production) {
      return "it did not cross: " +
             (contact.withheld ? why_words(*contact.withheld) : let_go_of(contact));
    }
    const std::string linked = "linked at " + clock(*contact.linked) + ", and it did not cross: ";
    if (contact.withheld) return linked + why_words(*contact.withheld);
    return linked + "the link ended before the routers spoke, or " + name(contact.from) +
           " had lost it";
  }

  /// Who was to give it in this contact, and did not have it any more.
  std::string let_go_of(const sim::TrailContact& contact) const {
    const sim::TrailCopy* last = nullptr;
    for (const sim::TrailCopy& copy : trail_.copies) {
      if (copy.node == contact.from && copy.since < contact.end) last = &copy;
    }
    if (last == nullptr || !last->until) return why_words(Withheld::kCount);
    return fmt::format("{} let go of it at {}", name(contact.from), clock(*last->until));
  }

  const sim::Stage& stage_;
  const sim::MessageStory& story_;
  const sim::PlannedMessage& planned_;
  const sim::Trail& trail_;
  std::optional<base::Time> delivered_;
  std::string out_;
};

}  // namespace

std::string story_text(const sim::Stage& stage, const sim::MessageStory& story, bool copies) {
  return StoryWriter(stage, story).write(copies);
}

}  // namespace chaski::tools
