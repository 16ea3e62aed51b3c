// SPDX-License-Identifier: Apache-2.0
#include "embedded/relay.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::embedded {

namespace {

/// A store that cannot commit is asked again so often.
constexpr base::Duration kCommitAgain = std::chrono::seconds(1);

}  // namespace

Relay::Relay(const chaski_port& port, const RelayStore& store, const RelaySpace& space,
             const RelayConfig& config)
    : port_(port), store_(store), space_(space), config_(config), random_(port) {
  CHASKI_ASSERT(port.uarts.count <= CHASKI_UARTS_MAX);
  CHASKI_ASSERT(space.lines.size() == space.links.size());
  // Never back: the board's clock began anew, the store remembers how far the node's had come.
  offset_ = std::max(base::Duration{}, store.resume_time - now());
  due_ = now();
}

base::Time Relay::now() const {
  return base::from_us(static_cast<std::int64_t>(port_.time_us(port_.context))) + offset_;
}

/// Once there are random numbers: who we are, and who may be there.
void Relay::begin(base::Time now) {
  key_ = link::NodeKey::generate(random_);
  router_.emplace(config_.limits, store_.envelopes, nullptr, random_, now);
  core_.emplace(RelayCore{port_, random_, *key_, *router_, space_.frame, config_.bytes_per_s});
  const std::size_t count = std::min<std::size_t>(space_.links.size(), port_.uarts.count);
  for (std::size_t i = 0; i < count; ++i) {
    space_.links[i].emplace(*core_, static_cast<std::uint32_t>(i), space_.lines[i], now);
  }
}

void Relay::step() {
  port_.watchdog(port_.context);
  base::Time present = now();
  if (!random_.wake(present)) {
    due_ = random_.next_wakeup();
    return;
  }
  if (!router_) begin(present);
  bool changed = due_ && *due_ <= present;
  for (auto& link : space_.links) {
    if (link && link->read(present)) changed = true;
  }
  if (changed) settle(present);
  present = now();
  for (auto& link : space_.links) {
    if (link) link->write(present);
  }
  due_ = random_.next_wakeup();
  const auto consider = [this](std::optional<base::Time> at) {
    if (at && *at < *due_) due_ = at;
  };
  consider(router_->next_wakeup());
  for (auto& link : space_.links) {
    if (link) consider(link->next_wakeup());
  }
  if (router_->dirty())
    consider(present + (commit_failures_ > 0 ? kCommitAgain : base::Duration{}));
}

/// What came is done with: nothing of it leaves before it is durable.
void Relay::settle(base::Time now) {
  for (auto& link : space_.links) {
    if (link) link->wake(now);
  }
  router_->wake(now);
  while (router_->next_event()) {
  }
  if (store_.commit != nullptr && !store_.commit(store_.context, now)) {
    ++commit_failures_;
    return;
  }
  if (router_->dirty()) router_->committed(now);
}

std::optional<base::Time> Relay::next_wakeup() const {
  return due_;
}

std::uint64_t Relay::next_wakeup_us() const {
  if (!due_) return UINT64_MAX;
  const std::int64_t at = base::to_us(*due_ - offset_);
  return at < 0 ? 0 : static_cast<std::uint64_t>(at);
}

std::size_t Relay::open_links() const {
  return static_cast<std::size_t>(std::count_if(space_.links.begin(), space_.links.end(),
                                                [](auto& link) { return link && link->open(); }));
}

const mesh_router::RouterCounters* Relay::counters() const {
  return router_ ? &router_->counters() : nullptr;
}

const transport_serial::LineCounters* Relay::line_counters(std::size_t link) const {
  return link < space_.links.size() && space_.links[link] ? &space_.links[link]->counters()
                                                          : nullptr;
}

}  // namespace chaski::embedded
