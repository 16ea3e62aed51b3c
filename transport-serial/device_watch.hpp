// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace chaski::transport_serial {

/// A device that a pattern names.
struct Device {
  std::string path;          ///< as the pattern has it
  std::uint64_t number = 0;  ///< of the kernel: two names of one device have the same
};

/// Every character device that the patterns (glob(7)) name now, each once, by its first name.
std::vector<Device> find_devices(const std::vector<std::string>& patterns);

/// Says when devices may have come, gone, or changed owners.
///
/// Rules: (1) folders in which a pattern's names can appear are watched with inotify, as far as
/// they exist. (2) It says so every kLookEvery besides: some file systems tell nothing. Changes
/// that come together are one.
class DeviceWatch : public std::enable_shared_from_this<DeviceWatch> {
 public:
  static constexpr std::chrono::seconds kLookEvery{2};
  static constexpr std::chrono::milliseconds kTogether{50};

  DeviceWatch(boost::asio::io_context& io, const std::vector<std::string>& patterns);
  /// `look` is called soon, and from then on.
  void start(std::function<void()> look);
  void stop();
  /// Calls `look` within kTogether.
  void look_soon();

 private:
  void watch_folders();
  void wait_event();
  void arm(std::chrono::milliseconds after);

  std::vector<std::string> folders_;
  boost::asio::posix::stream_descriptor inotify_;
  boost::asio::steady_timer timer_;
  std::function<void()> look_;
  bool soon_ = false;
  bool stopped_ = false;
};

}  // namespace chaski::transport_serial
