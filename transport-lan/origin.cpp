// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/origin.hpp"

#include "transport-lan/sockets.hpp"

namespace chaski::transport_lan {

std::uint64_t origin_of(const boost::asio::ip::address& address) {
  const boost::asio::ip::address one = limit_key(address);
  if (one.is_loopback() || one.is_unspecified()) return 0;
  if (one.is_v4()) return one.to_v4().to_uint();
  // The half that tells it apart: of a link-local address the host, else the network.
  const auto bytes = one.to_v6().to_bytes();
  const std::size_t first = one.to_v6().is_link_local() ? 8 : 0;
  std::uint64_t origin = 0;
  for (std::size_t i = first; i < first + 8; ++i) origin = origin << 8 | bytes[i];
  return origin;
}

}  // namespace chaski::transport_lan
