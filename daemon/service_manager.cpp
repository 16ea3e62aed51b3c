// SPDX-License-Identifier: Apache-2.0
#include "daemon/service_manager.hpp"

#include <systemd/sd-daemon.h>


namespace chaski::daemon {

ServiceManager::ServiceManager(boost::asio::io_context& io) : timer_(io) {
  std::uint64_t watchdog_us = 0;
  if (::sd_watchdog_enabled(0, &watchdog_us) > 0) {
    interval_ = std::chrono::microseconds(watchdog_us / 3);
  }
}

void ServiceManager::ready(const std::string& status) {
  last_status_ = status;
  ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
  if (interval_.count() > 0) feed();
}

void ServiceManager::status(const std::string& line) {
  if (line == last_status_) return;
  last_status_ = line;
  ::sd_notify(0, ("STATUS=" + line).c_str());
}

void ServiceManager::reloading() {
  ::sd_notify(0, "RELOADING=1");
}

void ServiceManager::reloaded() { ::sd_notify(0, "READY=1"); }

void ServiceManager::stopping() {
  timer_.cancel();
  interval_ = std::chrono::microseconds(0);
  ::sd_notify(0, "STOPPING=1");
}

void ServiceManager::feed() {
  ::sd_notify(0, "WATCHDOG=1");
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && interval_.count() > 0) feed();
  });
}

}  // namespace chaski::daemon
