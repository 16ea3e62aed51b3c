// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/blockade.hpp"

#include <vector>

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"

namespace chaski::sim {

namespace {

class BlockadeMovement final : public Movement {
 public:
  explicit BlockadeMovement(const Blockade& model) : model_(model) {
    const Rectangle& area = model.area;
    const double right_m = model.strip_m + model.strip_width_m;
    left_ = {area.x_m, area.y_m, model.strip_m, area.height_m};
    right_ = {area.x_m + right_m, area.y_m, area.width_m - right_m, area.height_m};
  }
  Rectangle bounds() const override { return model_.area; }

  Leg first(std::uint32_t member, base::Random& random) override {
    Person& person = people_.emplace_back();
    person.left = random.unit() < model_.left_share;
    if (member < model_.passers) {
      // Some are in the middle of their time between two passages.
      person.goes = at_seconds(draw_between(random, 0, model_.pass_every_max_s));
    }
    const Point from = draw_in(random, half_of(person));
    return roam(person, from, {}, random);
  }

  Leg next(std::uint32_t member, const Leg& last, base::Random& random) override {
    Person& person = people_[member];
    if (person.to_gate) return at_gate(person, last, random);
    if (last.end >= person.goes && is_open(last.end)) {
      person.to_gate = true;
      return walk(last.to, gate(person.left), last.end, speed(random));
    }
    if (!last.stands()) {
      const double pause_s = draw_between(random, model_.pause_min_s, model_.pause_max_s);
      if (pause_s > 0) return stand(last.to, last.end, pause_s);
    }
    return roam(person, last.to, last.end, random);
  }

 private:
  struct Person {
    base::Time goes = kForever;  ///< when to set out for the gate
    bool left = false;
    bool to_gate = false;
  };

  const Rectangle& half_of(const Person& person) const { return person.left ? left_ : right_; }
  double speed(base::Random& random) const {
    return draw_between(random, model_.speed_min_m_per_s, model_.speed_max_m_per_s);
  }
  Leg roam(const Person& person, Point from, base::Time begin, base::Random& random) const {
    const Point to = draw_in(random, half_of(person));
    return walk(from, to, begin, speed(random));
  }
  bool is_open(base::Time at) const {
    return at >= at_seconds(model_.open_from_s) && at <= at_seconds(model_.open_until_s);
  }
  /// The end of the gate in a half.
  Point gate(bool left) const {
    return {left ? left_.x_m + left_.width_m : right_.x_m, left_.y_m + model_.gate_m};
  }

  Leg at_gate(Person& person, const Leg& last, base::Random& random) const {
    person.to_gate = false;
    person.goes = last.end + leg_time(draw_between(random, model_.pass_every_min_s,
                                                   model_.pass_every_max_s));
    if (!is_open(last.end)) {
      return roam(person, last.to, last.end, random);
    }
    person.left = !person.left;
    return walk(last.to, gate(person.left), last.end, speed(random));
  }

  Blockade model_;
  Rectangle left_;
  Rectangle right_;
  std::vector<Person> people_;
};

}  // namespace

std::string_view problem_with(const Blockade& model) {
  return first_problem(
      {check_area(model.area),
       {is_length(model.strip_m) && is_length(model.strip_width_m) &&
            model.strip_m + model.strip_width_m < model.area.width_m,
        "strip_m and strip_width_m must be above 0, and leave room for a half on the right"},
       {model.gate_m >= 0 && model.gate_m <= model.area.height_m,
        "gate_m must be from 0 to the area's height_m"},
       {model.left_share >= 0 && model.left_share <= 1, "left_share must be from 0 to 1"},
       {model.pass_every_min_s >= 1 &&
            is_range(model.pass_every_min_s, model.pass_every_max_s, kSecondsMax),
        "pass_every_min_s must be at least 1 and pass_every_max_s not below it"},
       {is_range(model.open_from_s, model.open_until_s, kSecondsMax),
        "open_from_s must be at least 0 and open_until_s not below it"},
       check_speeds(model.speed_min_m_per_s, model.speed_max_m_per_s),
       check_pauses(model.pause_min_s, model.pause_max_s)});
}

std::unique_ptr<Movement> make_movement(const Blockade& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<BlockadeMovement>(model);
}

}  // namespace chaski::sim
