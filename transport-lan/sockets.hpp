// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace chaski::transport_lan {

/// No delay for small frames, little unsent data in the kernel, dead peers noticed.
void set_connection_options(boost::asio::ip::tcp::socket& socket);

/// Closing then resets: no socket of ours lingers in the kernel.
void set_reset_on_close(boost::asio::ip::tcp::socket& socket);

inline bool would_block(const boost::system::error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

/// IPv4 written as IPv6 (::ffff:a.b.c.d) as IPv4; all else unchanged.
boost::asio::ip::address plain(const boost::asio::ip::address& address);

/// The same without an IPv6 scope: for comparing addresses.
boost::asio::ip::address unscoped(const boost::asio::ip::address& address);

/// What counts as one address for limits: IPv4 whole, IPv6 link-local whole, other IPv6 its /64.
boost::asio::ip::address limit_key(const boost::asio::ip::address& address);

struct HostPort {
  std::string host;  ///< a name, an IPv4 address, or an IPv6 address with or without %interface
  std::uint16_t port = 0;
};

/// "host:port" or "[v6%if]:port"; nothing when it is neither or the port is not 1 to 65535.
std::optional<HostPort> parse_host_port(std::string_view text);

}  // namespace chaski::transport_lan
