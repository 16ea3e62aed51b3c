// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/interfaces.hpp"

#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "transport-lan/sockets.hpp"

namespace chaski::transport_lan {
namespace {

namespace asio = boost::asio;
using asio::ip::address;
using boost::system::error_code;

std::optional<address> address_of(const sockaddr* from) {
  if (from == nullptr) return std::nullopt;
  if (from->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, from, sizeof in);
    return asio::ip::address_v4(ntohl(in.sin_addr.s_addr));
  }
  if (from->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, from, sizeof in);
    asio::ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return asio::ip::address_v6(bytes, in.sin6_scope_id);
  }
  return std::nullopt;
}

/// The entry of this interface, made when there is none; nothing when the list is full.
Interface* entry(std::vector<Interface>& list, const ifaddrs& info) {
  auto found = std::find_if(list.begin(), list.end(),
                            [&](const Interface& i) { return i.name == info.ifa_name; });
  if (found != list.end()) return &*found;
  if (list.size() >= Interfaces::kInterfacesMax) return nullptr;
  Interface fresh;
  fresh.name = info.ifa_name;
  fresh.index = static_cast<int>(::if_nametoindex(info.ifa_name));
  fresh.loopback = (info.ifa_flags & IFF_LOOPBACK) != 0;
  fresh.carrier = (info.ifa_flags & IFF_RUNNING) != 0;
  return &list.emplace_back(std::move(fresh));
}

}  // namespace

std::optional<std::vector<Interface>> list_interfaces() {
  std::vector<Interface> list;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return std::nullopt;
  for (const ifaddrs* info = first; info != nullptr; info = info->ifa_next) {
    if (info->ifa_name == nullptr || (info->ifa_flags & IFF_UP) == 0) continue;
    const auto found = address_of(info->ifa_addr);
    if (!found) continue;
    Interface* interface = entry(list, *info);
    if (interface != nullptr && interface->addresses.size() < Interfaces::kAddressesMax) {
      interface->addresses.push_back(*found);
    }
  }
  ::freeifaddrs(first);
  for (auto& interface : list) std::sort(interface.addresses.begin(), interface.addresses.end());
  std::sort(list.begin(), list.end(),
            [](const Interface& a, const Interface& b) { return a.index < b.index; });
  return list;
}

Interfaces::Interfaces(asio::io_context& io, std::vector<std::string> allowed)
    : allowed_(std::move(allowed)), netlink_(io), settle_(io) {}

void Interfaces::start(std::function<void()> changed) {
  changed_ = std::move(changed);
  open_netlink();
  now_ = list_interfaces().value_or(std::vector<Interface>());
}

void Interfaces::stop() {
  changed_ = nullptr;
  error_code ignored;
  netlink_.close(ignored);
  settle_.cancel();
}

void Interfaces::open_netlink() {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd < 0) return;
  sockaddr_nl at{};
  at.nl_family = AF_NETLINK;
  at.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  sockaddr generic{};
  static_assert(sizeof at <= sizeof generic);
  std::memcpy(&generic, &at, sizeof at);
  if (::bind(fd, &generic, sizeof at) != 0) {
    ::close(fd);
    return;
  }
  netlink_.assign(fd);
  wait();
}

void Interfaces::wait() {
  netlink_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const error_code& error) {
                        if (!error && self->changed_) self->drain();
                      });
}

void Interfaces::drain() {
  // What the messages say is not needed: they say that the list must be read again. An overrun
  // (ENOBUFS) says the same.
  std::array<char, 8192> ignored;
  constexpr int kMessagesPerTurn = 64;
  for (int i = 0; i < kMessagesPerTurn; ++i) {
    if (::recv(netlink_.native_handle(), ignored.data(), ignored.size(), 0) < 0) break;
  }
  wait();
  if (std::exchange(settling_, true)) return;
  settle_.expires_after(kSettle);
  settle_.async_wait([self = shared_from_this()](const error_code& error) {
    self->settling_ = false;
    if (!error && self->changed_) self->look();
  });
}

void Interfaces::look() {
  auto fresh = list_interfaces();
  if (!fresh || *fresh == now_) return;
  now_ = std::move(*fresh);
  changed_();
}

bool Interfaces::allowed(const Interface& interface) const {
  if (allowed_.empty()) return !interface.loopback;
  return std::find(allowed_.begin(), allowed_.end(), interface.name) != allowed_.end();
}

bool Interfaces::allowed(int index) const {
  return std::any_of(now_.begin(), now_.end(),
                     [&](const Interface& i) { return i.index == index && allowed(i); });
}

const Interface* Interfaces::owner(const address& local) const {
  const auto wanted = unscoped(local);
  const auto scope = local.is_v6() ? local.to_v6().scope_id() : 0;
  for (const auto& interface : now_) {
    if (scope != 0 && scope != static_cast<unsigned long>(interface.index)) continue;
    for (const auto& own : interface.addresses) {
      if (unscoped(own) == wanted) return &interface;
    }
  }
  return nullptr;
}

bool Interfaces::accepts(const address& local) const {
  if (allowed_.empty()) return true;
  const Interface* interface = owner(local);
  return interface != nullptr && allowed(*interface);
}

bool Interfaces::has(const address& local) const {
  return local.is_loopback() || owner(local) != nullptr || !complete();
}

bool Interfaces::complete() const {
  return now_.size() < kInterfacesMax &&
         std::all_of(now_.begin(), now_.end(),
                     [](const Interface& i) { return i.addresses.size() < kAddressesMax; });
}

bool Interfaces::carries(const address& local) const {
  const Interface* interface = owner(local);
  return interface == nullptr || interface->carrier;
}

}  // namespace chaski::transport_lan
