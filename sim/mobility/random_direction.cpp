// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/random_direction.hpp"

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"

namespace chaski::sim {

namespace {

class RandomDirectionMovement final : public Movement {
 public:
  explicit RandomDirectionMovement(const RandomDirection& model) : model_(model) {}
  Rectangle bounds() const override { return {0, 0, model_.width_m, model_.height_m}; }

  /// A uniform moment of a round, as in the random waypoint model.
  Leg first(std::uint32_t, base::Random& random) override {
    const Point where = draw_in(random, bounds());
    const double longest_s = model_.travel_max_s + model_.pause_max_s;
    for (;;) {
      const double travel_s = travel(random);
      const double round_s = travel_s + pause(random);
      if (random.unit() * longest_s >= round_s) continue;
      const double into_s = random.unit() * round_s;
      if (into_s >= travel_s) return stand(where, {}, round_s - into_s);
      return straight_on(where, {}, travel_s - into_s, random);
    }
  }

  Leg next(std::uint32_t, const Leg& last, base::Random& random) override {
    if (!last.stands()) {
      const double pause_s = pause(random);
      if (pause_s > 0) return stand(last.to, last.end, pause_s);
    }
    return straight_on(last.to, last.end, travel(random), random);
  }

 private:
  double travel(base::Random& random) const {
    return draw_between(random, model_.travel_min_s, model_.travel_max_s);
  }
  double pause(base::Random& random) const {
    return draw_between(random, model_.pause_min_s, model_.pause_max_s);
  }
  Leg straight_on(Point from, base::Time begin, double travel_s, base::Random& random) const {
    const double speed_m_per_s =
        draw_between(random, model_.speed_min_m_per_s, model_.speed_max_m_per_s);
    const base::Duration takes = leg_time(travel_s);
    const Point way = draw_direction(random) * (speed_m_per_s * to_seconds(takes));
    return {from, from + way, begin, begin + takes};
  }

  RandomDirection model_;
};

}  // namespace

std::string_view problem_with(const RandomDirection& model) {
  return first_problem({check_area({0, 0, model.width_m, model.height_m}),
                        check_speeds(model.speed_min_m_per_s, model.speed_max_m_per_s),
                        {model.travel_min_s >= .001 &&
                             is_range(model.travel_min_s, model.travel_max_s, kSecondsMax),
                         "travel_min_s must be at least 0.001 and travel_max_s not below it"},
                        check_pauses(model.pause_min_s, model.pause_max_s)});
}

std::unique_ptr<Movement> make_movement(const RandomDirection& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<RandomDirectionMovement>(model);
}

}  // namespace chaski::sim
