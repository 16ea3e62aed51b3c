// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/stationary.hpp"

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"

namespace chaski::sim {

namespace {

class StationaryMovement final : public Movement {
 public:
  explicit StationaryMovement(const Stationary& model) : model_(model) {}

  Rectangle bounds() const override {
    if (model_.places.empty()) return model_.area;
    Rectangle all{model_.places[0].x, model_.places[0].y, 0, 0};
    for (const Point place : model_.places) all = around(all, place);
    return all;
  }
  Leg first(std::uint32_t member, base::Random& random) override {
    if (model_.places.empty()) return stand_for_ever(draw_in(random, model_.area), {});
    return stand_for_ever(model_.places[member % model_.places.size()], {});
  }
  Leg next(std::uint32_t, const Leg& last, base::Random&) override {
    return stand_for_ever(last.to, last.end);
  }

 private:
  Stationary model_;
};

}  // namespace

std::string_view problem_with(const Stationary& model) {
  for (const Point place : model.places) {
    if (!is_place(place.x) || !is_place(place.y)) return "places: x and y must be at least 0";
  }
  return model.places.empty() ? first_problem({check_area(model.area)}) : std::string_view{};
}

std::unique_ptr<Movement> make_movement(const Stationary& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<StationaryMovement>(model);
}

}  // namespace chaski::sim
