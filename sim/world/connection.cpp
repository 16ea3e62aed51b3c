// SPDX-License-Identifier: Apache-2.0
#include "sim/world/connection.hpp"

#include <algorithm>

namespace chaski::sim {
namespace {

base::Duration air_time(const LinkModel& model, std::uint64_t size, double sends = 1) {
  if (model.bytes_per_s == 0) return {};
  if (sends != 1) size = static_cast<std::uint64_t>(static_cast<double>(size) * sends);
  return std::chrono::microseconds(size * 1'000'000 / model.bytes_per_s);
}

}  // namespace

base::Time Direction::room_at(const LinkModel& model) const {
  return on_air_until_ - air_time(model, kSendBufferMax);
}

std::optional<base::Time> Direction::send(const LinkModel& model, std::size_t size,
                                          base::Random& random, base::Time now, double sends) {
  on_air_until_ = std::max(on_air_until_, now) + air_time(model, size, sends);
  int losses = 0;
  while (model.loss > 0 && losses < kLossesMax && random.unit() < model.loss) ++losses;
  last_sends_ = sends * std::min(losses + 1, kLossesMax);
  if (losses >= kLossesMax) return std::nullopt;
  const base::Time arrival = on_air_until_ + model.delay + losses * model.resend_after;
  last_arrival_ = std::max(last_arrival_, arrival);
  return last_arrival_;
}

}  // namespace chaski::sim
