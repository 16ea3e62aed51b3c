// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/stage.hpp"

#include <algorithm>

#include "sim/contacts/one_contacts.hpp"
#include "sim/contacts/position_csv.hpp"
#include "sim/contacts/position_npy.hpp"
#include "sim/contacts/sociopatterns.hpp"
#include "sim/ideal/poisson_meetings.hpp"
#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/mobility.hpp"
#include "sim/mobility/trace_playback.hpp"
#include "sim/radio/signal_contacts.hpp"
#include "sim/scenario/make_plan.hpp"
#include "sim/scenario/readers.hpp"
#include "sim/scenario/stage_error.hpp"

namespace chaski::sim {
namespace {

/// People times samples of a radio: minutes of work.
constexpr double kLooksMax = 4e9;

class StageSetter {
 public:
  StageSetter(const Scenario& scenario, const StageOptions& options)
      : scenario_(scenario), options_(options) {}

  Stage set() {
    std::visit([this](const auto& contacts) { make_contacts(contacts); }, scenario_.contacts);
    if (stage_.contacts.nodes < 2) throw StageError{"the contacts are of nobody"};
    stage_.plan = make_plan(scenario_, options_, stage_.contacts, home_points_);
    return std::move(stage_);
  }

 private:
  base::Time end() const { return base::Time{} + scenario_.duration; }
  std::string read(const std::string& file) const { return or_throw(options_.read(file)); }

  void make_contacts(const WalkingPeople& people) {
    const auto walk = [people, seed = scenario_.seed] { return walking(people, seed); };
    const auto mobility = walk();
    for (NodeIndex node = 0; node < mobility->nodes(); ++node) {
      const Point home = mobility->position_at(node, base::Time{});
      home_points_.push_back({home.x, home.y});
    }
    find_contacts(walk, people.range_m, end());
  }

  /// Each call of `walk` gives the same ways.
  template <class Walk>
  void find_contacts(const Walk& walk, double range_m, base::Time until) {
    if (options_.map_frames_max > 0) draw_map(*walk(), until);
    if (!scenario_.radio) {
      const auto mobility = walk();
      ContactFinder finder(*mobility, range_m, until);
      stage_.contacts = collected(finder);
      return;
    }
    const PathLoss& radio = *scenario_.radio;
    stage_.signals = [walk, radio, seed = scenario_.seed] {
      return std::make_unique<SignalField>(walk(), radio, seed);
    };
    const auto field = stage_.signals();
    const auto looks = (until - base::Time{}) / radio.sample;
    if (static_cast<double>(looks) * field->nodes() > kLooksMax) {
      throw StageError{"radio.sample_s is so short that " + std::to_string(field->nodes()) +
                       " people are looked at " + std::to_string(looks) +
                       " times; make it longer"};
    }
    SignalContacts source(*field, radio.sample, until);
    stage_.contacts = without_fades(collected(source), radio.fade);
  }

  static std::unique_ptr<Mobility> walking(const WalkingPeople& people, std::uint64_t seed) {
    auto mobility = std::make_unique<Mobility>(seed, people.area);
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
    const auto walk = [playback, area, seed = scenario_.seed, nodes = trace->nodes] {
      auto made = std::make_unique<Mobility>(seed, area);
      made->add(make_movement(playback), nodes);
      return made;
    };
    find_contacts(walk, recorded.range_m, last);
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

  const Scenario& scenario_;
  const StageOptions& options_;
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
