// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/villages.hpp"

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"

namespace chaski::sim {

namespace {

class VillagersMovement final : public Movement {
 public:
  explicit VillagersMovement(const Villagers& model) : model_(model) {
    for (const Village& village : model_.villages) weights_ += village.weight;
  }

  Rectangle bounds() const override {
    const Village& any = model_.villages[0];
    Rectangle all{any.x_m, any.y_m, 0, 0};
    for (const Village& village : model_.villages) {
      const double reach_m = village.radius_m + model_.wander_m;
      all = around(all, {village.x_m - reach_m, village.y_m - reach_m});
      all = around(all, {village.x_m + reach_m, village.y_m + reach_m});
    }
    return all;
  }

  Leg first(std::uint32_t, base::Random& random) override {
    const Village& village = draw_village(random);
    const Point home = draw_in_disc(random, {village.x_m, village.y_m}, village.radius_m);
    homes_.push_back(home);
    const Point where = draw_in_disc(random, home, model_.wander_m);
    const double pause_s = draw_between(random, model_.pause_min_s, model_.pause_max_s);
    return stand(where, {}, pause_s * random.unit());
  }

  Leg next(std::uint32_t member, const Leg& last, base::Random& random) override {
    if (!last.stands()) {
      const double pause_s = draw_between(random, model_.pause_min_s, model_.pause_max_s);
      if (pause_s > 0) return stand(last.to, last.end, pause_s);
    }
    const Point to = draw_in_disc(random, homes_[member], model_.wander_m);
    return walk(last.to, to, last.end,
                draw_between(random, model_.speed_min_m_per_s, model_.speed_max_m_per_s));
  }

 private:
  const Village& draw_village(base::Random& random) const {
    double left = random.unit() * weights_;
    for (const Village& village : model_.villages) {
      left -= village.weight;
      if (left < 0) return village;
    }
    return model_.villages.back();
  }

  Villagers model_;
  double weights_ = 0;
  std::vector<Point> homes_;
};

}  // namespace

std::string_view problem_with(const Villagers& model) {
  if (model.villages.empty()) return "villages: there must be one at least";
  for (const Village& village : model.villages) {
    const double reach_m = village.radius_m + model.wander_m;
    const auto problem = first_problem(
        {{is_length(village.radius_m), "villages: radius_m must be above 0"},
         {village.weight > 0 && village.weight <= 1e9, "villages: weight must be above 0"},
         {is_place(village.x_m - reach_m) && is_place(village.y_m - reach_m),
          "villages: x_m and y_m must leave room for radius_m and wander_m above 0"}});
    if (!problem.empty()) return problem;
  }
  return first_problem({{is_length(model.wander_m), "wander_m must be above 0"},
                        check_speeds(model.speed_min_m_per_s, model.speed_max_m_per_s),
                        check_pauses(model.pause_min_s, model.pause_max_s)});
}

std::unique_ptr<Movement> make_movement(const Villagers& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<VillagersMovement>(model);
}

}  // namespace chaski::sim
