// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/stage.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "sim/contacts/one_contacts.hpp"
#include "sim/contacts/position_csv.hpp"
#include "sim/contacts/position_npy.hpp"
#include "sim/contacts/sociopatterns.hpp"
#include "sim/faults/cast.hpp"
#include "sim/ideal/instant_world.hpp"
#include "sim/ideal/poisson_meetings.hpp"
#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/mobility.hpp"
#include "sim/mobility/trace_playback.hpp"
#include "sim/scenario/readers.hpp"
#include "sim/traffic/message_events.hpp"

namespace chaski::sim {
namespace {

constexpr std::uint64_t kMessagesMax = 10'000'000;
/// Of nodes times messages, for which strategies and the oracle need memory.
constexpr std::uint64_t kCellsMax = InstantWorld::kCellsMax;
/// Whom one person writes to and hears from, with production nodes.
constexpr std::size_t kPartnersMax = 1'000;

/// Thrown within this file.
struct StageError {
  std::string line;
};

template <class T, class Error>
T or_throw(base::Expected<T, Error> got) {
  if (got) return std::move(*got);
  if constexpr (std::is_same_v<Error, std::string>) {
    throw StageError{got.error()};
  } else {
    throw StageError{got.error().message()};
  }
}

class StageSetter {
 public:
  StageSetter(const Scenario& scenario, const StageOptions& options)
      : scenario_(scenario), options_(options), random_(scenario.seed * 0x9E3779B97F4A7C15u + 3) {}

  Stage set() {
    std::visit([this](const auto& contacts) { make_contacts(contacts); }, scenario_.contacts);
    if (stage_.contacts.nodes < 2) throw StageError{"the contacts are of nobody"};
    expect_messages();
    make_plan();
    leave_to_people();
    check_plan();
    return std::move(stage_);
  }

 private:
  base::Time end() const { return base::Time{} + scenario_.duration; }
  std::string read(const std::string& file) const { return or_throw(options_.read(file)); }

  void make_contacts(const WalkingPeople& people) {
    const auto mobility = walking(people);
    for (NodeIndex node = 0; node < mobility->nodes(); ++node) {
      const Point home = mobility->position_at(node, base::Time{});
      home_points_.push_back({home.x, home.y});
    }
    if (options_.map_frames_max > 0) draw_map(*walking(people), end());
    ContactFinder finder(*mobility, people.range_m, end());
    stage_.contacts = collected(finder);
  }

  std::unique_ptr<Mobility> walking(const WalkingPeople& people) {
    auto mobility = std::make_unique<Mobility>(scenario_.seed, people.area);
    for (const Group& group : people.groups) {
      auto movement =
          std::visit([](const auto& model) { return make_movement(model); }, group.model);
      if (!mobility->fits(*movement)) {
        throw StageError{"group " + std::to_string(&group - people.groups.data() + 1) +
                         " of [[people]] does not stay in [area]; make the area larger"};
      }
      mobility->add(std::move(movement), group.people);
    }
    return mobility;
  }

  void make_contacts(const RecordedPositions& recorded) {
    const std::string content = read(recorded.file);
    auto trace = std::make_shared<PositionTrace>();
    if (recorded.numpy) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
      PositionNpyOptions npy;
      npy.interval = recorded.interval;
      *trace = or_throw(parse_position_npy({bytes, content.size()}, recorded.file, npy));
    } else {
      PositionCsvOptions csv;
      csv.interval = recorded.interval;
      *trace = or_throw(parse_position_csv(content, recorded.file, csv));
    }
    const TracePlayback playback = at_origin(trace, 1);
    if (const std::string_view problem = problem_with(playback); !problem.empty()) {
      throw StageError{recorded.file + ": " + std::string(problem) +
                       "; look at positions.interval_s"};
    }
    if (trace->end() >
        base::Time{} + std::chrono::seconds(static_cast<std::int64_t>(kSettingMax_s))) {
      throw StageError{recorded.file + ": it lasts too long; look at positions.interval_s"};
    }
    const Rectangle all = extent(*trace);
    const Area area{all.width_m + 2, all.height_m + 2, false};
    const base::Time last =
        scenario_.duration == base::Duration{} ? trace->end() : std::min(end(), trace->end());
    const auto mobility = [&] {
      auto made = std::make_unique<Mobility>(scenario_.seed, area);
      made->add(make_movement(playback), trace->nodes);
      return made;
    };
    if (options_.map_frames_max > 0) draw_map(*mobility(), last);
    const auto walks = mobility();
    ContactFinder finder(*walks, recorded.range_m, last);
    stage_.contacts = collected(finder);
    stage_.contacts.names = trace->names;
  }

  void make_contacts(const RecordedContacts& recorded) {
    const std::string content = read(recorded.file);
    if (recorded.format == RecordedContacts::Format::one) {
      OneContactsOptions options;
      options.hosts = recorded.hosts;
      if (scenario_.duration != base::Duration{}) options.end = end() + recorded.from;
      stage_.contacts = or_throw(parse_one_contacts(content, recorded.file, options));
    } else {
      stage_.contacts = or_throw(parse_sociopatterns(content, recorded.file));
    }
    const base::Time from = base::Time{} + recorded.from;
    if (from >= stage_.contacts.end) {
      throw StageError{recorded.file + ": it ends before contacts.from_s; take a smaller one"};
    }
    const base::Time until = scenario_.duration == base::Duration{}
                                 ? stage_.contacts.end
                                 : std::min(stage_.contacts.end, from + scenario_.duration);
    if (recorded.from != base::Duration{} || until < stage_.contacts.end) {
      stage_.contacts = part_of(stage_.contacts, from, until);
    }
  }

  void make_contacts(const RandomMeetings& random) {
    PoissonMeetings meetings(scenario_.seed, random.nodes, random.meetings_per_pair_and_h / 3'600,
                             end());
    stage_.contacts = collected(meetings);
  }

  ContactTrace collected(ContactSource& source) {
    ContactTrace trace;
    trace.nodes = source.nodes();
    trace.end = source.end();
    while (const auto change = source.next()) {
      if (trace.changes.size() == options_.changes_max) {
        throw StageError{"there are more than " + std::to_string(options_.changes_max) +
                         " changes of contact; take fewer people, a shorter range or time"};
      }
      trace.changes.push_back(*change);
    }
    return trace;
  }

  /// Before a plan is made that no memory holds.
  void expect_messages() {
    const Traffic& traffic = scenario_.traffic;
    if (traffic.pattern == Traffic::Pattern::file) return;
    const Rhythm& rhythm = traffic.rhythm;
    const auto until = std::min(rhythm.until, stage_.contacts.end);
    const double span = std::chrono::duration<double>(until - rhythm.from).count();
    const double every =
        std::chrono::duration<double>(rhythm.interval_min + rhythm.interval_max).count() / 2;
    double messages = std::max(0.0, span) / every;
    if (traffic.pattern == Traffic::Pattern::broadcasts) messages *= stage_.contacts.nodes - 1.0;
    if (traffic.pattern == Traffic::Pattern::groups) messages *= traffic.contacts_per_person;
    if (messages > static_cast<double>(kMessagesMax)) {
      throw StageError{"[traffic] makes more than " + std::to_string(kMessagesMax) +
                       " messages; make the interval longer"};
    }
  }

  /// Liars, jammers and who is absent write nothing and get nothing, whatever strategy is run.
  void leave_to_people() {
    const std::uint64_t others = parts_wanted(scenario_.faults, stage_.contacts.nodes);
    if (others + 2 > stage_.contacts.nodes) {
      throw StageError{"[faults] wants " + std::to_string(others) + " of " +
                       std::to_string(stage_.contacts.nodes) +
                       " people; leave two at least who write to each other"};
    }
    if (others == 0) return;
    const Cast cast = draw_cast(scenario_.faults, scenario_.seed, stage_.contacts.nodes);
    std::erase_if(stage_.plan, [&](const PlannedMessage& message) {
      return !cast.is_person(message.from) || !cast.is_person(message.to);
    });
    if (stage_.plan.empty()) {
      throw StageError{"no message is left between people who are no liars, absent or jammers; "
                       "write more, or take fewer of them in [faults]"};
    }
  }

  void check_plan() {
    const std::uint64_t cells = std::uint64_t{stage_.contacts.nodes} * stage_.plan.size();
    if (cells > kCellsMax) {
      throw StageError{std::to_string(stage_.plan.size()) + " messages among " +
                       std::to_string(stage_.contacts.nodes) +
                       " nodes are too many to compare; write fewer"};
    }
    const auto& names = scenario_.strategies;
    if (std::find(names.begin(), names.end(), kProduction) == names.end()) return;
    std::map<NodeIndex, std::set<NodeIndex>> partners;
    for (const PlannedMessage& message : stage_.plan) {
      if (message.size_bytes > kTextSizeMax) {
        throw StageError{"a message of " + std::to_string(message.size_bytes) +
                         " bytes is longer than a text of production nodes; write at most " +
                         std::to_string(kTextSizeMax) + ", or compare without chaski"};
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

  void draw_map(Mobility& mobility, base::Time until) {
    MapFrames& map = stage_.map;
    map.width_m = mobility.area().width_m;
    map.height_m = mobility.area().height_m;
    const auto frames = static_cast<base::Duration::rep>(options_.map_frames_max);
    map.interval = std::max<base::Duration>((until - base::Time{}) / frames + base::Duration(1),
                                            std::chrono::seconds(1));
    for (base::Time at{}; at <= until; at += map.interval) {
      std::vector<Point>& frame = map.frames.emplace_back();
      for (NodeIndex node = 0; node < mobility.nodes(); ++node) {
        while (mobility.leg(node).end < at) mobility.advance(node);
        frame.push_back(mobility.position_at(node, at));
      }
    }
  }

  void make_plan() {
    const Traffic& traffic = scenario_.traffic;
    const std::uint32_t nodes = stage_.contacts.nodes;
    Rhythm rhythm = traffic.rhythm;
    rhythm.until = std::min(rhythm.until, stage_.contacts.end);
    const auto graph = [&] {
      const std::uint32_t each = std::min(traffic.contacts_per_person, nodes - 1);
      return random_contacts(random_, nodes, each);
    };
    switch (traffic.pattern) {
      case Traffic::Pattern::one_to_one:
        stage_.plan = one_to_one(random_, rhythm, nodes);
        break;
      case Traffic::Pattern::contacts:
        stage_.plan = among_contacts(random_, rhythm, graph());
        break;
      case Traffic::Pattern::neighbours:
        stage_.plan = among_contacts(random_, rhythm, near_graph());
        break;
      case Traffic::Pattern::groups:
        stage_.plan = to_groups(random_, rhythm, graph());
        break;
      case Traffic::Pattern::broadcasts:
        stage_.plan = broadcasts(random_, rhythm, nodes);
        break;
      case Traffic::Pattern::file: {
        MessageEventsOptions options;
        options.lifetime = rhythm.lifetime;
        stage_.plan = or_throw(parse_message_events(read(traffic.file), traffic.file, nodes,
                                                    stage_.contacts.names, options))
                          .plan;
        break;
      }
    }
    if (const auto* recorded = std::get_if<RecordedContacts>(&scenario_.contacts)) {
      if (traffic.pattern == Traffic::Pattern::file) move_plan(recorded->from);
    }
    if (stage_.plan.empty()) {
      throw StageError{"nobody writes anything; look at interval, from_s and until_s of [traffic]"};
    }
  }

  /// As the contacts were.
  void move_plan(base::Duration from) {
    std::erase_if(stage_.plan, [&](const auto& one) { return one.at < base::Time{} + from; });
    for (PlannedMessage& message : stage_.plan) message.at -= from;
  }

  /// Who lives near; where nobody knows who lives where, anybody.
  SocialGraph near_graph() {
    const std::uint32_t nodes = stage_.contacts.nodes;
    const std::uint32_t each = std::min(scenario_.traffic.contacts_per_person, nodes - 1);
    if (home_points_.size() != nodes) return random_contacts(random_, nodes, each);
    return nearest_contacts(home_points_, each);
  }

  const Scenario& scenario_;
  const StageOptions& options_;
  base::SeededRandom random_;
  std::vector<Home> home_points_;
  Stage stage_;
};

}  // namespace

base::Expected<Stage, std::string> set_stage(const Scenario& scenario,
                                             const StageOptions& options) {
  try {
    return StageSetter(scenario, options).set();
  } catch (const StageError& error) {
    return base::unexpected(error.line);
  }
}

}  // namespace chaski::sim
