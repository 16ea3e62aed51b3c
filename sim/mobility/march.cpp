// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/march.hpp"

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"
#include "sim/mobility/route.hpp"

namespace chaski::sim {

namespace {

/// A place in the column: how far behind its head, and to the left of its middle.
using Slot = Point;

/// Nearer to a bend than this is at it.
constexpr double kAtBend_m = 1e-6;

/// Back into [0, size) as in a mirror, once.
double mirror(double at, double size) {
  const double in = at < 0 ? -at : at > size ? 2 * size - at : at;
  return std::clamp(in, 0.0, size);
}

class MarchMovement final : public Movement {
 public:
  explicit MarchMovement(const March& model)
      : model_(model), route_(model.route), starts_(at_seconds(model.start_s)),
        arrives_(starts_ + base::Duration{std::llround(
                               (route_.length_m() - model.column_length_m) /
                               model.speed_m_per_s * 1e6)}) {}

  Rectangle bounds() const override { return route_.bounds(model_.column_width_m / 2); }

  Leg first(std::uint32_t, base::Random& random) override {
    Person& person = people_.emplace_back();
    const Slot slot = draw_in(random, column());
    begin_drift(person, slot, {}, random);
    return leg(person, {}, place(slot, {}));
  }

  Leg next(std::uint32_t member, const Leg& last, base::Random& random) override {
    Person& person = people_[member];
    if (last.end >= person.until) begin_drift(person, person.to, last.end, random);
    return leg(person, last.end, last.to);
  }

 private:
  /// A drift from one place in the column to another, at constant speed.
  struct Person {
    Slot from;
    Slot to;
    base::Time since{};
    base::Time until{};
  };

  Rectangle column() const {
    return {0, -model_.column_width_m / 2, model_.column_length_m, model_.column_width_m};
  }
  double head_m(base::Time at) const {
    const base::Duration moved = std::clamp(at, starts_, arrives_) - starts_;
    return model_.column_length_m + model_.speed_m_per_s * to_seconds(moved);
  }
  Point place(Slot slot, base::Time at) const { return route_.place(head_m(at) - slot.x, slot.y); }
  static Slot slot(const Person& person, base::Time at) {
    return Leg{person.from, person.to, person.since, person.until}.at(at);
  }
  double arc_m(const Person& person, base::Time at) const {
    return head_m(at) - slot(person, at).x;
  }

  void begin_drift(Person& person, Slot from, base::Time at, base::Random& random) const {
    const Point step = draw_in_disc(random, {}, model_.drift_m);
    const double half_m = model_.column_width_m / 2;
    person.from = from;
    person.to = {mirror(from.x + step.x, model_.column_length_m),
                 mirror(from.y + step.y + half_m, model_.column_width_m) - half_m};
    person.since = at;
    person.until = at + leg_time(draw_between(random, model_.drift_every_min_s,
                                              model_.drift_every_max_s));
  }

  /// Straight on until the drift, the march or the street changes.
  Leg leg(const Person& person, base::Time begin, Point from) const {
    base::Time end = person.until;
    if (begin < starts_) end = std::min(end, starts_);
    if (begin < arrives_) end = std::min(end, arrives_);
    const double here_m = arc_m(person, begin);
    const double there_m = arc_m(person, end);
    const bool forward = there_m > here_m;
    const double bend_m = route_.bend_after(here_m + (forward ? kAtBend_m : -kAtBend_m), forward);
    if (forward ? bend_m < there_m : bend_m > there_m) {
      const double part = (bend_m - here_m) / (there_m - here_m);
      const auto all_us = static_cast<double>((end - begin).count());
      end = std::min(end, begin + base::Duration{std::max(1LL, std::llround(part * all_us))});
    }
    return {from, place(slot(person, end), end), begin, end};
  }

  March model_;
  Route route_;
  base::Time starts_;
  base::Time arrives_;
  std::vector<Person> people_;
};

/// The fastest that anybody walks: forward in the column, on the outer side of the worst bend,
/// and to the side.
double fastest_m_per_s(const March& model, const Route& route) {
  const double drift_m_per_s = 2 * model.drift_m / model.drift_every_min_s;
  return (model.speed_m_per_s + drift_m_per_s) * route.stretch(model.column_width_m / 2) +
         2 * drift_m_per_s;
}

Check check_route(const March& model, const Route& route) {
  constexpr std::string_view kSentence =
      "route: it must be at least as long as column_length_m, and take a hundred years at most";
  const double march_m = route.length_m() - model.column_length_m;
  return {march_m >= 0 && march_m <= kSecondsMax * model.speed_m_per_s, kSentence};
}

}  // namespace

std::string_view problem_with(const March& model) {
  if (model.route.size() < 2) return "route: there must be two points at least";
  for (std::size_t i = 0; i < model.route.size(); ++i) {
    const Point at = model.route[i];
    const auto problem = first_problem(
        {{is_place(at.x) && is_place(at.y), "route: x and y must be at least 0"},
         {i == 0 || distance_m(model.route[i - 1], at) >= .001,
          "route: two points at one place follow each other"}});
    if (!problem.empty()) return problem;
  }
  const Route route(model.route);
  return first_problem(
      {{is_length(model.column_length_m), "column_length_m must be above 0"},
       {is_length(model.column_width_m), "column_width_m must be above 0"},
       {model.speed_m_per_s >= .001 && model.speed_m_per_s <= 50,
        "speed_m_per_s must be from 0.001 to 50"},
       {model.start_s >= 0 && model.start_s <= kSecondsMax, "start_s must be at least 0"},
       {model.drift_m >= 0 && model.drift_m <= 1'000, "drift_m must be from 0 to 1000"},
       {model.drift_every_min_s >= 1 &&
            is_range(model.drift_every_min_s, model.drift_every_max_s, kSecondsMax),
        "drift_every_min_s must be at least 1 and drift_every_max_s not below it"},
       check_route(model, route),
       {fastest_m_per_s(model, route) <= kSpeedMax_m_per_s / 4,
        "route: at a bend, column_width_m or drift_m would make somebody faster than 500 m/s"}});
}

std::unique_ptr<Movement> make_movement(const March& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<MarchMovement>(model);
}

}  // namespace chaski::sim
