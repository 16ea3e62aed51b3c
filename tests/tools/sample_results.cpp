// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/sample_results.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace chaski::tools {
namespace {

using Json = nlohmann::json;

constexpr double kWidth = 500;
constexpr double kHeight = 300;
constexpr double kDuration = 3600;
constexpr double kSeriesStep = 60;

struct Strategy {
  const char* name;
  double reach;     ///< share of people whom a message reaches
  double speed;     ///< metres a second that it spreads
  double overhead;  ///< bytes on the air for each byte delivered
};
constexpr Strategy kStrategies[] = {{"oracle", .97, .62, 0},        {"chaski", .93, .5, 9.4},
                                    {"direct", .35, .14, 1},        {"epidemic", .94, .55, 212},
                                    {"spray_binary", .8, .3, 8.25}, {"prophet", .77, .34, 64}};

double delay_of(base::Random& random, const Strategy& strategy) {
  const double far = (kWidth + kHeight) / 2 * std::sqrt(random.unit());
  return (20 + far / strategy.speed) * (.4 + random.unit());
}

/// Somebody on an ellipse of their own, now here, now there.
Json frame(const std::vector<double>& phases, double at_s) {
  Json out = Json::array();
  for (const double phase : phases) {
    const double angle = phase * 6.283 + at_s * (.0005 + .002 * std::fmod(phase * 97, 1.0));
    const double wide = .46 * std::fmod(phase * 31, 1.0);
    out.push_back(kWidth * (.5 + wide * std::cos(angle + std::fmod(phase * 7, 1.0) * 3)));
    out.push_back(kHeight * (.5 + .46 * std::fmod(phase * 53, 1.0) * std::sin(angle)));
  }
  return out;
}

Json outcomes_of(base::Random& random, const Strategy& strategy, const Json& messages,
                 std::size_t people) {
  Json out = Json::array();
  for (const Json& message : messages) {
    const double at = message["at_s"].get<double>() + delay_of(random, strategy);
    const bool arrives = random.unit() < strategy.reach && at < kDuration;
    const auto hops = strategy.speed < .2 ? 1 : 1 + random.below(4) + random.below(5);
    out.push_back(
        {{"delivered_s", arrives ? Json(at) : Json()},
         {"hops", arrives ? hops : 0},
         {"carriers", 1 + random.below(1 + static_cast<std::uint64_t>(
                                               strategy.reach * static_cast<double>(people)))}});
  }
  return out;
}

/// The delays of those that arrived, sorted.
std::vector<double> delays_of(const Json& messages, const Json& outcomes) {
  std::vector<double> out;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i]["delivered_s"].is_null()) {
      out.push_back(outcomes[i]["delivered_s"].get<double>() - messages[i]["at_s"].get<double>());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Json series_of(const Json& outcomes, const Strategy& strategy, std::size_t people) {
  Json out = Json::array();
  for (double at = kSeriesStep; at <= kDuration; at += kSeriesStep) {
    const auto arrived = std::count_if(outcomes.begin(), outcomes.end(), [at](const Json& one) {
      return !one["delivered_s"].is_null() && one["delivered_s"].get<double>() <= at;
    });
    const double held = strategy.reach * static_cast<double>(people * outcomes.size());
    const double air = strategy.overhead * 200 * static_cast<double>(outcomes.size());
    out.push_back({{"at_s", at},
                   {"delivered", arrived},
                   {"copies", std::round(held * (1 - std::exp(-at / 1200)))},
                   {"carried_bytes", std::round(200 * held * (1 - std::exp(-at / 1200)))},
                   {"air_bytes", std::round(air * at / kDuration)}});
  }
  return out;
}

Json run_of(base::Random& random, const Strategy& strategy, const Json& messages,
            std::size_t people) {
  const Json outcomes = outcomes_of(random, strategy, messages, people);
  const std::vector<double> delays = delays_of(messages, outcomes);
  const auto at_share = [&delays](double share) {
    const auto last = static_cast<double>(delays.size() - 1);
    return delays.empty() ? Json() : Json(delays[static_cast<std::size_t>(share * last)]);
  };
  const bool oracle = std::string(strategy.name) == "oracle";
  const double delivery = static_cast<double>(delays.size()) / static_cast<double>(messages.size());
  const double energy = 60 + strategy.overhead / 4;
  const auto seconds = static_cast<double>(people) * kDuration;
  return {
      {"strategy", strategy.name},
      {"delivered", delays.size()},
      {"written", messages.size()},
      {"delivery", delivery},
      {"delay_s",
       {{"mean", at_share(.55)},
        {"median", at_share(.5)},
        {"p90", at_share(.9)},
        {"p99", at_share(.99)}}},
      {"to_oracle", {{"delivery", delivery / .97}, {"delay", .62 / strategy.speed}}},
      {"bytes_per_delivered_byte", strategy.overhead},
      {"air_bytes", std::round(strategy.overhead * 200 * static_cast<double>(delays.size()))},
      {"message_bytes", std::round(strategy.overhead * 150 * static_cast<double>(delays.size()))},
      {"transfers", std::round(strategy.overhead * static_cast<double>(delays.size()))},
      {"dropped", random.below(50)},
      {"expired", random.below(90)},
      {"energy_j",
       oracle ? Json() : Json{{"mean", energy}, {"p90", energy * 1.3}, {"max", energy * 1.9}}},
      {"radio", oracle ? Json()
                       : Json{{"scan_s", seconds * .2},
                              {"advertisements", seconds * 3},
                              {"connected_s", seconds * .6},
                              {"bytes", 1'000'000},
                              {"dials", people * 40},
                              {"dials_failed", people * 7},
                              {"links", people * 33}}},
      {"texts",
       {{"written", 90}, {"delivered", 80}, {"delivery", .89}, {"delay_s", {{"median", 30}}}}},
      {"files", {{"written", 10}, {"delivered", 0}, {"delivery", 0}}},
      {"groups",
       {{"written", 9},
        {"reached", .5 + delivery / 2},
        {"half", 8},
        {"whole", 3},
        {"half_median_s", 61},
        {"all_median_s", 400}}},
      {"outcomes", outcomes},
      {"series", oracle ? Json::array() : series_of(outcomes, strategy, people)},
      {"event_hash", "00c0ffee00c0ffee"}};
}

Json spread_of(base::Random& random, const Strategy& strategy, std::size_t index,
               const Json& message, const Json& places) {
  const auto from = message["from"].get<std::size_t>();
  Json seen = Json::array();
  for (std::size_t i = 0; i < places.size() / 2; ++i) {
    const double far =
        std::hypot(places[2 * i].get<double>() - places[2 * from].get<double>(),
                   places[2 * i + 1].get<double>() - places[2 * from + 1].get<double>());
    const double at = message["at_s"].get<double>() +
                      (i == from ? 0 : far / strategy.speed + 200 * random.unit());
    if (at < kDuration && (i == from || random.unit() < strategy.reach)) {
      seen.push_back({i, std::round(at * 10) / 10});
    }
  }
  return {{"strategy", strategy.name}, {"message", index}, {"seen", seen}};
}

}  // namespace

Json sample_results(const SampleSize& size) {
  base::SeededRandom random(1);
  Json messages = Json::array();
  for (std::size_t i = 0; i < size.messages; ++i) {
    const double at = .6 * kDuration * static_cast<double>(i) / static_cast<double>(size.messages);
    messages.push_back({{"name", "m" + std::to_string(i)},
                        {"at_s", std::round(at * 10) / 10},
                        {"from", random.below(size.people)},
                        {"to", random.below(size.people)},
                        {"size_bytes", 20 + random.below(480)},
                        {"lifetime_s", Json()}});
  }
  Json runs = Json::array();
  for (const Strategy& strategy : kStrategies) {
    runs.push_back(run_of(random, strategy, messages, size.people));
  }
  std::vector<double> phases(size.people);
  std::generate(phases.begin(), phases.end(), [&random] { return random.unit(); });
  const double interval = kDuration / static_cast<double>(std::max<std::size_t>(1, size.frames));
  Json frames = Json::array();
  for (std::size_t i = 0; i < size.frames; ++i) {
    frames.push_back(frame(phases, interval * static_cast<double>(i)));
  }
  Json spread = Json::array();
  for (std::size_t i = 0; i < std::min(size.spread, size.messages); ++i) {
    for (const Strategy& strategy : {kStrategies[1], kStrategies[3], kStrategies[4]}) {
      spread.push_back(spread_of(random, strategy, i, messages[i], frame(phases, 0)));
    }
  }
  return {{"format", 1},
          {"scenario",
           {{"name", "sample"},
            {"title", "Five hundred metres of people"},
            {"about", "Made up, for the report to show."},
            {"seed", 1},
            {"nodes", size.people},
            {"duration_s", kDuration},
            {"contacts", size.people * 41},
            {"links", "ble"}}},
          {"messages", messages},
          {"runs", runs},
          {"map", size.frames == 0 ? Json()
                                   : Json{{"width_m", kWidth},
                                          {"height_m", kHeight},
                                          {"interval_s", interval},
                                          {"positions", frames}}},
          {"spread", spread}};
}

}  // namespace chaski::tools
