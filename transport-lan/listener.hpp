// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace chaski::transport_lan {

/// Listens on every configured address, on one port.
///
/// Rules: (1) an address that cannot be bound is a problem in words with its mend, and is tried
/// again every kRetry and whenever the interfaces change; the others listen meanwhile. (2) "::"
/// takes IPv4 too, and is 0.0.0.0 on a kernel without IPv6. (3) With port 0 the kernel chooses
/// once; the other addresses and later tries use the same. (4) Out of descriptors: nothing is
/// accepted for kPause. (5) At most kAcceptsPerTurn before others get their turn.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  static constexpr std::chrono::seconds kRetry{2};
  static constexpr std::chrono::milliseconds kPause{200};
  static constexpr int kAcceptsPerTurn = 64;

  struct Events {
    /// A connection came; `wildcard`: to "::" or 0.0.0.0, so its interface is to be checked.
    std::function<void(boost::asio::ip::tcp::socket, bool wildcard)> accepted;
    /// problem() or port() changed.
    std::function<void()> changed;
    std::function<void(int level, std::string)> log;
  };

  Listener(boost::asio::io_context& io, std::vector<std::string> addresses, std::uint16_t port,
           Events events);
  void start();
  void stop();
  void try_again();

  bool listening() const;
  std::uint16_t port() const { return port_; }
  const std::string& problem() const { return problem_; }

 private:
  struct Door {
    std::string address;
    bool wildcard = false;
    boost::asio::ip::tcp::acceptor acceptor;
  };

  void bind_all();
  std::string bind(Door& door);
  boost::system::error_code open(Door& door, const boost::asio::ip::address& address);
  void accept(std::size_t door);
  void drain(std::size_t door);
  void pause(std::size_t door);

  boost::asio::io_context& io_;
  std::vector<Door> doors_;
  std::uint16_t port_;
  Events events_;
  boost::asio::steady_timer retry_;
  bool stopped_ = false;
  bool starved_ = false;
  std::string problem_;
};

}  // namespace chaski::transport_lan
