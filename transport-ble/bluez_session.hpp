// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "dbus/sdbus_loop.hpp"

namespace chaski::transport_ble {

/// One time that bluetoothd was there: calls to its objects.
///
/// Calls are asynchronous, each with its time-out; `reply(const sdbus::Error*, results...)` comes
/// later, also when the call could not be sent, and not any more when the session has ended.
class BluezSession : public std::enable_shared_from_this<BluezSession> {
 public:
  static constexpr const char* kName = "org.bluez";
  static constexpr std::chrono::seconds kTimeout{10};

  explicit BluezSession(std::shared_ptr<dbus::SdbusLoop> loop) : loop_(std::move(loop)) {}

  template <class... Results, class Reply, class... Args>
  void call(const std::string& path, const char* interface, const char* method,
            std::chrono::seconds timeout, Reply reply, const Args&... args) {
    const auto id = next_call_++;
    auto done = [weak = weak_from_this(), id, reply](const sdbus::Error* error,
                                                     const Results&... results) {
      auto self = weak.lock();
      if (!self) return;
      self->end(id);
      reply(error, results...);
    };
    try {
      auto& proxy = calls_[id] = sdbus::createProxy(loop_->connection(), kName, path);
      proxy->callMethodAsync(method)
          .onInterface(interface)
          .withTimeout(timeout)
          .withArguments(args...)
          .uponReplyInvoke(std::function<void(const sdbus::Error*, const Results&...)>(done));
      loop_->update();
    } catch (const sdbus::Error& error) {
      // A path that is none, or a connection that has just broken, of which the loop hears itself.
      loop_->later([done, error] { done(&error, Results{}...); });
      loop_->update();
    }
  }

  const std::shared_ptr<dbus::SdbusLoop>& loop() const { return loop_; }
  std::size_t calls() const { return calls_.size(); }

 private:
  void end(std::uint64_t id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    // Not within its own answer's handler.
    std::shared_ptr<sdbus::IProxy> old = std::move(found->second);
    calls_.erase(found);
    loop_->later([old] {});
  }

  std::shared_ptr<dbus::SdbusLoop> loop_;
  std::map<std::uint64_t, std::unique_ptr<sdbus::IProxy>> calls_;
  std::uint64_t next_call_ = 1;
};

}  // namespace chaski::transport_ble
