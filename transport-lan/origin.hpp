// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>

namespace chaski::transport_lan {

/// What connections from one place have in common, as far as an address tells; 0: nothing.
///
/// One IPv4 address, one link-local IPv6 address, or one /64 of others, of which a single machine
/// may take any (RFC 4291, RFC 8981): limit_key() as a number. Whoever invents neighbours can
/// invent link-local addresses as well, but only beside us. Loopback tells nothing apart: 0.
std::uint64_t origin_of(const boost::asio::ip::address& address);

}  // namespace chaski::transport_lan
