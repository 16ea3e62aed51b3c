// SPDX-License-Identifier: Apache-2.0
#include "sim/world/node_host.hpp"

#include <algorithm>
#include <variant>

namespace chaski::sim {

NodeHost::NodeHost(const node::NodeConfig& config, std::uint64_t store_bytes_max,
                   std::shared_ptr<node::BodyPool> pool, std::uint64_t seed, base::Time now)
    : config_(config), store_(store_bytes_max, std::move(pool)), random_(seed) {
  start(now);
}

NodeHost::~NodeHost() = default;

void NodeHost::age_by(base::Duration lived) {
  behind_ -= lived;
  wall_offset_s_ += std::chrono::duration_cast<std::chrono::seconds>(lived).count();
}

node::WallTime NodeHost::wall(base::Time now) const {
  const auto passed_us = static_cast<double>(base::to_us(now));
  const auto gained_us = static_cast<std::int64_t>(passed_us * wall_drift_ppm_ / 1e6);
  return {.unix_s = wall_offset_s_ + (base::to_us(now) + gained_us) / 1'000'000};
}

void NodeHost::stop() {
  node_.reset();
  store_.crash();
}

void NodeHost::start(base::Time now) {
  node_ = std::make_unique<node::Node>(config_, store_, random_, local(now));
  node_->set_wall_time(wall(now));
}

bool NodeHost::link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                           std::size_t frame_size_max, base::Time now) {
  return node_->link_opened(link, kind, role, frame_size_max, local(now));
}

void NodeHost::link_closed(base::LinkId link, base::Time now) {
  node_->link_closed(link, local(now));
}

void NodeHost::receive(base::LinkId link, base::MutableByteView frame, base::Time now) {
  node_->set_wall_time(wall(now));
  node_->receive(link, frame, local(now));
}

std::size_t NodeHost::next_frame(base::LinkId link, base::MutableByteView out, base::Time now) {
  return node_->next_frame(link, out, local(now));
}

std::vector<base::LinkId> NodeHost::ready_links() {
  return node_->ready_links();
}

std::vector<base::LinkId> NodeHost::closed_links() {
  std::vector<base::LinkId> out;
  while (const auto event = node_->next_event()) {
    if (const auto* closed = std::get_if<node::LinkClosed>(&*event)) out.push_back(closed->link);
    if (sink_) sink_(*event);
  }
  return out;
}

bool NodeHost::settle(base::Time now) {
  return !node_->dirty() || node_->flush(local(now)).has_value();
}

std::optional<base::Time> NodeHost::next_wakeup() const {
  const auto at = node_->next_wakeup();
  // What is due at no time stays so.
  if (!at || *at == base::Time::max()) return at;
  // A node may say "whenever you like" by a time before everything.
  return std::max(*at, local({})) + behind_;
}

void NodeHost::wake(base::Time now) {
  node_->set_wall_time(wall(now));
  node_->wake(local(now));
}

bool NodeHost::idle() const {
  if (!node_) return true;
  if (node_->dirty() || node_->handshakes() > 0) return false;
  for (const node::NeighbourInfo& neighbour : node_->neighbours())
    if (neighbour.routing.queued > 0 || neighbour.routing.unacknowledged > 0 ||
        !neighbour.routing.synchronised)
      return false;
  return true;
}

}  // namespace chaski::sim
