// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string>

namespace chaski::daemon {

/// Tells systemd how it goes (sd_notify); does nothing when not started by it.
class ServiceManager {
 public:
  explicit ServiceManager(boost::asio::io_context& io);

  /// Ready; from now on the watchdog is fed from the loop, when one is set.
  void ready(const std::string& status);
  void status(const std::string& line);
  void reloading();
  void reloaded();
  void stopping();

 private:
  void feed();

  boost::asio::steady_timer timer_;
  std::chrono::microseconds interval_{0};
  std::string last_status_;
};

}  // namespace chaski::daemon
