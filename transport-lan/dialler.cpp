// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/dialler.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace chaski::transport_lan {
namespace {

namespace asio = boost::asio;

/// Lower is tried earlier: link-local IPv6 always works on the same link, whatever else is set up.
int order(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_link_local()) return 0;
  return address.is_v4() ? 1 : 2;
}

}  // namespace

Dialler::Dialler(asio::io_context& io, Events events)
    : io_(io), events_(std::move(events)), timer_(io), jitter_(std::random_device{}()) {}

void Dialler::add(const HostPort& peer) {
  Target target;
  target.id = next_id_++;
  target.configured = peer;
  targets_.emplace(target.id, std::move(target));
}

void Dialler::stop() {
  stopped_ = true;
  timer_.cancel();
  for (auto& [id, target] : targets_) {
    if (target.attempt) target.attempt->cancel();
  }
  targets_.clear();
}

Target* Dialler::by_instance(const InstanceId& instance) {
  for (auto& [id, target] : targets_) {
    if (!target.configured && target.instance == instance) return &target;
  }
  return nullptr;
}

const Target* Dialler::find(std::uint64_t id) const {
  const auto found = targets_.find(id);
  return found == targets_.end() ? nullptr : &found->second;
}

void Dialler::seen(const InstanceId& instance, int interface, const Tcp::endpoint& endpoint) {
  if (stopped_) return;
  Target* target = by_instance(instance);
  if (target == nullptr) {
    if (targets_.size() >= kDiscoveredMax) return;
    const auto id = next_id_++;
    target = &targets_[id];
    target->id = id;
    target->instance = instance;
  }
  target->stale = false;
  const bool v6 = endpoint.address().is_v6();
  auto& list = target->addresses;
  auto same = std::find_if(list.begin(), list.end(), [&](const Target::Address& a) {
    return a.interface == interface && a.endpoint.address().is_v6() == v6;
  });
  if (same != list.end() && same->endpoint == endpoint) return look();
  if (same != list.end()) {
    same->endpoint = endpoint;
  } else if (list.size() < DialAttempt::kAddressesMax) {
    list.push_back({interface, endpoint});
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    const int first = order(a.endpoint.address()), second = order(b.endpoint.address());
    return std::tie(first, a.interface) < std::tie(second, b.interface);
  });
  if (target->failures > 0) {  // it is somewhere else now: no reason to wait
    target->failures = 0;
    target->waiting = false;
  }
  look();
}

void Dialler::lost(const InstanceId& instance, int interface, bool v6) {
  Target* target = by_instance(instance);
  if (target == nullptr) return;
  std::erase_if(target->addresses, [&](const Target::Address& a) {
    return a.interface == interface && a.endpoint.address().is_v6() == v6;
  });
  if (target->addresses.empty()) forget(target->id);
}

void Dialler::forget(std::uint64_t id) {
  const auto found = targets_.find(id);
  if (found == targets_.end()) return;
  if (found->second.attempt) found->second.attempt->cancel();
  targets_.erase(found);
}

void Dialler::discovery_away() {
  for (auto& [id, target] : targets_) {
    if (!target.configured) target.stale = true;
  }
}

void Dialler::discovery_settled() {
  std::vector<std::uint64_t> old;
  for (const auto& [id, target] : targets_) {
    if (target.stale && !target.busy && !events_.reached(target)) old.push_back(id);
  }
  for (const auto id : old) forget(id);
}

void Dialler::look() {
  if (stopped_) return;
  const auto now = Clock::now();
  auto earliest = Clock::time_point::max();
  std::size_t room = kDialsMax - std::min(kDialsMax, dialling());
  for (auto& [id, target] : targets_) {
    if (target.busy) continue;
    if (events_.reached(target)) {
      target.waiting = false;
      continue;
    }
    if (!std::exchange(target.waiting, true)) {
      const bool yields = !target.configured && events_.own() > target.instance;
      target.next_at = now + (yields ? Clock::duration(kYield) : Clock::duration(0));
    }
    if (target.next_at > now) {
      earliest = std::min(earliest, target.next_at);
    } else if (room > 0 && events_.room()) {
      dial(target);
      --room;
    }  // no room: the end of a dial or of a connection looks again
  }
  timer_.cancel();
  if (earliest == Clock::time_point::max()) return;
  timer_.expires_at(earliest);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    auto self = weak.lock();
    if (!error && self) self->look();
  });
}

void Dialler::dial(Target& target) {
  target.busy = true;
  target.waiting = false;
  auto done = [weak = weak_from_this(), id = target.id](std::optional<Tcp::socket> socket) {
    if (auto self = weak.lock()) self->dialled(id, std::move(socket));
  };
  const auto each = target.configured ? kEachConfigured : kEach;
  target.attempt = std::make_shared<DialAttempt>(io_, each, std::move(done));
  if (target.configured) return target.attempt->start(*target.configured);
  std::vector<Tcp::endpoint> endpoints;
  endpoints.reserve(target.addresses.size());
  for (const auto& address : target.addresses) endpoints.push_back(address.endpoint);
  target.attempt->start(std::move(endpoints));
}

void Dialler::dialled(std::uint64_t id, std::optional<Tcp::socket> socket) {
  const auto found = targets_.find(id);
  if (stopped_ || found == targets_.end()) return;
  found->second.attempt.reset();
  if (socket) return events_.connected(std::move(*socket), id);
  ended(id, End::failed);
}

void Dialler::failed(Target& target, Clock::duration at_least) {
  const int doublings = std::min(target.failures, 8);
  ++target.failures;
  const std::chrono::milliseconds wait = std::min(kBackoffMin * (1 << doublings), kBackoffMax);
  const auto quarter = wait / 4;
  std::uniform_int_distribution<std::chrono::milliseconds::rep> chance(-quarter.count(),
                                                                       quarter.count());
  const Clock::duration jittered = wait + std::chrono::milliseconds(chance(jitter_));
  target.next_at = Clock::now() + std::max(at_least, jittered);
  target.waiting = true;
}

void Dialler::ended(std::uint64_t id, End end) {
  const auto found = targets_.find(id);
  if (stopped_ || found == targets_.end()) return;
  Target& target = found->second;
  target.busy = false;
  target.attempt.reset();
  if (end == End::lived) {
    target.failures = 0;
    target.waiting = false;
  } else {
    failed(target, end == End::wrong ? Clock::duration(kWrongPause) : Clock::duration(0));
    const auto instance = target.instance;
    if (target.stale && target.failures > kStaleFailuresMax) {
      forget(id);
    } else if (!target.configured) {
      events_.refresh(instance);
    }
  }
  look();
}

void Dialler::learned(std::uint64_t id, const InstanceId& instance) {
  const auto found = targets_.find(id);
  if (found != targets_.end()) found->second.instance = instance;
}

void Dialler::identified(std::uint64_t id, base::ByteView peer) {
  const auto found = targets_.find(id);
  if (found == targets_.end()) return;
  found->second.peer.assign(peer.begin(), peer.end());
}

void Dialler::redial() {
  for (auto& [id, target] : targets_) {
    if (target.busy) continue;
    target.waiting = false;
    target.failures = 0;
  }
  look();
}

std::size_t Dialler::dialling() const {
  const auto count = std::count_if(targets_.begin(), targets_.end(), [](const auto& item) {
    return item.second.attempt != nullptr;
  });
  return static_cast<std::size_t>(count);
}

std::vector<std::string> Dialler::services() const {
  std::vector<std::string> names;
  for (const auto& [id, target] : targets_) {
    if (!target.configured && !target.stale) names.push_back(to_name(target.instance));
  }
  return names;
}

}  // namespace chaski::transport_lan
