// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/bus.hpp"

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"

namespace chaski::sim {

namespace {

class BusMovement final : public Movement {
 public:
  explicit BusMovement(const Bus& model) : model_(model), round_(model.stops) {
    if (!model.there_and_back) return;
    for (std::size_t stop = model.stops.size() - 2; stop > 0; --stop) {
      round_.push_back(model.stops[stop]);
    }
  }

  Rectangle bounds() const override {
    Rectangle all{round_[0].x_m, round_[0].y_m, 0, 0};
    for (const BusStop& stop : round_) all = around(all, place(stop));
    return all;
  }

  Leg first(std::uint32_t member, base::Random&) override {
    State& bus = buses_.emplace_back();
    const base::Time leaves = departure(member, 0);
    if (leaves == base::Time{}) return drive(bus, {});
    bus.stopped = true;
    return {place(round_[0]), place(round_[0]), {}, leaves};
  }

  Leg next(std::uint32_t member, const Leg& last, base::Random&) override {
    State& bus = buses_[member];
    if (bus.stopped) return drive(bus, last.end);
    const double stop_s = round_[bus.at].stop_s;
    base::Time leaves = stop_s > 0 ? last.end + leg_time(stop_s) : last.end;
    if (bus.at == 0 && model_.round_every_s > 0) {
      leaves = std::max(leaves, departure(member, ++bus.rounds));
    }
    if (leaves == last.end) return drive(bus, last.end);
    bus.stopped = true;
    return {last.to, last.to, last.end, leaves};
  }

 private:
  struct State {
    std::size_t at = 0;  ///< where in the round it is, or goes
    std::uint64_t rounds = 0;
    bool stopped = false;
  };
  static Point place(const BusStop& stop) { return {stop.x_m, stop.y_m}; }
  base::Time departure(std::uint32_t member, std::uint64_t round) const {
    return at_seconds(model_.first_departure_s + member * model_.headway_s +
                      static_cast<double>(round) * model_.round_every_s);
  }
  Leg drive(State& bus, base::Time begin) const {
    const Point from = place(round_[bus.at]);
    bus.at = (bus.at + 1) % round_.size();
    bus.stopped = false;
    return walk(from, place(round_[bus.at]), begin, model_.speed_m_per_s);
  }

  Bus model_;
  std::vector<BusStop> round_;
  std::vector<State> buses_;
};

}  // namespace

std::string_view problem_with(const Bus& model) {
  if (model.stops.size() < 2) return "stops: there must be two at least";
  const BusStop* before = &model.stops.back();
  for (const BusStop& stop : model.stops) {
    const auto problem = first_problem(
        {{is_place(stop.x_m) && is_place(stop.y_m), "stops: x_m and y_m must be at least 0"},
         {stop.stop_s >= 0 && stop.stop_s <= kSecondsMax, "stops: stop_s must be at least 0"},
         {stop.x_m != before->x_m || stop.y_m != before->y_m ||
              (model.there_and_back && &stop == &model.stops.front()),
          "stops: two at one place follow each other"}});
    if (!problem.empty()) return problem;
    before = &stop;
  }
  return first_problem(
      {{model.speed_m_per_s >= .001 && model.speed_m_per_s <= kSpeedMax_m_per_s / 4,
        "speed_m_per_s must be from 0.001 to 500"},
       {model.first_departure_s >= 0 && model.first_departure_s <= kSecondsMax,
        "first_departure_s must be at least 0"},
       {model.headway_s >= 0 && model.headway_s <= kSecondsMax, "headway_s must be at least 0"},
       {model.round_every_s >= 0 && model.round_every_s <= kSecondsMax,
        "round_every_s must be at least 0"}});
}

std::unique_ptr<Movement> make_movement(const Bus& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<BusMovement>(model);
}

}  // namespace chaski::sim
