// SPDX-License-Identifier: Apache-2.0
#include "lane_world.hpp"

#include <algorithm>

namespace chaski::transport_ble {

void LaneWorld::transmit(std::size_t from, base::ByteView packet) {
  ++ends[from].packets;
  auto at = now_;
  if (air.bytes_per_s > 0) {
    const auto bytes = static_cast<std::int64_t>(packet.size());
    at = std::max(now_, free_at_[from]) +
         base::Duration(bytes * 1'000'000 / static_cast<std::int64_t>(air.bytes_per_s));
    free_at_[from] = at;
  }
  const int copies = random.unit() < air.doubling ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (random.unit() < air.loss) continue;
    const auto late =
        air.jitter.count() == 0 ? 0 : random.below(static_cast<std::uint64_t>(air.jitter.count()));
    flying_.emplace(at + air.delay + base::Duration(late),
                    std::pair(1 - from, base::Bytes(packet.begin(), packet.end())));
  }
}

void LaneWorld::turn(std::size_t number) {
  auto& end = ends[number];
  while (auto frame = end.lane.next_frame()) {
    end.got.push_back(std::move(*frame));
    end.got_at.push_back(now_);
  }
  base::Bytes out(end.lane.packet_size_max());
  for (bool more = true; more;) {
    more = false;
    if (end.lane.room() && end.next) {
      const auto frame = end.next();
      if (!frame.empty()) {
        end.lane.send(frame);
        end.sent.push_back(frame);
        end.sent_at.push_back(now_);
      }
    }
    while (const auto size = end.lane.next_packet(out, now_)) {
      transmit(number, base::ByteView(out).first(size));
      more = true;
    }
  }
}

void LaneWorld::arrive(std::size_t end, base::Bytes value) {
  ends[end].lane.receive(value, now_);
  turn(end);
}

void LaneWorld::run(base::Time until) {
  turn(0);
  turn(1);
  for (;;) {
    auto next = until;
    if (!flying_.empty()) next = std::min(next, flying_.begin()->first);
    for (auto& end : ends) {
      if (const auto at = end.lane.next_wakeup()) next = std::min(next, *at);
    }
    if (next >= until) break;
    now_ = std::max(now_, next);
    while (!flying_.empty() && flying_.begin()->first <= now_) {
      auto [end, value] = std::move(flying_.begin()->second);
      flying_.erase(flying_.begin());
      arrive(end, std::move(value));
    }
    turn(0);
    turn(1);
  }
  now_ = until;
}

std::string LaneWorld::compare() const {
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& sent = ends[1 - i].sent;
    const auto& got = ends[i].got;
    if (got.size() > sent.size()) return "more frames arrived than were sent";
    for (std::size_t n = 0; n < got.size(); ++n) {
      if (got[n] != sent[n]) return "frame " + std::to_string(n) + " is another";
    }
  }
  return "";
}

}  // namespace chaski::transport_ble
