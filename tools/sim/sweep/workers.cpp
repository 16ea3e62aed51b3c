// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sweep/workers.hpp"

#include <poll.h>

namespace chaski::tools {

void LocalWorkers::start(std::size_t place, std::size_t point) {
  running_[place] = std::make_unique<PointProcess>(plan_, point);
}

std::optional<Workers::Ended> LocalWorkers::wait(std::chrono::milliseconds at_most) {
  std::vector<pollfd> files;
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < running_.size(); ++place) {
    if (!running_[place]) continue;
    files.push_back({running_[place]->file(), POLLIN, 0});
    places.push_back(place);
  }
  if (::poll(files.data(), files.size(), static_cast<int>(at_most.count())) <= 0) return {};
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto& process = running_[places[i]];
    if (files[i].revents == 0 || process->read()) continue;
    const std::unique_ptr<PointProcess> ended = std::move(process);
    return Ended{places[i], ended->outcome()};
  }
  return {};
}

}  // namespace chaski::tools
