// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/avahi_browser.hpp"

#include <algorithm>
#include <utility>

#include "transport-lan/discovery.hpp"

namespace chaski::transport_lan {
namespace {

// Avahi's numbers (avahi-common/address.h).
constexpr std::int32_t kAnyInterface = -1;
constexpr std::int32_t kAnyProtocol = -1;
constexpr int kIpv6 = 1;
constexpr std::uint32_t kNoFlags = 0;

bool says_version_1(const std::vector<std::vector<std::uint8_t>>& text) {
  return std::any_of(text.begin(), text.end(), [](const auto& entry) {
    return base::equal(entry, base::as_bytes("v=1"));
  });
}

}  // namespace

AvahiBrowser::AvahiBrowser(boost::asio::io_context& io, std::shared_ptr<AvahiSession> session,
                           Events events)
    : io_(io), session_(std::move(session)), events_(std::move(events)) {}

void AvahiBrowser::start() {
  auto started = [weak = weak_from_this()](const sdbus::Error* error) {
    auto self = weak.lock();
    if (!self) return;
    self->browsing_ = error == nullptr;
    if (error != nullptr) self->problem_ = "avahi-daemon does not browse: " + error->getMessage();
    self->events_.changed();
  };
  auto prepared = [weak = weak_from_this(), started](const sdbus::Error* error,
                                                     const sdbus::ObjectPath& path) {
    auto self = weak.lock();
    if (!self) return;
    if (error != nullptr) return started(error);
    self->path_ = path;
    self->session_->call(self->path_, AvahiSession::kBrowser, "Start", started);
  };
  session_->call("/", AvahiSession::kServer2, "ServiceBrowserPrepare", prepared, kAnyInterface,
                 kAnyProtocol, std::string(Discovery::kType), std::string(), kNoFlags);
}

void AvahiBrowser::signal(const std::string& path, const std::string& member,
                          sdbus::Message& message) {
  if (path != path_) return;
  if (member == "AllForNow") return events_.settled();
  if (member == "Failure") {
    browsing_ = false;
    message >> problem_;
    problem_ = "avahi-daemon does not browse: " + problem_;
    return events_.changed();
  }
  if (member != "ItemNew" && member != "ItemRemove") return;
  std::int32_t interface = 0, protocol = 0;
  std::string name, type, domain;
  message >> interface >> protocol >> name >> type >> domain;
  if (member == "ItemNew") {
    added(interface, protocol, name, type, domain);
  } else {
    removed(interface, protocol, name);
  }
}

void AvahiBrowser::added(int interface, int protocol, const std::string& name,
                         const std::string& type, const std::string& domain) {
  const auto instance = instance_from_name(name);
  if (!instance || items_.size() >= kItemsMax) return;
  const Key key{*instance, interface, protocol};
  auto& item = items_[key];
  item.name = name;
  item.type = type;
  item.domain = domain;
  enqueue(key);
}

void AvahiBrowser::removed(int interface, int protocol, const std::string& name) {
  const auto instance = instance_from_name(name);
  if (!instance || items_.erase(Key{*instance, interface, protocol}) == 0) return;
  events_.lost(*instance, interface, protocol == kIpv6);
}

void AvahiBrowser::refresh(const InstanceId& instance) {
  for (auto& [key, item] : items_) {
    if (std::get<InstanceId>(key) == instance) enqueue(key);
  }
}

void AvahiBrowser::interfaces_changed() {
  for (auto& [key, item] : items_) {
    if (!item.resolved) enqueue(key);
  }
}

void AvahiBrowser::enqueue(const Key& key) {
  auto& item = items_.at(key);
  if (!events_.allowed(std::get<1>(key))) return;
  if (std::exchange(item.queued, true)) return;
  item.timer.reset();
  queue_.push_back(key);
  next_lookups();
}

void AvahiBrowser::next_lookups() {
  while (lookups_ < kLookupsMax && !queue_.empty()) {
    const Key key = queue_.front();
    queue_.pop_front();
    const auto item = items_.find(key);
    if (item != items_.end()) look_up(key, item->second);
  }
}

void AvahiBrowser::look_up(const Key& key, const Item& item) {
  ++lookups_;
  auto reply = [weak = weak_from_this(), key](
                   const sdbus::Error* error, std::int32_t, std::int32_t, const std::string&,
                   const std::string&, const std::string&, const std::string&, std::int32_t,
                   const std::string& address, std::uint16_t port,
                   const std::vector<std::vector<std::uint8_t>>& text, std::uint32_t) {
    auto self = weak.lock();
    if (!self) return;
    --self->lookups_;
    const auto at = self->items_.find(key);
    if (at != self->items_.end()) {
      at->second.queued = false;
      if (error == nullptr) {
        self->found(key, address, port, text);
      } else {
        self->repeat(key);
      }
    }
    self->next_lookups();
  };
  const std::int32_t interface = std::get<1>(key), protocol = std::get<2>(key);
  session_->call("/", AvahiSession::kServer, "ResolveService", std::move(reply), interface,
                 protocol, item.name, item.type, item.domain, protocol, kNoFlags);
}

void AvahiBrowser::found(const Key& key, const std::string& address, std::uint16_t port,
                         const std::vector<std::vector<std::uint8_t>>& text) {
  auto& item = items_.at(key);
  item.resolved = true;
  item.again = kAgainMin;
  boost::system::error_code error;
  auto at = boost::asio::ip::make_address(address, error);
  if (error || port == 0 || !says_version_1(text)) return;
  const int interface = std::get<1>(key);
  if (at.is_v6() && at.to_v6().is_link_local()) {
    at = boost::asio::ip::address_v6(at.to_v6().to_bytes(), static_cast<unsigned long>(interface));
  }
  events_.seen(std::get<InstanceId>(key), interface, {at, port});
}

void AvahiBrowser::repeat(const Key& key) {
  auto& item = items_.at(key);
  item.resolved = false;
  events_.lost(std::get<InstanceId>(key), std::get<1>(key), std::get<2>(key) == kIpv6);
  item.timer = std::make_unique<boost::asio::steady_timer>(io_, item.again);
  item.again = std::min(item.again * 2, kAgainMax);
  item.timer->async_wait([weak = weak_from_this(), key](const boost::system::error_code& failed) {
    auto self = weak.lock();
    if (!failed && self && self->items_.contains(key)) self->enqueue(key);
  });
}

}  // namespace chaski::transport_lan
