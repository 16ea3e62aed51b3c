// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/rooms.hpp"

#include <array>
#include <vector>

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"

namespace chaski::sim {

namespace {

constexpr std::uint32_t kRoomsPerSideMax = 10'000;

class RoomsMovement final : public Movement {
 public:
  explicit RoomsMovement(const Rooms& model) : model_(model) {}

  Rectangle bounds() const override {
    return {model_.x_m, model_.y_m, model_.rooms_per_side * model_.room_width_m,
            model_.sides * model_.room_depth_m + model_.corridor_width_m};
  }

  Leg first(std::uint32_t, base::Random& random) override {
    Person& person = people_.emplace_back();
    person.own_room = static_cast<std::uint32_t>(random.below(rooms()));
    person.room = person.own_room;
    person.own_place = draw_in(random, room(person.own_room));
    const double stay_s = stay(random);
    return stand(person.own_place, {}, stay_s * random.unit());
  }

  Leg next(std::uint32_t member, const Leg& last, base::Random& random) override {
    Person& person = people_[member];
    if (person.turns_left == 0) {
      if (!last.stands()) return stand(last.to, last.end, stay(random));
      choose(person, random);
    }
    const Point to = person.turns[--person.turns_left];
    return walk(last.to, to, last.end, person.speed_m_per_s);
  }

 private:
  struct Person {
    std::uint32_t own_room = 0;
    std::uint32_t room = 0;
    Point own_place;
    std::array<Point, 3> turns{};  ///< on the way, the last first
    std::size_t turns_left = 0;
    double speed_m_per_s = 0;
  };

  std::uint32_t rooms() const { return model_.rooms_per_side * model_.sides; }
  double stay(base::Random& random) const {
    return draw_between(random, model_.stay_min_s, model_.stay_max_s);
  }
  /// Rooms below the corridor first, from the left, then those above.
  Rectangle room(std::uint32_t number) const {
    const bool above = number >= model_.rooms_per_side;
    const std::uint32_t column = number % model_.rooms_per_side;
    const double up_m = above ? model_.room_depth_m + model_.corridor_width_m : 0;
    return {model_.x_m + column * model_.room_width_m, model_.y_m + up_m, model_.room_width_m,
            model_.room_depth_m};
  }
  Point door(std::uint32_t number) const {
    const Rectangle inside = room(number);
    const bool above = number >= model_.rooms_per_side;
    return {inside.centre().x, above ? inside.y_m : inside.y_m + inside.height_m};
  }

  void choose(Person& person, base::Random& random) const {
    person.speed_m_per_s =
        draw_between(random, model_.speed_min_m_per_s, model_.speed_max_m_per_s);
    const bool away = person.room != person.own_room;
    const bool visits = random.unit() < model_.visit_share && rooms() > 1;
    if (!away && !visits) {
      person.turns[0] = draw_in(random, room(person.room));
      person.turns_left = 1;
      return;
    }
    std::uint32_t to = person.own_room;
    if (!away) {
      to = static_cast<std::uint32_t>(random.below(rooms() - 1));
      if (to >= person.room) ++to;
    }
    person.turns = {away ? person.own_place : draw_in(random, room(to)), door(to),
                    door(person.room)};
    person.turns_left = 3;
    person.room = to;
  }

  Rooms model_;
  std::vector<Person> people_;
};

}  // namespace

std::string_view problem_with(const Rooms& model) {
  return first_problem(
      {{is_place(model.x_m) && is_place(model.y_m), "x_m and y_m must be at least 0"},
       {model.rooms_per_side >= 1 && model.rooms_per_side <= kRoomsPerSideMax,
        "rooms_per_side must be from 1 to 10000"},
       {model.sides == 1 || model.sides == 2, "sides must be 1 or 2"},
       {is_length(model.room_width_m) && is_length(model.room_depth_m),
        "room_width_m and room_depth_m must be above 0"},
       {is_length(model.corridor_width_m), "corridor_width_m must be above 0"},
       {is_length(model.rooms_per_side * model.room_width_m),
        "rooms_per_side and room_width_m make a building of more than 1e7 m"},
       {model.stay_max_s >= 1 && is_range(model.stay_min_s, model.stay_max_s, kSecondsMax),
        "stay_max_s must be at least 1 and not below stay_min_s, which must not be below 0"},
       {model.visit_share >= 0 && model.visit_share <= 1, "visit_share must be from 0 to 1"},
       check_speeds(model.speed_min_m_per_s, model.speed_max_m_per_s)});
}

std::unique_ptr<Movement> make_movement(const Rooms& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<RoomsMovement>(model);
}

}  // namespace chaski::sim
