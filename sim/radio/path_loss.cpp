// SPDX-License-Identifier: Apache-2.0
#include "sim/radio/path_loss.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace chaski::sim {
namespace {

/// The finalizer of splitmix64.
std::uint64_t scrambled(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

/// Nearly normal: the sum of eight uniform bytes, by additions alone; two are drawn for each pair
/// in reach at each sample.
double normal(std::uint64_t stream, std::uint64_t number) {
  constexpr std::uint64_t kEven = 0x00FF00FF00FF00FFULL;
  const std::uint64_t bytes = scrambled(stream ^ scrambled(number));
  const std::uint64_t sums = (bytes & kEven) + (bytes >> 8 & kEven);  // four of two bytes each
  const std::uint64_t sum = sums * 0x0001000100010001ULL >> 48;
  // A byte has mean 127.5 and variance (256^2 - 1) / 12.
  constexpr double kDeviation = 209.0215300;
  return (static_cast<double>(sum) - 8 * 127.5) / kDeviation;
}

}  // namespace

double distance_loss_db(const PathLoss& model, double distance_m) {
  return model.loss_1m_db + model.carried_db +
         10 * model.exponent * std::log10(std::max(distance_m, kNearest_m));
}

double bodies_loss_db(const PathLoss& model, double distance_m, double crowd) {
  const double bodies = crowd * model.body_width_m * std::max(distance_m, kNearest_m);
  return std::min(bodies * model.body_db, model.bodies_db_max);
}

double mean_signal_dbm(const PathLoss& model, double distance_m, double crowd) {
  return model.power_dbm - distance_loss_db(model, distance_m) -
         bodies_loss_db(model, distance_m, crowd);
}

double reach_m(const PathLoss& model, double crowd, double shadowing_db) {
  const auto heard = [&](double distance_m) {
    return mean_signal_dbm(model, distance_m, crowd) + shadowing_db >= model.sensitivity_dbm;
  };
  if (!heard(kNearest_m)) return 0;
  const double budget_db =
      model.power_dbm + shadowing_db - model.sensitivity_dbm - model.loss_1m_db - model.carried_db;
  const double alone_m = std::max(kNearest_m, std::pow(10, budget_db / (10 * model.exponent)));
  if (bodies_loss_db(model, alone_m, crowd) == 0) return alone_m;
  // Loss grows with distance: halve what is left until it is less than a rounding.
  double near_m = kNearest_m;
  double far_m = alone_m;
  for (int i = 0; i < 60; ++i) {
    const double middle_m = (near_m + far_m) / 2;
    (heard(middle_m) ? near_m : far_m) = middle_m;
  }
  return near_m;
}

double shadowing_db(const PathLoss& model, std::uint64_t seed, NodeIndex a, NodeIndex b,
                    base::Time at) {
  if (model.shadowing_db == 0) return 0;
  if (a > b) std::swap(a, b);
  const std::uint64_t stream = scrambled(scrambled(seed) ^ (std::uint64_t{a} << 32 | b));
  // Each pair has a clock of its own, or all would change at once.
  const auto every = static_cast<std::uint64_t>(model.shadowing.count());
  const std::uint64_t ticks = static_cast<std::uint64_t>(base::to_us(at)) + stream % every;
  const double share = static_cast<double>(ticks % every) / static_cast<double>(every);
  const double before = normal(stream, ticks / every);
  const double after = normal(stream, ticks / every + 1);
  // In between a mean of the two, of the same variance at any time.
  const double scale = std::sqrt(share * share + (1 - share) * (1 - share));
  const double value = ((1 - share) * before + share * after) / scale;
  return model.shadowing_db * std::clamp(value, -kShadowingCut, kShadowingCut);
}

double bit_error(double margin_db) {
  // .5 exp(-x) is 0.001 at ln 500.
  return .5 * std::exp(-std::log(500.0) * std::pow(10, margin_db / 10));
}

double packet_loss(double margin_db, std::uint32_t bytes) {
  return -std::expm1(8.0 * bytes * std::log1p(-bit_error(margin_db)));
}

double sends_per_packet(double margin_db) {
  const double lost = packet_loss(margin_db, kDataPacketBytes);
  return lost > kStandstillLoss ? 0 : 1 / (1 - lost);
}

}  // namespace chaski::sim
