// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/trace_playback.hpp"

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"

namespace chaski::sim {

namespace {

class PlaybackMovement final : public Movement {
 public:
  explicit PlaybackMovement(const TracePlayback& model)
      : trace_(model.trace), shift_{model.shift_x_m, model.shift_y_m} {}

  Rectangle bounds() const override {
    Rectangle all = extent(*trace_);
    all.x_m += shift_.x;
    all.y_m += shift_.y;
    return all;
  }
  Leg first(std::uint32_t member, base::Random&) override {
    CHASKI_ASSERT(member < trace_->nodes);
    return from_sample(member, 0);
  }
  Leg next(std::uint32_t member, const Leg& last, base::Random&) override {
    return from_sample(member, static_cast<std::size_t>(last.end.time_since_epoch() /
                                                        trace_->interval));
  }

 private:
  Point place(std::uint32_t member, std::size_t sample) const {
    const Position& at = trace_->at(sample, member);
    return Point{at.x_m, at.y_m} + shift_;
  }
  base::Time time(std::size_t sample) const {
    return base::Time{} + trace_->interval * static_cast<std::int64_t>(sample);
  }
  /// Who stands has one leg until it moves, however many samples say so.
  Leg from_sample(std::uint32_t member, std::size_t sample) const {
    const Point from = place(member, sample);
    std::size_t to = sample + 1;
    if (to >= trace_->samples()) return stand_for_ever(from, time(sample));
    if (place(member, to) != from) return {from, place(member, to), time(sample), time(to)};
    while (to + 1 < trace_->samples() && place(member, to + 1) == from) ++to;
    return {from, from, time(sample), time(to)};
  }

  std::shared_ptr<const PositionTrace> trace_;
  Point shift_;
};

/// As fast as a model may be: what is faster is an error of measurement.
bool too_fast(const PositionTrace& trace) {
  const double limit_m = to_seconds(trace.interval) * kSpeedMax_m_per_s / 4;
  for (std::size_t i = trace.nodes; i < trace.positions.size(); ++i) {
    const Position& from = trace.positions[i - trace.nodes];
    const Position& to = trace.positions[i];
    if (distance_m({from.x_m, from.y_m}, {to.x_m, to.y_m}) > limit_m) return true;
  }
  return false;
}

}  // namespace

Rectangle extent(const PositionTrace& trace) {
  if (trace.positions.empty()) return {};
  Rectangle all{trace.positions[0].x_m, trace.positions[0].y_m, 0, 0};
  for (const Position& at : trace.positions) all = around(all, {at.x_m, at.y_m});
  return all;
}

TracePlayback at_origin(std::shared_ptr<const PositionTrace> trace, double margin_m) {
  const Rectangle all = extent(*trace);
  return {.trace = std::move(trace), .shift_x_m = margin_m - all.x_m,
          .shift_y_m = margin_m - all.y_m};
}

std::string_view problem_with(const TracePlayback& model) {
  if (!model.trace || model.trace->samples() == 0) return "trace: it has no samples";
  const Rectangle all = extent(*model.trace);
  return first_problem(
      {{model.trace->interval > base::Duration{}, "trace: its interval must be above 0"},
       {all.x_m + model.shift_x_m >= -1e-7 && all.y_m + model.shift_y_m >= -1e-7,
        "shift_x_m, shift_y_m: the trace must not come below 0"},
       {!too_fast(*model.trace), "trace: somebody is faster than 500 m/s"}});
}

std::unique_ptr<Movement> make_movement(const TracePlayback& model) {
  CHASKI_ASSERT(problem_with(model).empty());
  return std::make_unique<PlaybackMovement>(model);
}

}  // namespace chaski::sim
