// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "transport-lan/avahi_session.hpp"
#include "transport-lan/instance_id.hpp"

namespace chaski::transport_lan {

/// Sees instances of the service come and go, and looks up where they are.
///
/// Rules: (1) at most kItemsMax are known, the rest is ignored. (2) kLookupsMax look-ups at a time.
/// (3) One that fails makes the address unknown and is repeated after kAgainMin, doubling to
/// kAgainMax, while the instance is there. (4) A name that is not 16 hexadecimal characters, or a
/// TXT record without v=1, is not ours.
class AvahiBrowser : public std::enable_shared_from_this<AvahiBrowser> {
 public:
  static constexpr std::size_t kItemsMax = 512;
  static constexpr std::size_t kLookupsMax = 16;
  static constexpr std::chrono::seconds kAgainMin{2};
  static constexpr std::chrono::seconds kAgainMax{8};

  using Tcp = boost::asio::ip::tcp;

  struct Events {
    std::function<void()> changed;  ///< browsing() or problem() may be different
    std::function<bool(int interface)> allowed;
    std::function<void(const InstanceId&, int interface, const Tcp::endpoint&)> seen;
    std::function<void(const InstanceId&, int interface, bool v6)> lost;
    std::function<void()> settled;
  };

  AvahiBrowser(boost::asio::io_context& io, std::shared_ptr<AvahiSession> session, Events events);
  void start();
  /// A signal from a browser; handled when it is ours.
  void signal(const std::string& path, const std::string& member, sdbus::Message& message);
  void refresh(const InstanceId& instance);
  /// Interfaces changed: what was not allowed before may be now.
  void interfaces_changed();

  bool browsing() const { return browsing_; }
  const std::string& problem() const { return problem_; }

 private:
  using Key = std::tuple<InstanceId, int, int>;  // instance, interface, protocol
  struct Item {
    std::string name, type, domain;
    bool resolved = false, queued = false;
    std::chrono::seconds again = kAgainMin;
    std::unique_ptr<boost::asio::steady_timer> timer;
  };

  void added(int interface, int protocol, const std::string& name, const std::string& type,
             const std::string& domain);
  void removed(int interface, int protocol, const std::string& name);
  void enqueue(const Key& key);
  void next_lookups();
  void look_up(const Key& key, const Item& item);
  void found(const Key& key, const std::string& address, std::uint16_t port,
             const std::vector<std::vector<std::uint8_t>>& text);
  void repeat(const Key& key);

  boost::asio::io_context& io_;
  std::shared_ptr<AvahiSession> session_;
  Events events_;
  std::string path_;
  bool browsing_ = false;
  std::string problem_;
  std::map<Key, Item> items_;
  std::deque<Key> queue_;
  std::size_t lookups_ = 0;
};

}  // namespace chaski::transport_lan
