// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/map_walk.hpp"

#include <vector>

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"
#include "sim/mobility/street_paths.hpp"

namespace chaski::sim {

namespace {

class MapWalkMovement final : public Movement {
 public:
  explicit MapWalkMovement(const MapWalk& model) : model_(model), paths_(model.streets) {}
  Rectangle bounds() const override { return model_.streets->extent(); }

  Leg first(std::uint32_t, base::Random& random) override {
    Person& person = people_.emplace_back();
    person.at = static_cast<Corner>(random.below(model_.streets->corners()));
    person.goal = person.at;
    const double pause_s = pause(random);
    return stand(model_.streets->place(person.at), {}, pause_s * random.unit());
  }

  Leg next(std::uint32_t member, const Leg& last, base::Random& random) override {
    Person& person = people_[member];
    if (person.at == person.goal) {
      if (!last.stands()) {
        const double pause_s = pause(random);
        if (pause_s > 0) return stand(last.to, last.end, pause_s);
      }
      set_out(person, random);
    }
    person.at = paths_.next(person.at, person.goal);
    return walk(last.to, model_.streets->place(person.at), last.end, person.speed_m_per_s);
  }

 private:
  struct Person {
    Corner at = 0;  ///< where it is, or comes to at the end of its leg
    Corner goal = 0;
    double speed_m_per_s = 0;
  };
  double pause(base::Random& random) const {
    return draw_between(random, model_.pause_min_s, model_.pause_max_s);
  }
  void set_out(Person& person, base::Random& random) const {
    person.goal = static_cast<Corner>(random.below(model_.streets->corners() - 1));
    if (person.goal >= person.at) ++person.goal;
    person.speed_m_per_s =
        draw_between(random, model_.speed_min_m_per_s, model_.speed_max_m_per_s);
  }

  MapWalk model_;
  StreetPaths paths_;
  std::vector<Person> people_;
};

}  // namespace

std::string_view problem_with(const MapWalk& model) {
  if (!model.streets || model.streets->corners() < 2) return "streets: there must be one at least";
  const Rectangle extent = model.streets->extent();
  return first_problem(
      {{is_place(extent.x_m) && is_place(extent.y_m), "streets: the map must not come below 0"},
       {!model.streets->unreachable(), "streets: all must hang together"},
       check_speeds(model.speed_min_m_per_s, model.speed_max_m_per_s),
       check_pauses(model.pause_min_s, model.pause_max_s)});
}

std::unique_ptr<Movement> make_movement(const MapWalk& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<MapWalkMovement>(model);
}

}  // namespace chaski::sim
