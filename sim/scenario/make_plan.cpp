// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/make_plan.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "sim/faults/cast.hpp"
#include "sim/ideal/instant_world.hpp"
#include "sim/scenario/stage_error.hpp"
#include "sim/traffic/message_events.hpp"

namespace chaski::sim {
namespace {

constexpr std::uint64_t kMessagesMax = 10'000'000;
/// Of nodes times messages, for which strategies and the oracle need memory.
constexpr std::uint64_t kCellsMax = InstantWorld::kCellsMax;
/// Of the files of production nodes, of which sender, carriers and recipient have copies.
constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 30;
/// Whom one person writes to and hears from, with production nodes.
constexpr std::size_t kPartnersMax = 1'000;

class PlanMaker {
 public:
  PlanMaker(const Scenario& scenario, const StageOptions& options, const ContactTrace& contacts,
            const std::vector<Home>& homes)
      : scenario_(scenario),
        options_(options),
        contacts_(contacts),
        homes_(homes),
        random_(scenario.seed * 0x9E3779B97F4A7C15u + 3) {}

  MessagePlan plan() {
    expect_messages();
    make();
    leave_to_people();
    check_plan();
    return std::move(plan_);
  }

 private:
  /// Before a plan is made that no memory holds.
  void expect_messages() {
    double messages = 0;
    for (const Traffic& traffic : scenario_.traffic) messages += expected_messages(traffic);
    if (messages > static_cast<double>(kMessagesMax)) {
      throw StageError{"[traffic] makes more than " + std::to_string(kMessagesMax) +
                       " messages; make the interval longer"};
    }
  }

  double expected_messages(const Traffic& traffic) const {
    using Pattern = Traffic::Pattern;
    if (traffic.pattern == Pattern::file) return 0;
    const Rhythm& rhythm = traffic.rhythm;
    const auto until = std::min(rhythm.until, contacts_.end);
    const double span = std::chrono::duration<double>(until - rhythm.from).count();
    const double every =
        std::chrono::duration<double>(rhythm.interval_min + rhythm.interval_max).count() / 2;
    const double events = std::max(0.0, span) / every;
    switch (traffic.pattern) {
      case Pattern::broadcasts:
        return events * (contacts_.nodes - 1.0);
      case Pattern::groups:
      case Pattern::neighbour_groups:
        return events * traffic.contacts_per_person;
      case Pattern::one_to_one:
      case Pattern::contacts:
      case Pattern::neighbours:
      case Pattern::file:
        return events;
    }
    return events;
  }

  /// Liars, jammers and who is absent write nothing and get nothing, whatever strategy is run.
  void leave_to_people() {
    const std::uint64_t others = parts_wanted(scenario_.faults, contacts_.nodes);
    if (others + 2 > contacts_.nodes) {
      throw StageError{"[faults] wants " + std::to_string(others) + " of " +
                       std::to_string(contacts_.nodes) +
                       " people; leave two at least who write to each other"};
    }
    if (others == 0) return;
    const Cast cast = draw_cast(scenario_.faults, scenario_.seed, contacts_.nodes);
    std::erase_if(plan_, [&](const PlannedMessage& message) {
      return !cast.is_person(message.from) || !cast.is_person(message.to);
    });
    if (plan_.empty()) {
      throw StageError{
          "no message is left between people who are no liars, absent or jammers; "
          "write more, or take fewer of them in [faults]"};
    }
  }

  void check_plan() {
    const std::uint64_t cells = std::uint64_t{contacts_.nodes} * plan_.size();
    if (cells > kCellsMax) {
      throw StageError{std::to_string(plan_.size()) + " messages among " +
                       std::to_string(contacts_.nodes) +
                       " nodes are too many to compare; write fewer"};
    }
    const auto& names = scenario_.strategies;
    if (std::find(names.begin(), names.end(), kProduction) == names.end()) return;
    std::map<NodeIndex, std::set<NodeIndex>> partners;
    std::uint64_t file_bytes = 0;
    for (const PlannedMessage& message : plan_) {
      if (goes_as_file(message)) file_bytes += message.size_bytes;
      if (file_bytes > kFileBytesMax) {
        throw StageError{"the files are more than " + std::to_string(kFileBytesMax) +
                         " bytes in all, which production nodes keep in memory; send fewer or "
                         "smaller ones, or compare without chaski"};
      }
      for (const auto& [one, other] :
           {std::pair(message.from, message.to), std::pair(message.to, message.from)}) {
        auto& known = partners[one];
        known.insert(other);
        if (known.size() > kPartnersMax) {
          throw StageError{"node " + std::to_string(one) + " writes with more than " +
                           std::to_string(kPartnersMax) +
                           " others; take pattern contacts, or compare without chaski"};
        }
      }
    }
  }

  void make() {
    std::uint32_t groups = 0;
    for (const Traffic& traffic : scenario_.traffic) {
      MessagePlan plan = plan_of(traffic);
      std::uint32_t more = 0;
      for (PlannedMessage& message : plan) {
        message.as_file = traffic.as_files;
        if (!message.group) continue;
        more = std::max(more, *message.group + 1);
        *message.group += groups;
      }
      groups += more;
      merge(std::move(plan));
    }
    if (plan_.empty()) {
      throw StageError{"nobody writes anything; look at interval, from_s and until_s of [traffic]"};
    }
  }

  /// By time, then by kind of traffic.
  void merge(MessagePlan plan) {
    MessagePlan both;
    both.reserve(plan_.size() + plan.size());
    std::merge(std::make_move_iterator(plan_.begin()), std::make_move_iterator(plan_.end()),
               std::make_move_iterator(plan.begin()), std::make_move_iterator(plan.end()),
               std::back_inserter(both),
               [](const PlannedMessage& a, const PlannedMessage& b) { return a.at < b.at; });
    plan_ = std::move(both);
  }

  MessagePlan plan_of(const Traffic& traffic) {
    const std::uint32_t nodes = contacts_.nodes;
    const std::uint32_t each = std::min(traffic.contacts_per_person, nodes - 1);
    Rhythm rhythm = traffic.rhythm;
    rhythm.until = std::min(rhythm.until, contacts_.end);
    switch (traffic.pattern) {
      case Traffic::Pattern::one_to_one:
        return one_to_one(random_, rhythm, nodes);
      case Traffic::Pattern::contacts:
        return among_contacts(random_, rhythm, drawn_contacts(each));
      case Traffic::Pattern::neighbours:
        return among_contacts(random_, rhythm, near_graph(each));
      case Traffic::Pattern::groups:
        return to_groups(random_, rhythm, of_authors(drawn_contacts(each), traffic));
      case Traffic::Pattern::neighbour_groups:
        return to_groups(random_, rhythm, of_authors(near_graph(each), traffic));
      case Traffic::Pattern::broadcasts:
        return broadcasts(random_, rhythm, nodes, authors_of(traffic));
      case Traffic::Pattern::file:
        return recorded_plan(traffic);
    }
    return {};
  }

  MessagePlan recorded_plan(const Traffic& traffic) {
    MessageEventsOptions options;
    options.lifetime = traffic.rhythm.lifetime;
    MessagePlan plan =
        or_throw(parse_message_events(or_throw(options_.read(traffic.file)), traffic.file,
                                      contacts_.nodes, contacts_.names, options))
            .plan;
    const auto* recorded = std::get_if<RecordedContacts>(&scenario_.contacts);
    if (recorded == nullptr) return plan;
    // As the contacts were.
    std::erase_if(plan, [&](const auto& one) { return one.at < base::Time{} + recorded->from; });
    for (PlannedMessage& message : plan) message.at -= recorded->from;
    return plan;
  }

  /// The same for all kinds of traffic: one has one's friends.
  const SocialGraph& drawn_contacts(std::uint32_t each) {
    const auto [found, fresh] = drawn_.try_emplace(each);
    if (fresh) found->second = random_contacts(random_, contacts_.nodes, each);
    return found->second;
  }

  /// Who lives near; where nobody knows who lives where, anybody.
  SocialGraph near_graph(std::uint32_t each) {
    if (homes_.size() != contacts_.nodes) return drawn_contacts(each);
    return nearest_contacts(homes_, each);
  }

  std::vector<NodeIndex> authors_of(const Traffic& traffic) {
    const std::uint32_t nodes = contacts_.nodes;
    if (traffic.authors == 0 || traffic.authors >= nodes) return {};
    return some_of(random_, nodes, traffic.authors);
  }

  /// Whoever is no author has nobody to write to.
  SocialGraph of_authors(SocialGraph graph, const Traffic& traffic) {
    const std::vector<NodeIndex> authors = authors_of(traffic);
    if (authors.empty()) return graph;
    for (NodeIndex node = 0; node < graph.size(); ++node) {
      if (!std::binary_search(authors.begin(), authors.end(), node)) graph[node].clear();
    }
    return graph;
  }

  const Scenario& scenario_;
  const StageOptions& options_;
  const ContactTrace& contacts_;
  const std::vector<Home>& homes_;
  base::SeededRandom random_;
  std::map<std::uint32_t, SocialGraph> drawn_;  ///< by contacts of each
  MessagePlan plan_;
};

}  // namespace

MessagePlan make_plan(const Scenario& scenario, const StageOptions& options,
                      const ContactTrace& contacts, const std::vector<Home>& homes) {
  return PlanMaker(scenario, options, contacts, homes).plan();
}

}  // namespace chaski::sim
