// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/avahi_publisher.hpp"

#include <algorithm>
#include <utility>

#include "transport-lan/discovery.hpp"

namespace chaski::transport_lan {
namespace {

// Avahi's numbers (avahi-common/defs.h).
constexpr std::int32_t kAnyProtocol = -1;
constexpr std::uint32_t kNoReverse = 16;  // no address-to-name record: that one is the machine's
constexpr int kGroupEstablished = 2;
constexpr int kGroupCollision = 3;
constexpr int kGroupFailure = 4;

using Text = std::vector<std::vector<std::uint8_t>>;

std::vector<std::uint8_t> text_entry(const std::string& entry) {
  return {entry.begin(), entry.end()};
}

}  // namespace

std::vector<std::string> addresses_to_publish(const Interface& interface) {
  std::vector<std::string> v4, link_local, other;
  for (const auto& address : interface.addresses) {
    if (address.is_v4()) {
      v4.push_back(address.to_string());
      continue;
    }
    const auto bare = boost::asio::ip::address_v6(address.to_v6().to_bytes());
    (bare.is_link_local() ? link_local : other).push_back(bare.to_string());
  }
  const auto& v6 = link_local.empty() ? other : link_local;
  std::vector<std::string> out(v6.begin(), v6.begin() + (v6.empty() ? 0 : 1));
  for (const auto& address : v4) {
    if (out.size() < kPublishedAddressesMax) out.push_back(address);
  }
  return out;
}

AvahiPublisher::AvahiPublisher(std::shared_ptr<AvahiSession> session, Events events)
    : session_(std::move(session)), events_(std::move(events)) {}

void AvahiPublisher::publish(const Publication& wanted) {
  std::erase_if(groups_, [&](const auto& item) {
    const auto& [interface, group] = item;
    const auto still = wanted.addresses.find(interface);
    const bool same = still != wanted.addresses.end() && group->addresses == still->second &&
                      group->name == wanted.name && group->port == wanted.port;
    if (!same) drop(group);
    return !same;
  });
  problem_.clear();
  for (const auto& [interface, addresses] : wanted.addresses) {
    if (groups_.contains(interface)) continue;
    auto group = std::make_shared<Group>();
    group->name = wanted.name;
    group->port = wanted.port;
    group->addresses = addresses;
    groups_[interface] = group;
    open(interface);
  }
  events_.changed();
}

void AvahiPublisher::withdraw() { publish({}); }

void AvahiPublisher::open(int interface) {
  auto reply = [weak = weak_from_this(), interface, group = groups_.at(interface)](
                   const sdbus::Error* error, const sdbus::ObjectPath& path) {
    auto self = weak.lock();
    if (!self) return;
    if (error != nullptr) return self->failed(*error);
    group->path = path;
    if (group->dropped) return self->session_->free(path, AvahiSession::kGroup);
    self->fill(interface, group);
  };
  session_->call("/", AvahiSession::kServer, "EntryGroupNew", std::move(reply));
}

void AvahiPublisher::fill(int interface, const std::shared_ptr<Group>& group) {
  const std::string host = group->name + ".local";
  const std::uint32_t none = 0;
  for (const auto& address : group->addresses) {
    session_->call(group->path, AvahiSession::kGroup, "AddAddress", checked(), interface,
                   kAnyProtocol, kNoReverse, host, address);
  }
  const Text text = {text_entry("v=1"), text_entry("id=" + group->name)};
  session_->call(group->path, AvahiSession::kGroup, "AddService", checked(), interface,
                 kAnyProtocol, none, group->name, std::string(Discovery::kType), std::string(),
                 host, group->port, text);
  session_->call(group->path, AvahiSession::kGroup, "Commit", checked());
}

std::function<void(const sdbus::Error*)> AvahiPublisher::checked() {
  return [weak = weak_from_this()](const sdbus::Error* error) {
    auto self = weak.lock();
    if (self && error != nullptr) self->failed(*error);
  };
}

void AvahiPublisher::failed(const sdbus::Error& error) {
  if (error.getName() == "org.freedesktop.Avahi.CollisionError") return events_.name_taken();
  problem_ = "avahi-daemon does not publish us: " + error.getMessage();
  events_.changed();
}

void AvahiPublisher::drop(const std::shared_ptr<Group>& group) {
  group->dropped = true;
  if (!group->path.empty()) session_->free(group->path, AvahiSession::kGroup);
}

bool AvahiPublisher::group_state(const std::string& path, int state, const std::string& error) {
  const auto found = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const auto& item) { return item.second->path == path; });
  if (found == groups_.end()) return false;
  found->second->established = state == kGroupEstablished;
  if (state == kGroupCollision) {
    events_.name_taken();
    return true;
  }
  if (state == kGroupFailure) problem_ = "avahi-daemon does not publish us: " + error;
  events_.changed();
  return true;
}

bool AvahiPublisher::published() const {
  return !groups_.empty() && std::all_of(groups_.begin(), groups_.end(), [](const auto& item) {
    return item.second->established;
  });
}

}  // namespace chaski::transport_lan
