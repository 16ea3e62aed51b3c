// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/sockets.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

namespace chaski::transport_lan {
namespace {

namespace ip = boost::asio::ip;

constexpr int kUserTimeoutMs = 8'000;      // unacknowledged for so long: dead
constexpr int kKeepIdleS = 15;             // silent for so long: the kernel asks
constexpr int kKeepIntervalS = 5;
constexpr int kKeepCount = 3;
constexpr int kUnsentMax = 256 * 1024;     // more than this unsent: not writable

void set(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

void set_connection_options(ip::tcp::socket& socket) {
  const int fd = socket.native_handle();
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
  set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentMax);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepIdleS);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepIntervalS);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepCount);
}

void set_reset_on_close(ip::tcp::socket& socket) {
  const linger now{1, 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

ip::address plain(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

ip::address unscoped(const ip::address& address) {
  const auto bare = plain(address);
  return bare.is_v6() ? ip::address(ip::address_v6(bare.to_v6().to_bytes())) : bare;
}

ip::address limit_key(const ip::address& address) {
  const auto bare = unscoped(address);
  if (bare.is_v4() || bare.to_v6().is_link_local() || bare.is_loopback()) return bare;
  auto bytes = bare.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return ip::address_v6(bytes);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return std::nullopt;  // IPv6 needs its brackets
  }
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (host.empty() || error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
    return std::nullopt;
  }
  return HostPort{std::string(host), port};
}

}  // namespace chaski::transport_lan
