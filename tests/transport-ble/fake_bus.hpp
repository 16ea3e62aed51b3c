// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include <memory>
#include <string>

namespace chaski::transport_ble {

/// A system bus of this process alone: a real dbus-daemon, under DBUS_SYSTEM_BUS_ADDRESS.
class FakeBus {
 public:
  enum class Policy { kAllow, kDenyBluez };  ///< kDenyBluez: nobody may call org.bluez

  explicit FakeBus(Policy policy = Policy::kAllow);
  ~FakeBus();
  FakeBus(const FakeBus&) = delete;
  FakeBus& operator=(const FakeBus&) = delete;

  void start();
  /// As kill -9 does it; its socket stays.
  void die();
  bool running() const { return pid_ > 0; }
  /// Returns when the bus has passed on all that it had been given before.
  void fence();
  const std::string& address() const { return address_; }

 private:
  struct Unref {
    void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
  };
  std::string folder_, address_;
  pid_t pid_ = 0;
  std::unique_ptr<sd_bus, Unref> own_;  ///< for fence()
};

}  // namespace chaski::transport_ble
