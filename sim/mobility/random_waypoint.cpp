// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/random_waypoint.hpp"

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"

namespace chaski::sim {

namespace {

class RandomWaypointMovement final : public Movement {
 public:
  explicit RandomWaypointMovement(const RandomWaypoint& model) : model_(model) {}
  Rectangle bounds() const override { return model_.area; }

  Leg first(std::uint32_t, base::Random& random) override {
    if (model_.stationary_start) return stationary(random);
    const Point from = draw_in(random, model_.area);
    return to_anywhere(from, {}, random);
  }

  Leg next(std::uint32_t, const Leg& last, base::Random& random) override {
    if (!last.stands()) {
      const double pause_s = pause(random);
      if (pause_s > 0) return stand(last.to, last.end, pause_s);
    }
    return to_anywhere(last.to, last.end, random);
  }

 private:
  Leg to_anywhere(Point from, base::Time begin, base::Random& random) const {
    const Point to = draw_in(random, model_.area);
    return walk(from, to, begin, speed(random));
  }
  double speed(base::Random& random) const {
    return draw_between(random, model_.speed_min_m_per_s, model_.speed_max_m_per_s);
  }
  double pause(base::Random& random) const {
    return draw_between(random, model_.pause_min_s, model_.pause_max_s);
  }

  /// A moment that is uniform in time falls into a round (a walk and its pause) with a probability
  /// that is proportional to how long the round takes, and is uniform in it: so rounds are drawn,
  /// and taken with that probability. That is Navidi and Camp's distribution, without its
  /// logarithms.
  Leg stationary(base::Random& random) const {
    const double longest_s = distance_m(model_.area.corner(), model_.area.far_corner()) /
                                 model_.speed_min_m_per_s +
                             model_.pause_max_s;
    for (;;) {
      const Point from = draw_in(random, model_.area);
      const Point to = draw_in(random, model_.area);
      const double speed_m_per_s = speed(random);
      const double walk_s = distance_m(from, to) / speed_m_per_s;
      const double round_s = walk_s + pause(random);
      if (random.unit() * longest_s >= round_s) continue;
      const double into_s = random.unit() * round_s;
      if (into_s >= walk_s) return stand(to, {}, round_s - into_s);
      return walk(from + (to - from) * (into_s / walk_s), to, {}, speed_m_per_s);
    }
  }

  RandomWaypoint model_;
};

}  // namespace

std::string_view problem_with(const RandomWaypoint& model) {
  return first_problem({check_area(model.area),
                        check_speeds(model.speed_min_m_per_s, model.speed_max_m_per_s),
                        check_pauses(model.pause_min_s, model.pause_max_s)});
}

std::unique_ptr<Movement> make_movement(const RandomWaypoint& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<RandomWaypointMovement>(model);
}

}  // namespace chaski::sim
