// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "transport-lan/sockets.hpp"

namespace chaski::transport_lan {

/// One try to reach one peer: its addresses in order, each for so long.
///
/// `done` is called once, with a connected socket or without; not after cancel().
class DialAttempt : public std::enable_shared_from_this<DialAttempt> {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Done = std::function<void(std::optional<Tcp::socket>)>;
  static constexpr std::size_t kAddressesMax = 16;

  DialAttempt(boost::asio::io_context& io, std::chrono::milliseconds each, Done done);
  void start(std::vector<Tcp::endpoint> addresses);
  /// A name is looked up first, without blocking; an address is used as it is.
  void start(const HostPort& peer);
  void cancel();

 private:
  void next();
  void finish(std::optional<Tcp::socket> socket);

  boost::asio::io_context& io_;
  std::chrono::milliseconds each_;
  Done done_;
  std::vector<Tcp::endpoint> addresses_;
  std::size_t at_ = 0;
  Tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<Tcp::resolver> resolver_;  ///< only for names: it costs a thread
};

}  // namespace chaski::transport_lan
