// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/gathering.hpp"

#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "sim/mobility/street_paths.hpp"

namespace chaski::sim {

namespace {

std::vector<Corner> corners_in(const StreetGraph& streets, const Rectangle& town) {
  std::vector<Corner> out;
  for (Corner corner = 0; corner < streets.corners(); ++corner) {
    if (town.contains(streets.place(corner))) out.push_back(corner);
  }
  return out;
}

Corner nearest_corner(const StreetGraph& streets, Point to) {
  Corner best = 0;
  for (Corner corner = 1; corner < streets.corners(); ++corner) {
    if (distance_m(streets.place(corner), to) < distance_m(streets.place(best), to)) best = corner;
  }
  return best;
}

class GatheringMovement final : public Movement {
 public:
  explicit GatheringMovement(const Gathering& model)
      : model_(model), square_{model.square_x_m, model.square_y_m} {
    // A spot so far inside that milling around it stays inside.
    model_.milling.radius_m = std::min(model_.milling.radius_m, model_.square_radius_m);
    if (!model_.streets) return;
    paths_.emplace(model_.streets);
    homes_ = corners_in(*model_.streets, model_.town);
    entry_ = nearest_corner(*model_.streets, square_);
  }

  Rectangle bounds() const override {
    const Point reach{model_.square_radius_m, model_.square_radius_m};
    Rectangle all = around(around(model_.town, square_ - reach), square_ + reach);
    if (!model_.streets) return all;
    const Rectangle extent = model_.streets->extent();
    return around(around(all, extent.corner()), extent.far_corner());
  }

  Leg first(std::uint32_t, base::Random& random) override {
    Person& person = people_.emplace_back();
    if (paths_) {
      person.home_corner = homes_[random.below(homes_.size())];
      person.corner = person.home_corner;
      person.home = model_.streets->place(person.home_corner);
    } else {
      person.home = draw_in(random, model_.town);
    }
    const double radius_m = model_.square_radius_m - model_.milling.radius_m;
    person.spot = draw_in_disc(random, square_, radius_m);
    const double leaves_s = draw_between(random, model_.leave_min_s, model_.leave_max_s);
    return stand(person.home, {}, leaves_s);
  }

  Leg next(std::uint32_t member, const Leg& last, base::Random& random) override {
    Person& person = people_[member];
    switch (person.phase) {
      case Phase::at_home:
        person.speed_m_per_s = speed(random);
        return come(person, last);
      case Phase::coming:
        return come(person, last);
      case Phase::arriving:
        person.phase = Phase::there;
        if (model_.stay_max_s > 0) {
          person.leaves =
              last.end + leg_time(draw_between(random, model_.stay_min_s, model_.stay_max_s));
        }
        return mill(model_.milling, person.spot, last, random);
      case Phase::there:
        if (last.end < person.leaves) return mill(model_.milling, person.spot, last, random);
        person.phase = Phase::going;
        person.speed_m_per_s = speed(random);
        if (paths_) return walk_to(model_.streets->place(person.corner), person, last);
        return walk_to(person.home, person, last);
      case Phase::going:
        if (person.corner != person.home_corner) return along(person, person.home_corner, last);
        break;
    }
    return stand_for_ever(last.to, last.end);
  }

 private:
  enum class Phase : std::uint8_t { at_home, coming, arriving, there, going };
  struct Person {
    Point home;
    Point spot;
    base::Time leaves = kForever;
    double speed_m_per_s = 0;
    Corner home_corner = 0;  ///< these two without streets: always 0
    Corner corner = 0;       ///< where it is, or comes to
    Phase phase = Phase::at_home;
  };
  double speed(base::Random& random) const {
    return draw_between(random, model_.speed_min_m_per_s, model_.speed_max_m_per_s);
  }
  static Leg walk_to(Point to, const Person& person, const Leg& last) {
    return walk(last.to, to, last.end, person.speed_m_per_s);
  }
  Leg along(Person& person, Corner goal, const Leg& last) {
    person.corner = paths_->next(person.corner, goal);
    return walk_to(model_.streets->place(person.corner), person, last);
  }
  Leg come(Person& person, const Leg& last) {
    const bool arrives = person.corner == entry_;
    person.phase = arrives ? Phase::arriving : Phase::coming;
    if (!arrives) return along(person, entry_, last);
    return walk_to(person.spot, person, last);
  }

  Gathering model_;
  Point square_;
  std::optional<StreetPaths> paths_;
  std::vector<Corner> homes_;
  Corner entry_ = 0;  ///< the corner nearest to the square
  std::vector<Person> people_;
};

}  // namespace

std::string_view problem_with(const Gathering& model) {
  if (model.streets) {
    if (corners_in(*model.streets, model.town).empty()) return "town: no street corner is in it";
    if (model.streets->unreachable()) return "streets: all must hang together";
  }
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
