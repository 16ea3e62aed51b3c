// SPDX-License-Identifier: Apache-2.0
#include "sim/ideal/update_order.hpp"

#include <numeric>

#include "sim/traffic/java_random.hpp"

namespace chaski::sim {

UpdateOrder::UpdateOrder(std::uint32_t nodes, bool shuffles, std::uint16_t seed)
    : shuffles_(shuffles), seed_(seed), places_(nodes), steps_(nodes), cycles_(nodes),
      shuffled_(nodes), next_(nodes) {
  std::iota(places_.begin(), places_.end(), 0u);
  std::iota(cycles_.begin(), cycles_.end(), 0u);
  for (std::uint32_t place = 0; place < nodes; ++place) steps_[place].begin = place;
}

void UpdateOrder::begin(std::int64_t second) {
  for (NodeIndex node = 0; node < places_.size(); ++node) places_[node] = place(node);
  second_ = second;
  looks_ = 0;
  std::iota(shuffled_.begin(), shuffled_.end(), 0u);
  JavaRandom(shuffle_seed(second, seed_)).shuffle(shuffled_);
  // Who was at place shuffled_[i] comes to place i.
  for (std::uint32_t i = 0; i < shuffled_.size(); ++i) {
    next_[shuffled_[i]] = i;
    steps_[i].length = 0;
  }
  std::uint32_t filled = 0;
  for (std::uint32_t first = 0; first < next_.size(); ++first) {
    if (steps_[first].length != 0) continue;
    const std::uint32_t begin = filled;
    std::uint32_t at = first;
    do {
      cycles_[filled++] = at;
      steps_[at].length = 1;
      at = next_[at];
    } while (at != first);
    for (std::uint32_t i = begin; i < filled; ++i) {
      steps_[cycles_[i]] = {begin, i - begin, filled - begin};
    }
  }
}

}  // namespace chaski::sim
