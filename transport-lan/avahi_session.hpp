// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "dbus/sdbus_loop.hpp"

namespace chaski::transport_lan {

/// One time that avahi-daemon was there: calls to its objects and signals from them.
///
/// Source: Avahi 0.8's D-Bus interfaces (/usr/share/dbus-1/interfaces/org.freedesktop.Avahi.*).
/// Calls are asynchronous; answers that come after the session ended are not delivered.
class AvahiSession : public std::enable_shared_from_this<AvahiSession> {
 public:
  static constexpr const char* kName = "org.freedesktop.Avahi";
  static constexpr const char* kServer = "org.freedesktop.Avahi.Server";
  static constexpr const char* kServer2 = "org.freedesktop.Avahi.Server2";
  static constexpr const char* kGroup = "org.freedesktop.Avahi.EntryGroup";
  static constexpr const char* kBrowser = "org.freedesktop.Avahi.ServiceBrowser";
  static constexpr std::chrono::seconds kTimeout{10};

  explicit AvahiSession(std::shared_ptr<dbus::SdbusLoop> loop) : loop_(std::move(loop)) {}

  /// Calls `method`; `reply(const sdbus::Error*, results...)` comes later.
  template <class Reply, class... Args>
  void call(const std::string& path, const char* interface, const char* method, Reply&& reply,
            const Args&... args) {
    try {
      proxy(path)
          .callMethodAsync(method)
          .onInterface(interface)
          .withTimeout(kTimeout)
          .withArguments(args...)
          .uponReplyInvoke(std::forward<Reply>(reply));
      loop_->update();
    } catch (const sdbus::Error&) {
      loop_->fail();
    }
  }

  /// An object of ours that is not needed any more (Free is for entry groups and browsers).
  void free(const std::string& path, const char* interface);

 private:
  sdbus::IProxy& proxy(const std::string& path);

  std::shared_ptr<dbus::SdbusLoop> loop_;
  std::map<std::string, std::unique_ptr<sdbus::IProxy>> proxies_;
};

}  // namespace chaski::transport_lan
