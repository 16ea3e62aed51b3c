// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chaski::transport_lan {

/// One network interface that is up, with its addresses.
struct Interface {
  int index = 0;
  std::string name;
  bool loopback = false;
  bool carrier = false;  ///< somebody is at the other end, as far as the driver knows
  std::vector<boost::asio::ip::address> addresses;  ///< IPv6 link-local with its scope

  friend bool operator==(const Interface&, const Interface&) = default;
};

/// The interfaces that are up now and have an address, ordered by index; nothing when the kernel
/// does not say. At most Interfaces::kInterfacesMax of them, each with at most kAddressesMax.
std::optional<std::vector<Interface>> list_interfaces();

/// Knows the interfaces and tells when they change: the kernel says that something did (netlink),
/// then the list is read again and compared.
///
/// Costs nothing while nothing changes. Without netlink it knows what was there at start().
class Interfaces : public std::enable_shared_from_this<Interfaces> {
 public:
  static constexpr std::size_t kInterfacesMax = 256;
  static constexpr std::size_t kAddressesMax = 64;  ///< of one interface
  /// Changes come in bursts: wait so long for the rest.
  static constexpr std::chrono::milliseconds kSettle{50};

  /// `allowed`: names; empty allows all except loopback.
  Interfaces(boost::asio::io_context& io, std::vector<std::string> allowed);
  void start(std::function<void()> changed);
  void stop();

  const std::vector<Interface>& all() const { return now_; }
  /// May neighbours be looked for there?
  bool allowed(const Interface& interface) const;
  bool allowed(int index) const;
  /// May a connection that came to a wildcard address run over the interface that owns `local`?
  bool accepts(const boost::asio::ip::address& local) const;
  /// Is it one of our addresses now? True when the list may be incomplete.
  bool has(const boost::asio::ip::address& local) const;
  /// Its interface is up and has carrier. True for unknown addresses.
  bool carries(const boost::asio::ip::address& local) const;

 private:
  bool complete() const;
  const Interface* owner(const boost::asio::ip::address& local) const;
  void open_netlink();
  void wait();
  void drain();
  void look();

  std::vector<std::string> allowed_;
  boost::asio::posix::stream_descriptor netlink_;
  boost::asio::steady_timer settle_;
  bool settling_ = false;
  std::function<void()> changed_;
  std::vector<Interface> now_;
};

}  // namespace chaski::transport_lan
