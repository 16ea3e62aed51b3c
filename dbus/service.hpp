// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "dbus/bus_probe.hpp"
#include "dbus/sdbus_loop.hpp"

namespace chaski::dbus {

/// The life of the system bus and of one service on it: probe, join, came, went; and again.
///
/// Rules: (1) bus or service may be missing, stop and come back at any time. (2) Nothing blocks: a
/// bus that does not answer is not joined, and tried again after kRetry. (3) After `came` follows
/// `went`, and before another `came`; both are called from the loop, never from within a handler of
/// the connection. After stop() nothing is called.
class Service : public std::enable_shared_from_this<Service> {
 public:
  static constexpr std::chrono::seconds kRetry{2};

  struct Events {
    std::function<void(const std::shared_ptr<SdbusLoop>&)> came;
    std::function<void()> went;
    /// Why the service is not there; empty when it is.
    std::function<void(const std::string& problem)> problem;
  };

  /// `name` is the service's name on the bus, `program` what a person calls it.
  Service(boost::asio::io_context& io, std::string name, std::string program, Events events);
  void start();
  void stop();

 private:
  void probe();
  void join();
  void watch_owner();
  void ask_owner();
  void owner(bool here);
  void lost();
  void retry_later(const std::string& why);

  boost::asio::io_context& io_;
  std::string name_, program_;
  Events events_;
  boost::asio::steady_timer retry_;
  bool stopped_ = true;
  bool here_ = false;
  std::shared_ptr<BusProbe> probe_;
  std::shared_ptr<SdbusLoop> loop_;
  std::unique_ptr<sdbus::IProxy> driver_;
};

}  // namespace chaski::dbus
