// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/gathering.hpp"

#include <vector>

#include "base/assert.hpp"

namespace chaski::sim {

namespace {

class GatheringMovement final : public Movement {
 public:
  explicit GatheringMovement(const Gathering& model)
      : model_(model), square_{model.square_x_m, model.square_y_m} {
    // A spot so far inside that milling around it stays inside.
    model_.milling.radius_m = std::min(model_.milling.radius_m, model_.square_radius_m);
  }

  Rectangle bounds() const override {
    const Point reach{model_.square_radius_m, model_.square_radius_m};
    return around(around(model_.town, square_ - reach), square_ + reach);
  }

  Leg first(std::uint32_t, base::Random& random) override {
    Person& person = people_.emplace_back();
    person.home = draw_in(random, model_.town);
    const double radius_m = model_.square_radius_m - model_.milling.radius_m;
    person.spot = draw_in_disc(random, square_, radius_m);
    const double leaves_s = draw_between(random, model_.leave_min_s, model_.leave_max_s);
    return stand(person.home, {}, leaves_s);
  }

  Leg next(std::uint32_t member, const Leg& last, base::Random& random) override {
    Person& person = people_[member];
    switch (person.phase) {
      case Phase::at_home:
        person.phase = Phase::coming;
        return walk(last.to, person.spot, last.end, speed(random));
      case Phase::coming:
        person.phase = Phase::there;
        if (model_.stay_max_s > 0) {
          person.leaves =
              last.end + leg_time(draw_between(random, model_.stay_min_s, model_.stay_max_s));
        }
        return mill(model_.milling, person.spot, last, random);
      case Phase::there:
        if (last.end < person.leaves) return mill(model_.milling, person.spot, last, random);
        person.phase = Phase::gone;
        return walk(last.to, person.home, last.end, speed(random));
      case Phase::gone:
        break;
    }
    return stand_for_ever(last.to, last.end);
  }

 private:
  enum class Phase : std::uint8_t { at_home, coming, there, gone };
  struct Person {
    Point home;
    Point spot;
    base::Time leaves = kForever;
    Phase phase = Phase::at_home;
  };
  double speed(base::Random& random) const {
    return draw_between(random, model_.speed_min_m_per_s, model_.speed_max_m_per_s);
  }

  Gathering model_;
  Point square_;
  std::vector<Person> people_;
};

}  // namespace

std::string_view problem_with(const Gathering& model) {
  return first_problem(
      {check_area(model.town),
       {is_length(model.square_radius_m), "square_radius_m must be above 0"},
       {is_place(model.square_x_m - model.square_radius_m) &&
            is_place(model.square_y_m - model.square_radius_m),
        "square_x_m, square_y_m: the square must not reach below 0"},
       {is_range(model.leave_min_s, model.leave_max_s, kSecondsMax),
        "leave_min_s must be at least 0 and leave_max_s not below it"},
       check_speeds(model.speed_min_m_per_s, model.speed_max_m_per_s),
       {is_range(model.stay_min_s, model.stay_max_s, kSecondsMax),
        "stay_min_s must be at least 0 and stay_max_s not below it"},
       check_milling(model.milling)});
}

std::unique_ptr<Movement> make_movement(const Gathering& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<GatheringMovement>(model);
}

}  // namespace chaski::sim
