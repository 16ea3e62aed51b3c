// SPDX-License-Identifier: Apache-2.0
#include "sim/routers/regimes.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/assert.hpp"
#include "mesh-router/regime_policy.hpp"
#include "mesh-router/spray_policy.hpp"
#include "sim/world/frame_hash.hpp"
#include "sim/routers/patient_spray.hpp"

namespace chaski::sim {

namespace {

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double standard_error(const std::vector<double>& values) {
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  const auto count = static_cast<double>(values.size());
  return std::sqrt(squares / (count * (count - 1)));
}

double quantile(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(
      std::lround(share * static_cast<double>(values.size() - 1)))];
}

double seconds(base::Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

std::unique_ptr<mesh_router::ForwardingPolicy> make_patient_spray(base::Random&, void* user) {
  return std::make_unique<PatientSpray>(*static_cast<const std::uint16_t*>(user));
}

/// What every message of all worlds became.
struct SparseSamples {
  std::vector<double> world_delays;
  std::vector<double> copies;
  std::vector<double> transmissions;
  std::vector<double> transmissions_in_all;
  std::vector<double> carriers_in_all;
  double bytes = 0;

  void add(const RouterWorld& world, double meetings_per_pair_and_s) {
    std::vector<double> delays;
    for (const WorldMessage& message : world.messages()) {
      delays.push_back(seconds(*message.delivered - message.sent) * meetings_per_pair_and_s);
      copies.push_back(message.carriers_then);
      transmissions.push_back(message.transmissions_then);
      transmissions_in_all.push_back(message.transmissions);
      carriers_in_all.push_back(message.carriers);
    }
    world_delays.push_back(mean(delays));
    bytes += static_cast<double>(world.traffic().frame_bytes);
  }
};

void send_all(RouterWorld& world, std::uint32_t count) {
  const auto nodes = static_cast<std::uint64_t>(world.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t from = world.random().below(nodes);
    const std::uint64_t to = (from + 1 + world.random().below(nodes - 1)) % nodes;
    world.send(static_cast<NodeIndex>(from), static_cast<NodeIndex>(to), {});
  }
}

}  // namespace

std::optional<StrategyChoice> StrategyChoice::named(const std::string& name) {
  StrategyChoice choice;
  const std::string kind = name.substr(0, name.find('-'));
  if (name == "direct") {
    choice.maker_ = make_direct;
  } else if (name == "epidemic") {
    choice.maker_ = mesh_router::make_epidemic;
  } else if (name == "prophet") {
    choice.maker_ = make_prophet;
  } else if (name == "default") {
    choice.maker_ = mesh_router::make_regimes;
  } else if (name.size() > kind.size() && (kind == "spray" || kind == "patient")) {
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kind.size() + 1, end, choice.copies_);
    if (parsed.ec != std::errc{} || parsed.ptr != end || choice.copies_ == 0) return std::nullopt;
    choice.maker_ = kind == "spray" ? mesh_router::make_spray : make_patient_spray;
  } else {
    return std::nullopt;
  }
  return choice;
}

void StrategyChoice::apply(RouterWorldConfig& config, base::Duration typical) {
  config.limits.make_policy = maker_;
  config.limits.policy_user = copies_ != 0 ? static_cast<void*>(&copies_) : &destinations_;
  if (maker_ != make_prophet) return;
  prophet_ = {&destinations_, {}};
  config.limits.policy_user = &prophet_node_;
  config.prepare = [this, typical](NodeIndex index, mesh_router::RouterLimits&) {
    prophet_.nodes.emplace_back(typical);
    prophet_node_ = {&prophet_, index};
  };
}

void StrategyChoice::set_world(const RouterWorld& world) {
  destinations_.of = [&world](const wire::EnvelopeId& id)
      -> std::optional<mesh_router::NeighbourId> {
    const auto to = world.recipient_of(id);
    if (!to) return std::nullopt;
    return RouterWorld::name_of(*to);
  };
}

SparseResult run_sparse(const SparseExperiment& experiment) {
  auto strategy = StrategyChoice::named(experiment.strategy);
  CHASKI_ASSERT(strategy.has_value());
  SparseSamples samples;
  SparseResult result;
  for (std::uint32_t i = 0; i < experiment.worlds; ++i) {
    RouterWorldConfig config;
    config.seed = experiment.seed * 1'000'003 + i;
    config.receipts = experiment.receipts;
    const double typical_us = 1e6 / experiment.meetings_per_pair_and_s;
    strategy->apply(config, base::Duration(std::llround(typical_us)));
    RouterWorld world(config);
    strategy->set_world(world);
    for (std::uint32_t node = 0; node < experiment.nodes; ++node) world.add_node();
    world.meet_at_random(experiment.meetings_per_pair_and_s);
    world.run_for(base::Duration(std::llround(typical_us * experiment.warm_up)));
    world.reset_traffic();
    send_all(world, experiment.messages_per_world);
    const bool all = world.run_until_delivered(base::Duration(std::llround(30 * typical_us)));
    CHASKI_ASSERT(all);
    samples.add(world, experiment.meetings_per_pair_and_s);
    result.event_hash = mix(result.event_hash, world.event_hash());
  }
  result.delay = mean(samples.world_delays);
  result.delay_error = standard_error(samples.world_delays);
  result.copies_median = quantile(samples.copies, 0.5);
  result.copies_mean = mean(samples.copies);
  result.copies_p90 = quantile(samples.copies, 0.9);
  result.transmissions_median = quantile(samples.transmissions, 0.5);
  result.transmissions_mean = mean(samples.transmissions);
  result.transmissions_in_all = mean(samples.transmissions_in_all);
  result.carriers_in_all = mean(samples.carriers_in_all);
  result.bytes_per_message =
      samples.bytes / (static_cast<double>(experiment.worlds) * experiment.messages_per_world);
  return result;
}

}  // namespace chaski::sim
